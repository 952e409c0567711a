import { encodePath } from '../../files/path-bytes.ts';
import { ENTRY_TYPES, type EntryType, LONGEST_PATH } from '../contents.ts';
import {
  type ByteStrings,
  continueHash,
  findString,
  HASH_START,
  hashBytes,
  startOf,
} from './byte-strings.ts';

/**
 * The paths of a set of packages: a million paths in a few flat arrays, which are stored in a file without conversion.
 *
 * A path is a folder and a name. Both are bytes, because Linux compares bytes. Each is stored once, because many packages have
 * an `index.html`. Files are numbered by folder and then by the number of the name, packages in the order of addition.
 *
 * An array `…Ends` has the end of each thing's part of another array. The part begins at the end of the one before.
 */
export interface PathTable {
  /** Resolved paths of folders; the path of `/` is empty. */
  readonly folders: ByteStrings;
  /** Names of files. */
  readonly names: ByteStrings;
  /** For each folder the end of its files. */
  readonly folderEnds: Uint32Array;
  /** For each file the number of its name. A path that several packages record is several files, in the order of the packages. */
  readonly fileNames: Uint32Array;
  /** For each file the number of its package times 8, plus the position of its type in ENTRY_TYPES. */
  readonly fileOwners: Uint32Array;
  /** For each package the end of its folders in `packageFolders`. */
  readonly packageEnds: Uint32Array;
  /** The numbers of the folders that a package records or has files in, times 2, plus 1 if it records the folder. */
  readonly packageFolders: Uint32Array;
}

/** A path prepared for look-ups, and the result of the last look-up. */
export interface PathKey {
  bytes: Uint8Array;
  length: number;
  /** The start of the name, after the last slash. */
  name: number;
  folderHash: number;
  nameHash: number;
  /** The first file that has the path, and the one after the last. */
  from: number;
  to: number;
}

export function createKey(): PathKey {
  const bytes = new Uint8Array(LONGEST_PATH);
  return { bytes, length: 0, name: 0, folderHash: 0, nameHash: 0, from: 0, to: 0 };
}

/** Prepares a path from `decodePath`. Returns false if it is not absolute, or too long for a record. */
export function setKey(key: PathKey, path: string): boolean {
  const { length } = path;
  if (length > LONGEST_PATH || path.charCodeAt(0) !== 0x2f) return false;
  const { bytes } = key;
  const name = path.lastIndexOf('/') + 1;
  let hash = HASH_START;
  let folderHash = HASH_START;
  for (let at = 0; at < length; at++) {
    const code = path.charCodeAt(at);
    if (code > 0x7f) return setKeyBytes(key, encodePath(path));
    if (at === name - 1) {
      folderHash = hash;
      hash = HASH_START;
    } else hash = continueHash(hash, code);
    bytes[at] = code;
  }
  key.length = length;
  key.name = name;
  key.folderHash = folderHash;
  key.nameHash = hash;
  return true;
}

function setKeyBytes(key: PathKey, path: Uint8Array): boolean {
  if (path.length > LONGEST_PATH) return false;
  key.bytes.set(path);
  key.length = path.length;
  key.name = path.lastIndexOf(0x2f) + 1;
  key.folderHash = hashBytes(path, 0, key.name - 1);
  key.nameHash = hashBytes(path, key.name, path.length);
  return true;
}

/** The number of the folder of the key's path, or -1. */
export function findFolder({ folders }: PathTable, key: PathKey): number {
  return findString(folders, key.folderHash, key.bytes, 0, key.name - 1);
}

/** Sets `from` and `to` of the key to the files with its path. Returns whether there are any. */
export function findFiles(table: PathTable, key: PathKey): boolean {
  const name = findString(table.names, key.nameHash, key.bytes, key.name, key.length);
  if (name < 0) return false;
  const folder = findFolder(table, key);
  if (folder < 0) return false;
  const { folderEnds, fileNames } = table;
  const end = folderEnds[folder] as number;
  let low = startOf(folderEnds, folder);
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((fileNames[middle] as number) < name) low = middle + 1;
    else high = middle;
  }
  key.from = low;
  while (low < end && fileNames[low] === name) low++;
  key.to = low;
  return key.from < low;
}

/** The number of the package that owns a file. */
export const packageOfFile = ({ fileOwners }: PathTable, file: number): number =>
  (fileOwners[file] as number) >>> 3;

export const typeOfFile = ({ fileOwners }: PathTable, file: number): EntryType =>
  ENTRY_TYPES[(fileOwners[file] as number) & 7] ?? 'obj';
