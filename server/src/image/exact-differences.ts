import { encodePath } from '../files/path-bytes.ts';
import { openElf, type ReadBytes } from './elf/elf-file.ts';
import { readPieces } from './elf/file-pieces.ts';
import type { ImageEntry, ImageSummary } from './image-summary.ts';

/** A file or folder that two images do not have alike, byte for byte. */
export interface ExactDifference {
  readonly path: string;
  readonly kind: 'only-in-first' | 'only-in-second' | 'type' | 'mode' | 'link-target' | 'bytes';
  /** Only for bytes: whether nothing differs but what differs in every build, such as dates; see content-digest.ts. */
  readonly isNoise?: boolean;
  /** What differs first, as a part of a sentence; absent if it could not be read. */
  readonly detail?: string;
  /** What diffoscope(1) says about it, several lines; absent if it was not asked. */
  readonly explanation?: string;
}

/** Limit in differences: a report that names more is not read. */
export const MOST_EXACT_DIFFERENCES = 500;

/**
 * Compares two images byte for byte, as Reproducible Builds does; times and owners of files do not count, because the package manager sets them.
 *
 * @param folders the images on this machine, in the order of the summaries
 * @returns sorted by path, at most `MOST_EXACT_DIFFERENCES`
 */
export function listExactDifferences(
  first: ImageSummary,
  second: ImageSummary,
  folders: readonly [string | undefined, string | undefined],
): ExactDifference[] {
  const differences: ExactDifference[] = [];
  const paths = [...new Set([...first.entries.keys(), ...second.entries.keys()])].sort();
  for (const path of paths) {
    if (differences.length >= MOST_EXACT_DIFFERENCES) break;
    const [left, right] = [first.entries.get(path), second.entries.get(path)];
    if (left === undefined) differences.push({ path, kind: 'only-in-second' });
    else if (right === undefined) differences.push({ path, kind: 'only-in-first' });
    else differences.push(...compareEntries(path, left, right, [first, second], folders));
  }
  return differences;
}

function compareEntries(
  path: string,
  left: ImageEntry,
  right: ImageEntry,
  [first, second]: readonly [ImageSummary, ImageSummary],
  folders: readonly [string | undefined, string | undefined],
): ExactDifference[] {
  if (left.type !== right.type) return [{ path, kind: 'type' }];
  if (left.target !== right.target)
    return [{ path, kind: 'link-target', detail: `it leads to ${left.target} and to ${right.target}` }];
  const mode: ExactDifference[] =
    left.mode === right.mode
      ? []
      : [{ path, kind: 'mode', detail: `${left.mode.toString(8)} and ${right.mode.toString(8)}` }];
  const isSame = left.type !== 'file' || (left.bytes !== undefined && left.bytes === right.bytes);
  if (isSame) return mode;
  const [content, other] = [first.describe(path).content, second.describe(path).content];
  const detail = findFirstDifference(path, folders);
  return [
    ...mode,
    {
      path,
      kind: 'bytes',
      isNoise: content !== undefined && content === other,
      ...(detail !== undefined && { detail }),
    },
  ];
}

/** Limits in bytes that are searched of each file, and in characters of a line that is shown. */
const MOST_SEARCHED = 32 * 2 ** 20;
const MOST_SHOWN = 120;
/** The number of sections that are named. */
const NAMED_SECTIONS = 4;

function findFirstDifference(
  path: string,
  [first, second]: readonly [string | undefined, string | undefined],
): string | undefined {
  if (first === undefined || second === undefined) return undefined;
  const place = (folder: string) => Buffer.from(encodePath(folder + path));
  return readPieces(place(first), (left, leftStats) =>
    readPieces(place(second), (right, rightStats) => {
      const sections = listSections(left, right);
      if (sections !== undefined) return sections;
      const texts = [left(0, MOST_SEARCHED), right(0, MOST_SEARCHED)].map((bytes) => Buffer.from(bytes)) as [
        Buffer,
        Buffer,
      ];
      if (texts.every((bytes) => !bytes.includes(0))) return findLine(...texts);
      return leftStats.size === rightStats.size
        ? `it differs from byte ${findOffset(...texts)} on`
        : `it has ${leftStats.size} and ${rightStats.size} bytes`;
    }),
  );
}

/** The sections of two ELF files that differ; undefined if they are none. */
function listSections(left: ReadBytes, right: ReadBytes): string | undefined {
  const [first, second] = [openElf(left), openElf(right)];
  if (first === undefined || second === undefined) return undefined;
  let searched = 0;
  const names = first.sections.flatMap((section) => {
    const other = second.sections.find(({ name }) => name === section.name);
    searched += section.size;
    if (section.name === '' || searched > MOST_SEARCHED) return [];
    if (other === undefined) return [section.name];
    const bytes = [first.piece(section.offset, section.size), second.piece(other.offset, other.size)];
    return Buffer.compare(bytes[0] ?? new Uint8Array(), bytes[1] ?? new Uint8Array()) === 0
      ? []
      : [section.name];
  });
  const rest = names.length - NAMED_SECTIONS;
  if (names.length === 0) return undefined;
  return `the sections ${names.slice(0, NAMED_SECTIONS).join(', ')}${rest > 0 ? ` and ${rest} more` : ''} differ`;
}

function findLine(left: Buffer, right: Buffer): string {
  const offset = findOffset(left, right);
  const line = left.subarray(0, offset).reduce((count, byte) => count + (byte === 0x0a ? 1 : 0), 1);
  const start = left.lastIndexOf(0x0a, Math.max(0, offset - 1)) + 1;
  const show = (bytes: Buffer) => {
    const end = bytes.indexOf(0x0a, start);
    return `"${bytes.toString('utf8', start, Math.min(end < 0 ? bytes.length : end, start + MOST_SHOWN))}"`;
  };
  return `line ${line} is ${show(left)} and ${show(right)}`;
}

function findOffset(left: Buffer, right: Buffer): number {
  const end = Math.min(left.length, right.length);
  for (let at = 0; at < end; at += 1) if (left[at] !== right[at]) return at;
  return end;
}
