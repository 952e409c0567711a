import { encodePath } from '../../sandbox/path-bytes.ts';
import { ENTRY_TYPES, type EntryType, LONGEST_PATH } from '../contents.ts';

/**
 * Which of some packages records which path: a million paths as a few flat arrays, which are also what the file on disk holds.
 *
 * Packages have numbers in the order they were added. A path is a folder and a name; both are bytes, because that is what Linux
 * compares. Arrays called `…Ends` hold, for the thing of each number, where its part of another array ends; it begins where the one before
 * ends. `…Slots` are hash tables with open addressing and a power of two of slots; a slot holds a number plus one, or zero.
 */
export interface PathTable {
  /** For each package the end of its files in `places`. */
  readonly packageEnds: Uint32Array;
  /** For each file the number of its folder times 8, plus the place of its type in ENTRY_TYPES. */
  readonly places: Uint32Array;
  /** For each file the end of its name in `names`. */
  readonly nameEnds: Uint32Array;
  readonly names: Uint8Array;
  /** Finds files. One that several packages record has a slot for each of them. */
  readonly slots: Uint32Array;
  /** Files whose paths packages before theirs record too. */
  readonly shared: Uint32Array;
  /** For each folder the end of its path in `folderPaths`; the folder `/` has an empty path. */
  readonly folderEnds: Uint32Array;
  readonly folderPaths: Uint8Array;
  readonly folderSlots: Uint32Array;
  /** For each package the end of the folders it records in `listed`. */
  readonly listedEnds: Uint32Array;
  readonly listed: Uint32Array;
}

/** A path prepared for look-ups: its bytes, and the hashes of its folder (with the slash after it) and of all of it. */
export interface PathKey {
  bytes: Uint8Array;
  length: number;
  /** Where the name begins, after the last slash. */
  name: number;
  folderHash: number;
  hash: number;
}

/** FNV-1a, which can be continued: the hash of a path is the hash of its folder continued over the name. */
export const HASH_START = 0x811c9dc5;

export function continueHash(hash: number, bytes: Uint8Array, start: number, end: number): number {
  let mixed = hash;
  for (let at = start; at < end; at++) mixed = Math.imul(mixed ^ (bytes[at] as number), 0x01000193);
  return mixed;
}

/** FNV's low bits are its worst. */
export const slotOf = (hash: number, slots: Uint32Array): number =>
  (hash ^ (hash >>> 15)) & (slots.length - 1);

export function createKey(): PathKey {
  return { bytes: new Uint8Array(LONGEST_PATH), length: 0, name: 0, folderHash: 0, hash: 0 };
}

/** Prepares a path as `decodePath` gives it. Returns false for what is no absolute path or too long to be recorded. */
export function setKey(key: PathKey, path: string): boolean {
  const length = path.length;
  if (length > LONGEST_PATH || path.charCodeAt(0) !== 0x2f) return false;
  const bytes = key.bytes;
  let hash = HASH_START;
  for (let at = 0; at < length; at++) {
    const code = path.charCodeAt(at);
    if (code > 0x7f) return setKeyBytes(key, encodePath(path));
    bytes[at] = code;
    hash = Math.imul(hash ^ code, 0x01000193);
    if (code === 0x2f) {
      key.name = at + 1;
      key.folderHash = hash;
    }
  }
  key.length = length;
  key.hash = hash;
  return true;
}

function setKeyBytes(key: PathKey, path: Uint8Array): boolean {
  if (path.length > LONGEST_PATH) return false;
  key.bytes.set(path);
  key.length = path.length;
  key.name = path.lastIndexOf(0x2f) + 1;
  key.folderHash = continueHash(HASH_START, path, 0, key.name);
  key.hash = continueHash(key.folderHash, path, key.name, path.length);
  return true;
}

/** The number of the folder that the key's path lies in, or -1. */
export function findFolder(table: PathTable, key: PathKey): number {
  const { folderSlots, folderEnds, folderPaths } = table;
  const length = key.name - 1;
  let slot = slotOf(key.folderHash, folderSlots);
  // A table from disk may have no empty slot.
  for (let probes = folderSlots.length; probes > 0; probes--) {
    const folder = (folderSlots[slot] as number) - 1;
    if (folder < 0) return -1;
    const start = folder === 0 ? 0 : (folderEnds[folder - 1] as number);
    if (
      (folderEnds[folder] as number) - start === length &&
      isEqual(folderPaths, start, key.bytes, 0, length)
    )
      return folder;
    slot = (slot + 1) & (folderSlots.length - 1);
  }
  return -1;
}

/**
 * Calls `visit` with the number of each file that has the key's path.
 */
export function findFiles(table: PathTable, key: PathKey, visit: (file: number) => void): void {
  const folder = findFolder(table, key);
  if (folder < 0) return;
  const { slots, places, nameEnds, names } = table;
  const length = key.length - key.name;
  let slot = slotOf(key.hash, slots);
  for (let probes = slots.length; probes > 0; probes--) {
    const file = (slots[slot] as number) - 1;
    if (file < 0) return;
    if ((places[file] as number) >>> 3 === folder) {
      const start = file === 0 ? 0 : (nameEnds[file - 1] as number);
      if ((nameEnds[file] as number) - start === length && isEqual(names, start, key.bytes, key.name, length))
        visit(file);
    }
    slot = (slot + 1) & (slots.length - 1);
  }
}

function isEqual(left: Uint8Array, at: number, right: Uint8Array, from: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (left[at + i] !== right[from + i]) return false;
  return true;
}

/** The number of the package that a file belongs to. */
export function packageOfFile(table: PathTable, file: number): number {
  const { packageEnds } = table;
  let low = 0;
  let high = packageEnds.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((packageEnds[middle] as number) <= file) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function typeOfFile(table: PathTable, file: number): EntryType {
  return ENTRY_TYPES[(table.places[file] as number) & 7] ?? 'obj';
}

/** Where the part of thing `number` begins in an array that `ends` describes. */
export const startOf = (ends: Uint32Array, number: number): number =>
  number === 0 ? 0 : (ends[number - 1] as number);
