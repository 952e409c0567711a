import { encodePath } from '../../files/path-bytes.ts';
import { ENTRY_TYPES, type EntryType, scanContents } from '../contents.ts';
import type { PathResolver } from '../path-resolver.ts';
import { createByteStringsBuilder, decodeRange, isEqual, startOf } from './byte-strings.ts';
import { growable } from './growable.ts';
import type { PathTable } from './path-table.ts';

/** Makes a {@link PathTable} package by package. */
export interface TableBuilder {
  /**
   * Adds the next package. On a merged-usr system, CONTENTS may have `/lib` for `/usr/lib`, so parent folders are resolved.
   * The last component is not, because a link has its own owner. A `dir` entry is resolved completely.
   *
   * @param contents is not kept
   * @returns the number of valid and of invalid lines
   */
  add(contents: Buffer): { readonly entries: number; readonly damaged: number };
  /** The table of all packages. The builder must not be used afterwards. */
  finish(): PathTable;
  /**
   * The results of resolving the links that were followed, and the folders of the top two levels, where links can change
   * without a package (merged-usr). While these are the same, all folders of the table resolve as before.
   */
  readonly resolved: ReadonlyMap<string, string>;
}

const SLASH = 0x2f;

const typeNumbers = Object.fromEntries(ENTRY_TYPES.map((type, number) => [type, number])) as Record<
  EntryType,
  number
>;

export function createTableBuilder(resolver: PathResolver): TableBuilder {
  const folders = createFolderNumbers(resolver);
  const names = createByteStringsBuilder();
  const fileFolders = growable();
  const fileNames = growable();
  const fileOwners = growable();
  const packageEnds = growable();
  const packageFolders = growable();
  /** For each folder its last position in `packageFolders`, plus one. */
  const lastPlaces = growable();

  /** @param recorded 1 if the package records the folder itself, 0 if it records a file in it */
  const recordFolder = (folder: number, recorded: 0 | 1) => {
    while (lastPlaces.length <= folder) lastPlaces.push(0);
    const place = lastPlaces.array[folder] as number;
    if (place > packageEnds.last) {
      const { array } = packageFolders;
      array[place - 1] = (array[place - 1] as number) | recorded;
    } else {
      packageFolders.push(folder * 2 + recorded);
      lastPlaces.array[folder] = packageFolders.length;
    }
  };

  return {
    add(contents) {
      let entries = 0;
      // The lines of a folder are adjacent, so most lines need no look-up of the folder.
      let lastStart = 0;
      let lastEnd = -1;
      let folder = 0;
      const enterFolder = (start: number, end: number, recorded: 0 | 1) => {
        if (recorded === 0 && lastEnd >= 0 && isEqual(contents, lastStart, lastEnd, contents, start, end))
          return;
        folder = folders.numberOf(contents, start, end);
        lastStart = start;
        lastEnd = end;
        recordFolder(folder, recorded);
      };
      const damaged = scanContents(contents, (type, start, end) => {
        entries++;
        if (type === 'dir') {
          enterFolder(start, end, 1);
          return;
        }
        let slash = end - 1;
        while (contents[slash] !== SLASH) slash--;
        enterFolder(start, slash, 0);
        fileFolders.push(folder);
        fileNames.push(names.add(contents, slash + 1, end));
        fileOwners.push(packageEnds.length * 8 + typeNumbers[type]);
      });
      packageEnds.push(packageFolders.length);
      return { entries, damaged };
    },
    finish: () => ({
      folders: folders.finish(),
      ...sortFiles(
        { fileFolders: fileFolders.finish(), fileNames: fileNames.finish(), fileOwners: fileOwners.finish() },
        folders.count,
        names.count,
      ),
      names: names.finish(),
      packageEnds: packageEnds.finish(),
      packageFolders: packageFolders.finish(),
    }),
    resolved: folders.resolved,
  };
}

/** Numbers the folders in CONTENTS by their resolved paths. */
function createFolderNumbers(resolver: PathResolver) {
  const named = createByteStringsBuilder();
  /** For each string of `named` the number of the resolved folder. */
  const numbers = growable();
  const folders = createByteStringsBuilder();
  const resolvedTo = new Map<string, string>();

  const resolve = (contents: Buffer, start: number, end: number): number => {
    const path = start === end ? '/' : decodeRange(contents, start, end);
    const resolved = resolver.resolve(path);
    for (const link of resolved.links) resolvedTo.set(link, resolver.resolve(link).path);
    if (isNearTop(resolved.path)) resolvedTo.set(resolved.path, resolved.path);
    if (resolved.path === path && path !== '/') return folders.add(contents, start, end);
    const bytes = encodePath(resolved.path === '/' ? '' : resolved.path);
    return folders.add(bytes, 0, bytes.length);
  };
  return {
    get count() {
      return folders.count;
    },
    resolved: resolvedTo,
    numberOf(contents: Buffer, start: number, end: number): number {
      const name = named.add(contents, start, end);
      if (name === numbers.length) numbers.push(resolve(contents, start, end));
      return numbers.array[name] as number;
    },
    finish: () => folders.finish(),
  };
}

/** Whether a folder is in one of the top two levels. */
function isNearTop(path: string): boolean {
  const second = path.indexOf('/', 1);
  return second < 0 || path.indexOf('/', second + 1) < 0;
}

interface Files {
  readonly fileFolders: Uint32Array;
  readonly fileNames: Uint32Array;
  readonly fileOwners: Uint32Array;
}

/** Sorts files by folder, name and package. If a package records a path twice, the later line counts, as in Portage. */
function sortFiles(
  files: Files,
  folderCount: number,
  nameCount: number,
): Pick<PathTable, 'folderEnds' | 'fileNames' | 'fileOwners'> {
  const byName = sortByKey(files.fileNames, nameCount);
  const order = sortByKey(files.fileFolders, folderCount, byName);
  const folderEnds = new Uint32Array(folderCount);
  const fileNames = new Uint32Array(order.length);
  const fileOwners = new Uint32Array(order.length);
  let length = 0;
  let lastFolder = -1;
  for (const file of order) {
    const folder = files.fileFolders[file] as number;
    const name = files.fileNames[file] as number;
    const owner = files.fileOwners[file] as number;
    const repeatsLast =
      length > 0 &&
      folder === lastFolder &&
      name === fileNames[length - 1] &&
      owner >>> 3 === (fileOwners[length - 1] as number) >>> 3;
    if (!repeatsLast) length++;
    fileNames[length - 1] = name;
    fileOwners[length - 1] = owner;
    folderEnds[folder] = length;
    lastFolder = folder;
  }
  // A folder without files ends at the end of the folder before it.
  for (let folder = 1; folder < folderCount; folder++)
    if (folderEnds[folder] === 0) folderEnds[folder] = startOf(folderEnds, folder);
  return { folderEnds, fileNames: fileNames.slice(0, length), fileOwners: fileOwners.slice(0, length) };
}

/** Sorts things, by default all numbers, by their keys, which are below `keyCount`. It is a stable counting sort. */
function sortByKey(keys: Uint32Array, keyCount: number, things?: Uint32Array): Uint32Array {
  const places = new Uint32Array(keyCount + 1);
  for (const key of keys) places[key + 1] = (places[key + 1] as number) + 1;
  for (let key = 1; key <= keyCount; key++)
    places[key] = (places[key] as number) + (places[key - 1] as number);
  const sorted = new Uint32Array(keys.length);
  for (let at = 0; at < keys.length; at++) {
    const thing = things === undefined ? at : (things[at] as number);
    const key = keys[thing] as number;
    const place = places[key] as number;
    places[key] = place + 1;
    sorted[place] = thing;
  }
  return sorted;
}
