import { decodePath } from '../../sandbox/path-bytes.ts';
import type { EntryType } from '../contents.ts';
import type { PathResolver } from '../path-resolver.ts';
import { type InstalledPackage, packageId } from '../vdb.ts';
import {
  createKey,
  findFiles,
  findFolder,
  type PathTable,
  packageOfFile,
  setKey,
  startOf,
  typeOfFile,
} from './path-table.ts';
import { createTableBuilder } from './table-builder.ts';

export interface Owner {
  readonly package: InstalledPackage;
  readonly type: EntryType;
}

export interface OwnedFile {
  readonly path: string;
  readonly type: EntryType;
}

/** Says which installed packages a path belongs to. Paths are strings as `decodePath` makes them of bytes, without a slash at the end. */
export interface OwnerIndex {
  /**
   * The owners of a file or link whose parent folders are resolved, in the order of their ids; folders have none. More than one
   * package records a path when they collided and the user let them.
   */
  ownersOf(path: string): readonly Owner[];
  /** The first of the owners. */
  ownerOf(path: string): Owner | undefined;
  /** Every package that lists this folder. */
  packagesInFolder(path: string): readonly InstalledPackage[];
  /** All folders that packages list. */
  folders(): Iterable<string>;
  /** The paths that more than one package records. */
  sharedFiles(): Iterable<string>;
  /** The files and links of one package with parent folders resolved. */
  filesOf(installed: InstalledPackage): Iterable<OwnedFile>;
}

/** A table and the packages that it is a table of. */
export interface Layer {
  readonly table: PathTable;
  /** By number; undefined for those that are no longer installed as the table has them. */
  readonly packages: readonly (InstalledPackage | undefined)[];
}

const NO_OWNERS: readonly Owner[] = [];

/** Builds the index of packages whose CONTENTS are at hand. */
export function buildOwnerIndex(
  packages: Iterable<{ readonly installed: InstalledPackage; readonly contents: Buffer }>,
  resolver: PathResolver,
): OwnerIndex {
  const builder = createTableBuilder(resolver);
  const added: InstalledPackage[] = [];
  for (const { installed, contents } of packages) {
    builder.add(contents);
    added.push(installed);
  }
  return createOwnerIndex([{ table: builder.finish(), packages: added }]);
}

/** Answers from several tables; a package is in one of them. */
export function createOwnerIndex(layers: readonly Layer[]): OwnerIndex {
  const key = createKey();
  const places = new Map<InstalledPackage, { readonly layer: Layer; readonly number: number }>();
  for (const layer of layers) {
    for (const [number, installed] of layer.packages.entries())
      if (installed !== undefined) places.set(installed, { layer, number });
  }
  const namesOf = new Map(
    layers.map((layer) => [
      layer,
      { folderPath: createFolderPaths(layer.table), names: asBuffer(layer.table.names) },
    ]),
  );

  const ownersOf = (path: string): readonly Owner[] => {
    if (!setKey(key, path)) return NO_OWNERS;
    let owners: Owner[] | undefined;
    for (const { table, packages } of layers) {
      findFiles(table, key, (file) => {
        const owner = packages[packageOfFile(table, file)];
        if (owner === undefined) return;
        owners ??= [];
        owners.push({ package: owner, type: typeOfFile(table, file) });
      });
    }
    if (owners === undefined) return NO_OWNERS;
    if (owners.length > 1)
      owners.sort((left, right) => (packageId(left.package) < packageId(right.package) ? -1 : 1));
    return owners;
  };

  const pathOf = (layer: Layer, file: number): string => {
    const { places: placesOfFiles, nameEnds } = layer.table;
    const { folderPath, names } = namesOf.get(layer) as { folderPath: FolderPath; names: Buffer };
    const name = decodeName(names, startOf(nameEnds, file), nameEnds[file] as number);
    return `${folderPath((placesOfFiles[file] as number) >>> 3)}/${name}`;
  };
  function* filesOf(installed: InstalledPackage): Iterable<OwnedFile> {
    const place = places.get(installed);
    if (place === undefined) return;
    const { layer, number } = place;
    const end = layer.table.packageEnds[number] as number;
    for (let file = startOf(layer.table.packageEnds, number); file < end; file++)
      yield { path: pathOf(layer, file), type: typeOfFile(layer.table, file) };
  }

  let listed: Map<string, InstalledPackage[]> | undefined;
  const listFolders = (): Map<string, InstalledPackage[]> => {
    if (listed !== undefined) return listed;
    listed = new Map();
    for (const layer of layers) {
      const { table, packages } = layer;
      for (const [number, installed] of packages.entries()) {
        if (installed === undefined) continue;
        for (let at = startOf(table.listedEnds, number); at < (table.listedEnds[number] as number); at++) {
          const folder = namesOf.get(layer)?.folderPath(table.listed[at] as number) || '/';
          const sharers = listed.get(folder);
          if (sharers === undefined) listed.set(folder, [installed]);
          else if (sharers.at(-1) !== installed) sharers.push(installed);
        }
      }
    }
    return listed;
  };

  return {
    ownersOf,
    ownerOf: (path) => ownersOf(path)[0],
    packagesInFolder: (path) => listFolders().get(path) ?? [],
    folders: () => listFolders().keys(),
    filesOf,
    *sharedFiles() {
      for (const [depth, layer] of layers.entries()) {
        for (const file of layer.table.shared) yield pathOf(layer, file);
        if (depth === 0) continue;
        // What a table shares with those below it is not in the table.
        for (const installed of layer.packages) {
          if (installed === undefined) continue;
          for (const { path } of filesOf(installed)) if (ownersOf(path).length > 1) yield path;
        }
      }
    },
  };
}

/** Whether some package has a file in the folder, or lists it. */
export function hasFolder(table: PathTable, path: string): boolean {
  const key = createKey();
  return setKey(key, `${path}/`) && findFolder(table, key) >= 0;
}

type FolderPath = (folder: number) => string;

function createFolderPaths({ folderEnds, folderPaths }: PathTable): FolderPath {
  const bytes = asBuffer(folderPaths);
  const known: string[] = [];
  return (folder) => {
    known[folder] ??= decodeName(bytes, startOf(folderEnds, folder), folderEnds[folder] as number);
    return known[folder];
  };
}

/** As `decodePath`; nearly all names are ASCII, for which there is a quicker way. */
function decodeName(bytes: Buffer, start: number, to: number): string {
  const end = Math.min(to, bytes.length);
  for (let at = start; at < end; at++)
    if ((bytes[at] as number) > 0x7f) return decodePath(bytes.subarray(start, end));
  return bytes.toString('latin1', start, end);
}

const asBuffer = ({ buffer, byteOffset, length }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, length);
