import { MOST_DIFFERENCES } from '../audit/image-difference.ts';
import type { ImageDifference } from '../audit/record.ts';
import type { ElfSummary, ImageEntry, ImageSummary } from './image-summary.ts';

/** Keys of the differences between two builds of the same thing, which show nothing about the visible packages. */
export type Unstable = ReadonlySet<string>;

const NOTHING: Unstable = new Set();

type Aspect = ImageDifference['aspect'];

/** The most important first. */
const ASPECTS: readonly Aspect[] = [
  'file',
  'linked-library',
  'interpreter',
  'symbol',
  'content',
  'mode',
  'link-target',
];

/** Symbols that stand for all symbols that a file gains or loses. */
const MOST_SYMBOLS = 4;

/** Limit in files up to which the files of a folder that only one image has are named one by one. */
const FEW_FILES = 4;

/**
 * Lists the differences of an image from that of a build with less visible.
 *
 * @param unstable see {@link findUnstableFiles}; absent if there is no control build
 * @returns at most `MOST_DIFFERENCES` in the order of `ASPECTS`, and within each programs before libraries before other files; none for
 *   the same image. A folder that only one image has, with many files, stands for its files
 */
export function compareImages(
  without: ImageSummary,
  withIt: ImageSummary,
  unstable: Unstable = NOTHING,
): ImageDifference[] {
  const differences = [...compareFiles(without, withIt), ...compareEntries(without, withIt)];
  return differences
    .filter((difference) => !unstable.has(keyOf(difference)))
    .sort(
      (left, right) =>
        weigh(left) - weigh(right) || (left.path < right.path ? -1 : left.path > right.path ? 1 : 0),
    )
    .slice(0, MOST_DIFFERENCES);
}

/** Lists the paths whose contents are not the same byte for byte, and of which one image cannot say more than the size. */
export function listUncompared(without: ImageSummary, withIt: ImageSummary): string[] {
  return [...withIt.entries].flatMap(([path, after]) => {
    const before = without.entries.get(path);
    if (before === undefined || before.type !== after.type) return [];
    if ((before.unread ?? after.unread) === true) return [path];
    if (after.type !== 'file' || haveSameBytes(before, after)) return [];
    const isKnown = [without, withIt].every((image) => image.describe(path).content !== undefined);
    return isKnown ? [] : [path];
  });
}

function haveSameBytes(before: ImageEntry, after: ImageEntry): boolean {
  return before.bytes !== undefined && before.bytes === after.bytes;
}

/** Finds the differences between the images of two builds of the same text in the same view. */
export function findUnstableFiles(first: ImageSummary, second: ImageSummary): Unstable {
  const files = [...listMissing(first, second), ...listMissing(second, first)].map((path) => ({
    aspect: 'file' as const,
    path,
  }));
  return new Set([...files, ...compareEntries(first, second)].map(keyOf));
}

/** Random file names differ in each build, so one of them makes all names of its folder unstable. */
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

/** Lists the paths that one image has and the other does not. */
function listMissing(here: ImageSummary, there: ImageSummary): string[] {
  return [...here.entries.keys()].filter((path) => !there.entries.has(path));
}

function compareFiles(without: ImageSummary, withIt: ImageSummary): ImageDifference[] {
  const describe = (paths: readonly string[], change: 'added' | 'removed') =>
    paths.map((path): ImageDifference => ({ aspect: 'file', change, path }));
  return [
    ...describe(summarise(withIt, listMissing(withIt, without)), 'added'),
    ...describe(summarise(without, listMissing(without, withIt)), 'removed'),
  ];
}

/** Lists the files among some paths, or the topmost folder in place of many files. */
function summarise(image: ImageSummary, paths: readonly string[]): string[] {
  const isFolder = (path: string) => image.entries.get(path)?.type === 'folder';
  const given = new Set(paths);
  const contents = new Map<string, string[]>();
  for (const path of paths) {
    let top = path;
    while (given.has(parentOf(top))) top = parentOf(top);
    const known = contents.get(top) ?? [];
    if (!isFolder(path)) known.push(path);
    contents.set(top, known);
  }
  return [...contents].flatMap(([top, files]) =>
    files.length === 0 || files.length > FEW_FILES ? [top] : files,
  );
}

/** Lists the differences of the paths that both images have. */
function compareEntries(without: ImageSummary, withIt: ImageSummary): ImageDifference[] {
  const differences: ImageDifference[] = [];
  for (const [path, after] of withIt.entries) {
    const before = without.entries.get(path);
    if (before === undefined) continue;
    if (before.type !== after.type) differences.push({ aspect: 'file', change: 'changed', path });
    else {
      if (after.type === 'file' && !haveSameBytes(before, after))
        differences.push(...compareContents(path, [before, without], [after, withIt]));
      differences.push(...compareEntry(path, before, after));
    }
  }
  return differences;
}

function compareContents(
  path: string,
  [before, without]: readonly [ImageEntry, ImageSummary],
  [after, withIt]: readonly [ImageEntry, ImageSummary],
): ImageDifference[] {
  const [old, now] = [without.describe(path), withIt.describe(path)];
  const ofElf = old.elf !== undefined && now.elf !== undefined ? compareElf(path, old.elf, now.elf) : [];
  // The libraries and symbols of an ELF file say more than that its content differs.
  if (ofElf.length > 0) return ofElf;
  const isKnown = old.content !== undefined && now.content !== undefined;
  const differs = isKnown ? old.content !== now.content : before.size !== after.size;
  return differs ? [{ aspect: 'content', change: 'changed', path }] : [];
}

function compareEntry(path: string, before: ImageEntry, after: ImageEntry): ImageDifference[] {
  const differences: ImageDifference[] = [];
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
  // If another library is linked, the symbols from it add nothing to its name.
  const linksOther = differences.length > 0;
  if (before.interpreter !== after.interpreter) {
    const [change, name] =
      after.interpreter === undefined
        ? (['removed', before.interpreter ?? ''] as const)
        : (['changed', after.interpreter] as const);
    differences.push({ aspect: 'interpreter', change, path, name });
  }
  // A program only defines copies of a library's data, which nothing else links.
  if (after.interpreter === undefined) compareNames('symbol', {}, [before.defined, after.defined]);
  if (!linksOther) compareNames('symbol', { imported: true }, [before.imported, after.imported]);
  const symbols = differences.filter(({ aspect }) => aspect === 'symbol');
  return [...differences.filter(({ aspect }) => aspect !== 'symbol'), ...symbols.slice(0, MOST_SYMBOLS)];
}

function listOnly(here: readonly string[], there: readonly string[]): string[] {
  const known = new Set(there);
  return here.filter((name) => !known.has(name)).sort();
}
