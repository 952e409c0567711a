/** The types of lines in CONTENTS. Their positions are the numbers in the file of the owner index. */
export const ENTRY_TYPES = ['dir', 'obj', 'sym', 'fif', 'dev'] as const;
export type EntryType = (typeof ENTRY_TYPES)[number];

/** The length in bytes of the longest path that the kernel accepts (PATH_MAX, limits.h). */
export const LONGEST_PATH = 4096;

const NEWLINE = 0x0a;
const SPACE = 0x20;
const SLASH = 0x2f;
const DOT = 0x2e;

const isDigit = (code: number | undefined) => code !== undefined && code >= 0x30 && code <= 0x39;

/**
 * Reads a CONTENTS file. Paths may contain spaces and ` -> `, so a line is split from its end (`obj PATH MD5 MTIME`,
 * `sym PATH -> TARGET MTIME`, `dir PATH`), and the last arrow of a link counts, as in Portage's vartree.py.
 *
 * @param visit takes the range of the path in `bytes`, which begins with a slash and has no NUL
 * @returns the number of invalid lines, which are skipped; a `dir`, `fif` or `dev` line without a newline may be cut off
 */
export function scanContents(
  bytes: Buffer,
  visit: (type: EntryType, start: number, end: number) => void,
): number {
  const mayHoldNul = bytes.includes(0);
  let damaged = 0;
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline === -1 ? bytes.length : newline;
    if (end > start) {
      const type = readType(bytes, start);
      const pathEnd = type === undefined ? -1 : findPathEnd(bytes, type, start + 4, end, newline !== -1);
      const isPath =
        pathEnd > start + 4 &&
        pathEnd - start - 4 <= LONGEST_PATH &&
        bytes[start + 4] === SLASH &&
        !(mayHoldNul && bytes.subarray(start, end).includes(0));
      if (type !== undefined && isPath && (type === 'dir' || namesEntry(bytes, pathEnd)))
        visit(type, start + 4, pathEnd);
      else damaged++;
    }
    start = end + 1;
  }
  return damaged;
}

function readType(bytes: Buffer, start: number): EntryType | undefined {
  if (bytes[start + 3] !== SPACE) return undefined;
  // Comparing the three letters as one number is fast enough for a million lines.
  switch (((bytes[start] ?? 0) << 16) | ((bytes[start + 1] ?? 0) << 8) | (bytes[start + 2] ?? 0)) {
    case 0x6f626a:
      return 'obj';
    case 0x646972:
      return 'dir';
    case 0x73796d:
      return 'sym';
    case 0x666966:
      return 'fif';
    case 0x646576:
      return 'dev';
    default:
      return undefined;
  }
}

/** The end of the path that begins at `start`, or -1. */
function findPathEnd(bytes: Buffer, type: EntryType, start: number, end: number, isWhole: boolean): number {
  if (type === 'obj') {
    const sumEnd = skipTime(bytes, start, end);
    let at = sumEnd;
    while (at > start && bytes[at - 1] !== SPACE) at--;
    return at === sumEnd ? -1 : at - 1;
  }
  if (type === 'sym') {
    const targetEnd = bytes[end - 1] === 0x29 ? skipOldTime(bytes, start, end) : skipTime(bytes, start, end);
    // A target has at least one character.
    for (let at = targetEnd - 5; at > start; at--) {
      const isArrow =
        bytes[at] === SPACE && bytes[at + 1] === 0x2d && bytes[at + 2] === 0x3e && bytes[at + 3] === SPACE;
      if (isArrow) return at;
    }
    return -1;
  }
  return isWhole ? end : -1;
}

/** The offset of the space before MTIME, or -1. */
function skipTime(bytes: Buffer, start: number, end: number): number {
  let at = end;
  while (at > start && isDigit(bytes[at - 1])) at--;
  return at < end && bytes[at - 1] === SPACE ? at - 1 : -1;
}

/**
 * The offset of the space before an old MTIME, or -1. Portage before 2.1 wrote the whole stat of a link,
 * ` (2053, 6292L, …, 1108535742, …)`, and old systems still have such lines.
 */
function skipOldTime(bytes: Buffer, start: number, end: number): number {
  for (let at = end - 2; at > start; at--) {
    const code = bytes[at];
    if (code === 0x28) return bytes[at - 1] === SPACE ? at - 1 : -1;
    if (!isDigit(code) && code !== SPACE && code !== 0x2c && code !== 0x4c) return -1;
  }
  return -1;
}

/** Whether the last component of a path is a name and not empty, `.` or `..`. */
function namesEntry(bytes: Buffer, end: number): boolean {
  const last = bytes[end - 1];
  if (last === SLASH) return false;
  if (last !== DOT) return true;
  const before = bytes[end - 2];
  return before !== SLASH && !(before === DOT && bytes[end - 3] === SLASH);
}
