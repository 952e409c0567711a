import { packageId } from '../../pms/package-id.ts';
import type { EntryType } from '../contents.ts';
import type { InstalledPackage } from '../vdb.ts';
import { type ByteStrings, decodeRange, startOf } from './byte-strings.ts';
import {
  createKey,
  findFiles,
  findFolder,
  type PathTable,
  packageOfFile,
  setKey,
  typeOfFile,
} from './path-table.ts';

export interface Owner {
  readonly package: InstalledPackage;
  readonly type: EntryType;
}

export interface OwnedFile {
  readonly path: string;
  /** The folder that contains it; empty for `/`. */
  readonly folder: string;
  readonly name: string;
  readonly type: EntryType;
}

/** Finds the owners of paths. Paths are strings from `decodePath`, without a trailing slash. */
export interface OwnerIndex {
  /**
   * The owners of a file or link with resolved parent folders, sorted by id. A folder has no owners. A path has several if the
   * packages collided and the user allowed it.
   */
  ownersOf(path: string): readonly Owner[];
  /** The first of the owners. */
  ownerOf(path: string): Owner | undefined;
  /** All packages that list this folder. */
  packagesInFolder(path: string): readonly InstalledPackage[];
  /** All folders that packages list. */
  folders(): Iterable<string>;
  /** The paths with several owners. */
  sharedFiles(): Iterable<string>;
  /** The files and links of one package, with resolved parent folders. */
  filesOf(installed: InstalledPackage): Iterable<OwnedFile>;
}

/** A table and its packages. */
export interface Layer {
  readonly table: PathTable;
  /** By number; undefined if the package has changed since or was removed. */
  readonly packages: readonly (InstalledPackage | undefined)[];
}

const NO_OWNERS: readonly Owner[] = [];

/** Makes an index of several tables. Each package is in one of them. */
export function createOwnerIndex(layers: readonly Layer[]): OwnerIndex {
  const key = createKey();
  const places = new Map<InstalledPackage, { readonly layer: Layer; readonly number: number }>();
  for (const layer of layers) {
    for (const [number, installed] of layer.packages.entries())
      if (installed !== undefined) places.set(installed, { layer, number });
  }
  const decoders = new Map(
    layers.map(({ table }) => [
      table,
      { folder: createDecoder(table.folders), name: createDecoder(table.names) },
    ]),
  );
  const folderPath = (table: PathTable, folder: number): string =>
    decoders.get(table)?.folder(folder) as string;

  const ownersOf = (path: string): readonly Owner[] => {
    if (!setKey(key, path)) return NO_OWNERS;
    let owners: Owner[] | undefined;
    for (const { table, packages } of layers) {
      if (!findFiles(table, key)) continue;
      for (let file = key.from; file < key.to; file++) {
        const owner = packages[packageOfFile(table, file)];
        if (owner === undefined) continue;
        owners ??= [];
        owners.push({ package: owner, type: typeOfFile(table, file) });
      }
    }
    if (owners === undefined) return NO_OWNERS;
    if (owners.length > 1)
      owners.sort((left, right) => (packageId(left.package) < packageId(right.package) ? -1 : 1));
    return owners;
  };

  function* filesOf(installed: InstalledPackage): Iterable<OwnedFile> {
    const place = places.get(installed);
    if (place === undefined) return;
    const { table } = place.layer;
    const decodeName = decoders.get(table)?.name as Decoder;
    for (const { folder } of foldersOfPackage(table, place.number)) {
      const parent = folderPath(table, folder);
      const end = table.folderEnds[folder] as number;
      for (let file = startOf(table.folderEnds, folder); file < end; file++) {
        if (packageOfFile(table, file) !== place.number) continue;
        const name = decodeName(table.fileNames[file] as number);
        yield { path: `${parent}/${name}`, folder: parent, name, type: typeOfFile(table, file) };
      }
    }
  }

  let recorded: Map<string, InstalledPackage[]> | undefined;
  const listFolders = (): Map<string, InstalledPackage[]> => {
    if (recorded !== undefined) return recorded;
    recorded = new Map();
    for (const { table, packages } of layers) {
      for (const [number, installed] of packages.entries()) {
        if (installed === undefined) continue;
        for (const { folder, isRecorded } of foldersOfPackage(table, number)) {
          if (!isRecorded) continue;
          const path = folderPath(table, folder) || '/';
          const sharers = recorded.get(path);
          if (sharers === undefined) recorded.set(path, [installed]);
          else sharers.push(installed);
        }
      }
    }
    return recorded;
  };

  /** The paths that several packages of one layer record. */
  function* sharedWithin({ table }: Layer): Iterable<string> {
    const { folderEnds, fileNames } = table;
    for (let folder = 0; folder < folderEnds.length; folder++) {
      const end = folderEnds[folder] as number;
      for (let file = startOf(folderEnds, folder) + 1; file < end; file++) {
        const name = fileNames[file] as number;
        if (name === fileNames[file - 1])
          yield `${folderPath(table, folder)}/${decoders.get(table)?.name(name)}`;
      }
    }
  }

  return {
    ownersOf,
    ownerOf: (path) => ownersOf(path)[0],
    packagesInFolder: (path) => listFolders().get(path) ?? [],
    folders: () => listFolders().keys(),
    filesOf,
    *sharedFiles() {
      for (const [depth, layer] of layers.entries()) {
        yield* sharedWithin(layer);
        if (depth === 0) continue;
        // A table has no paths of the layers below it, so shared paths between layers are looked up.
        for (const installed of layer.packages) {
          if (installed === undefined) continue;
          for (const { path } of filesOf(installed)) if (ownersOf(path).length > 1) yield path;
        }
      }
    },
  };
}

/** Whether a package has a file in the folder, or lists it. */
export function hasFolder(table: PathTable, path: string): boolean {
  const key = createKey();
  return setKey(key, `${path}/`) && findFolder(table, key) >= 0;
}

/** The folders that a package records or has files in. */
function* foldersOfPackage({ packageEnds, packageFolders }: PathTable, number: number) {
  const end = packageEnds[number] as number;
  for (let at = startOf(packageEnds, number); at < end; at++) {
    const held = packageFolders[at] as number;
    yield { folder: held >>> 1, isRecorded: (held & 1) === 1 };
  }
}

type Decoder = (number: number) => string;

/** Decodes strings by number like `decodePath`, each only once. */
function createDecoder({ ends, bytes: { buffer, byteOffset, length } }: ByteStrings): Decoder {
  const bytes = Buffer.from(buffer, byteOffset, length);
  const known: string[] = [];
  return (number) => {
    known[number] ??= decodeRange(bytes, startOf(ends, number), ends[number] as number);
    return known[number];
  };
}
