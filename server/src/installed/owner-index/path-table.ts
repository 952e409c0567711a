import { encodePath } from '../../files/path-bytes.ts';
import { ENTRY_TYPES, type EntryType, LONGEST_PATH } from '../contents.ts';
import { type ByteStrings, findString, hashBytes, startOf } from './byte-strings.ts';

/**
 * The paths of a set of packages: a million paths in a few flat arrays, which are stored in a file without conversion.
 *
 * A path is a folder and a name. Both are bytes, because Linux compares bytes, and each is stored once. Files are numbered by
 * folder and then by the number of the name. An array `…Ends` has the end of each thing's part of another array.
 */
export interface PathTable {
  /** Resolved paths of folders; the path of `/` is empty. */
  readonly folders: ByteStrings;
  /** Names of files. */
  readonly names: ByteStrings;
  /** For each folder the end of its files. */
  readonly folderEnds: Uint32Array;
  /** For each file the number of its name. A path of several packages is several files, in the order of the packages. */
  readonly fileNames: Uint32Array;
  /** For each file the number of its package times 8, plus the position of its type in ENTRY_TYPES. */
  readonly fileOwners: Uint32Array;
  /** For each package the end of its folders in `packageFolders`. */
  readonly packageEnds: Uint32Array;
  /** The numbers of the folders that a package records or has files in, times 2, plus 1 if it records the folder. */
  readonly packageFolders: Uint32Array;
}

/**
 * A path prepared for look-ups, and the result of the last look-up. A key is used for many paths, so that a look-up makes no
 * objects. The folder is only encoded if a table has the name, because most accesses of a build are misses.
 */
export interface PathKey {
  /** Absolute, without a trailing slash. */
  path: string;
  /** The length of the folder in `path`. */
  folderEnd: number;
  readonly name: Uint8Array;
  nameLength: number;
  nameHash: number;
  readonly folder: Uint8Array;
  /** -1 while the folder is not encoded. */
  folderLength: number;
  folderHash: number;
  /** The first file that has the path, and the one after the last. */
  from: number;
  to: number;
}

const SLASH = 0x2f;

export function createKey(): PathKey {
  return {
    path: '',
    folderEnd: 0,
    name: new Uint8Array(LONGEST_PATH),
    nameLength: 0,
    nameHash: 0,
    folder: new Uint8Array(LONGEST_PATH),
    folderLength: -1,
    folderHash: 0,
    from: 0,
    to: 0,
  };
}

/** Prepares a path from `decodePath`. Returns false if it is not absolute, or too long for a record. */
export function setKey(key: PathKey, path: string): boolean {
  const { length } = path;
  if (length > LONGEST_PATH || path.charCodeAt(0) !== SLASH) return false;
  const { name } = key;
  const start = path.lastIndexOf('/') + 1;
  key.path = path;
  key.folderEnd = start - 1;
  key.folderLength = -1;
  for (let at = start; at < length; at++) {
    const code = path.charCodeAt(at);
    if (code > 0x7f) return setEncodedName(key, encodePath(path.slice(start)));
    name[at - start] = code;
  }
  key.nameLength = length - start;
  key.nameHash = hashBytes(name, 0, key.nameLength);
  return true;
}

function setEncodedName(key: PathKey, name: Uint8Array): boolean {
  if (key.folderEnd + 1 + name.length > LONGEST_PATH) return false;
  key.name.set(name);
  key.nameLength = name.length;
  key.nameHash = hashBytes(name, 0, name.length);
  return true;
}

/** Prepares the path of a folder for `findFolder` alone. Returns false as `setKey` does. */
export function setFolderKey(key: PathKey, path: string): boolean {
  if (path.length >= LONGEST_PATH || path.charCodeAt(0) !== SLASH) return false;
  key.path = path;
  key.folderEnd = path.length;
  key.folderLength = -1;
  key.nameLength = 0;
  return true;
}

/** Encodes the folder of the key. Returns false if the path is too long for a record. */
function setFolder(key: PathKey): boolean {
  const { path, folder, folderEnd } = key;
  for (let at = 0; at < folderEnd; at++) {
    const code = path.charCodeAt(at);
    if (code > 0x7f) return setEncodedFolder(key, encodePath(path.slice(0, folderEnd)));
    folder[at] = code;
  }
  key.folderLength = folderEnd;
  key.folderHash = hashBytes(folder, 0, folderEnd);
  return true;
}

function setEncodedFolder(key: PathKey, folder: Uint8Array): boolean {
  if (folder.length + 1 + key.nameLength > LONGEST_PATH) return false;
  key.folder.set(folder);
  key.folderLength = folder.length;
  key.folderHash = hashBytes(folder, 0, folder.length);
  return true;
}

/** The number of the folder of the key's path, or -1. */
export function findFolder({ folders }: PathTable, key: PathKey): number {
  if (key.folderLength < 0 && !setFolder(key)) return -1;
  return findString(folders, key.folderHash, key.folder, key.folderLength);
}

/** Sets `from` and `to` of the key to the files with its path. Returns whether there are any. */
export function findFiles(table: PathTable, key: PathKey): boolean {
  const name = findString(table.names, key.nameHash, key.name, key.nameLength);
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
