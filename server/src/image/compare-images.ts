import { MOST_DIFFERENCES } from '../audit/image-difference.ts';
import type { ImageDifference } from '../audit/record.ts';
import type { ElfSummary, ImageEntry, ImageSummary } from './image-summary.ts';

/** What differs between two builds of the same thing and therefore says nothing of the packages that were visible. */
export type Unstable = ReadonlySet<string>;

const NOTHING: Unstable = new Set();

type Aspect = ImageDifference['aspect'];

/** The weightiest first. */
const ASPECTS: readonly Aspect[] = [
  'file',
  'linked-library',
  'interpreter',
  'symbol',
  'content',
  'mode',
  'link-target',
];

/** Of a file that gains or loses more symbols, these stand for all. */
const MOST_SYMBOLS = 4;

/** Of a folder that only one image has, so few files are named one by one. */
const FEW_FILES = 4;

/**
 * What is different in an image when more is visible.
 *
 * @param unstable see {@link findUnstableFiles}; absent: no two builds of the same were compared
 * @returns the weightiest first: files, linked libraries, interpreters, symbols, then content, permissions and targets of links, and of each
 *   programs before libraries before anything else; at most `MOST_DIFFERENCES`. A folder stands for its files where only one image has it
 *   and there are many. Empty: the same image.
 */
export function compareImages(
  without: ImageSummary,
  withIt: ImageSummary,
  unstable: Unstable = NOTHING,
): ImageDifference[] {
  const differences = [...compareFiles(without, withIt), ...compareEntries(without, withIt)];
  return differences
    .filter((one) => !unstable.has(keyOf(one)))
    .sort((a, b) => weigh(a) - weigh(b) || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
    .slice(0, MOST_DIFFERENCES);
}

/** What differs between the images of two builds of the same text in the same view. */
export function findUnstableFiles(first: ImageSummary, second: ImageSummary): Unstable {
  const files = [...listMissing(first, second), ...listMissing(second, first)].map((path) => ({
    aspect: 'file' as const,
    path,
  }));
  return new Set([...files, ...compareEntries(first, second)].map(keyOf));
}

/** Names that are there or not by chance are other ones each time, so all names of their folder are in doubt. */
function keyOf({ aspect, path }: { readonly aspect: Aspect; readonly path: string }): string {
  return aspect === 'file' ? `${aspect} ${parentOf(path)}` : `${aspect} ${path}`;
}

const parentOf = (path: string) => path.slice(0, path.lastIndexOf('/'));

function weigh({ aspect, path }: ImageDifference): number {
  const place = /\/(?:s?bin|libexec)\//.test(path)
    ? 0
    : /\.so(?:\.|$)/.test(path)
      ? 1
      : /^\/usr\/share\/(?:doc|man|info|gtk-doc)(?:\/|$)/.test(path)
        ? 3
        : 2;
  return ASPECTS.indexOf(aspect) * 4 + place;
}

/** The paths of one image that the other does not have. */
function listMissing(here: ImageSummary, there: ImageSummary): string[] {
  return [...here.entries.keys()].filter((path) => !there.entries.has(path));
}

function compareFiles(without: ImageSummary, withIt: ImageSummary): ImageDifference[] {
  const tell = (paths: readonly string[], change: 'added' | 'removed') =>
    paths.map((path): ImageDifference => ({ aspect: 'file', change, path }));
  return [
    ...tell(summarise(withIt, listMissing(withIt, without)), 'added'),
    ...tell(summarise(without, listMissing(without, withIt)), 'removed'),
  ];
}

/** The files among some paths, or the topmost folder among them in place of many files. */
function summarise(image: ImageSummary, paths: readonly string[]): string[] {
  const isFolder = (path: string) => image.entries.get(path)?.type === 'folder';
  const all = new Set(paths);
  const contents = new Map<string, string[]>();
  for (const path of paths) {
    let top = path;
    while (all.has(parentOf(top))) top = parentOf(top);
    const known = contents.get(top) ?? [];
    if (!isFolder(path)) known.push(path);
    contents.set(top, known);
  }
  return [...contents].flatMap(([top, files]) =>
    files.length === 0 || files.length > FEW_FILES ? [top] : files,
  );
}

/** What is different of the paths that both images have. */
function compareEntries(without: ImageSummary, withIt: ImageSummary): ImageDifference[] {
  const differences: ImageDifference[] = [];
  for (const [path, after] of withIt.entries) {
    const before = without.entries.get(path);
    if (before === undefined) continue;
    if (before.type !== after.type) differences.push({ aspect: 'file', change: 'changed', path });
    else differences.push(...compareEntry(path, before, after));
  }
  return differences;
}

function compareEntry(path: string, before: ImageEntry, after: ImageEntry): ImageDifference[] {
  const differences: ImageDifference[] = [];
  if (before.elf !== undefined && after.elf !== undefined)
    differences.push(...compareElf(path, before.elf, after.elf));
  // What an ELF file links and defines is what its content means.
  if (before.content !== after.content && differences.length === 0)
    differences.push({ aspect: 'content', change: 'changed', path });
  if (before.mode !== after.mode) differences.push({ aspect: 'mode', change: 'changed', path });
  if (before.target !== after.target)
    differences.push({ aspect: 'link-target', change: 'changed', path, name: after.target ?? '' });
  return differences;
}

function compareElf(path: string, before: ElfSummary, after: ElfSummary): ImageDifference[] {
  const differences: ImageDifference[] = [];
  const compareNames = (
    aspect: Aspect,
    names: Pick<ImageDifference, 'imported'>,
    [old, now]: readonly [readonly string[], readonly string[]],
  ) => {
    differences.push(
      ...listOnly(now, old).map(
        (name): ImageDifference => ({ aspect, change: 'added', path, name, ...names }),
      ),
      ...listOnly(old, now).map(
        (name): ImageDifference => ({ aspect, change: 'removed', path, name, ...names }),
      ),
    );
  };
  compareNames('linked-library', {}, [before.needed, after.needed]);
  // Which symbols a library is linked for adds nothing to its name.
  const linksOther = differences.length > 0;
  if (before.interpreter !== after.interpreter) {
    const [change, name] =
      after.interpreter === undefined
        ? (['removed', before.interpreter ?? ''] as const)
        : (['changed', after.interpreter] as const);
    differences.push({ aspect: 'interpreter', change, path, name });
  }
  // A program defines copies of a library's data, and is asked for nothing.
  if (after.interpreter === undefined) compareNames('symbol', {}, [before.defined, after.defined]);
  if (!linksOther) compareNames('symbol', { imported: true }, [before.imported, after.imported]);
  const symbols = differences.filter(({ aspect }) => aspect === 'symbol');
  return [...differences.filter(({ aspect }) => aspect !== 'symbol'), ...symbols.slice(0, MOST_SYMBOLS)];
}

function listOnly(here: readonly string[], there: readonly string[]): string[] {
  const known = new Set(there);
  return here.filter((name) => !known.has(name)).sort();
}
