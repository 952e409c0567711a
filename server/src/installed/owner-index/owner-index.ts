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
  setFolderKey,
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
   * The owners of a file or link with resolved parent folders, sorted by id. A folder has no owners. A path has several
   * owners if packages collided and the user allowed it.
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
  const readers = layers.map(createReader);

  const ownersOf = (path: string): readonly Owner[] => {
    if (!setKey(key, path)) return NO_OWNERS;
    let owners = NO_OWNERS;
    for (const reader of readers) {
      if (!findFiles(reader.layer.table, key)) continue;
      for (let file = key.from; file < key.to; file++) {
        const added = reader.ownersOfFile(file);
        if (owners.length === 0) owners = added;
        else if (added.length > 0) owners = [...owners, ...added];
      }
    }
    if (owners.length < 2) return owners;
    return [...owners].sort((left, right) => (packageId(left.package) < packageId(right.package) ? -1 : 1));
  };

  let places: ReadonlyMap<InstalledPackage, Place> | undefined;
  const filesOf = (installed: InstalledPackage): Iterable<OwnedFile> => {
    places ??= placePackages(readers);
    const place = places.get(installed);
    return place === undefined ? [] : filesOfPackage(place);
  };

  let recorded: ReadonlyMap<string, readonly InstalledPackage[]> | undefined;
  const recordedFolders = () => {
    recorded ??= listRecordedFolders(readers);
    return recorded;
  };

  return {
    ownersOf,
    ownerOf: (path) => ownersOf(path)[0],
    packagesInFolder: (path) => recordedFolders().get(path) ?? [],
    folders: () => recordedFolders().keys(),
    filesOf,
    *sharedFiles() {
      for (const [depth, reader] of readers.entries()) {
        yield* sharedWithin(reader);
        // A table has no paths of the layers below it, so shared paths between layers are looked up.
        for (const path of pathsInFoldersOf(reader, readers.slice(0, depth)))
          if (ownersOf(path).length > 1) yield path;
      }
    },
  };
}

/** Whether a package of the layer has a link at a path where the base has a folder. */
export function hasLinkAtFolder(layer: Layer, base: PathTable): boolean {
  const { table, packages } = layer;
  const key = createKey();
  const { pathOf } = createReader(layer);
  for (let folder = 0; folder < table.folderEnds.length; folder++) {
    const end = table.folderEnds[folder] as number;
    for (let file = startOf(table.folderEnds, folder); file < end; file++) {
      if (typeOfFile(table, file) !== 'sym' || packages[packageOfFile(table, file)] === undefined) continue;
      const path = pathOf(folder, table.fileNames[file] as number);
      if (setFolderKey(key, path) && findFolder(base, key) >= 0) return true;
    }
  }
  return false;
}

/** A layer with strings and owners that are made when they are first needed, and then kept. */
interface LayerReader {
  readonly layer: Layer;
  folderPath(folder: number): string;
  nameOf(name: number): string;
  pathOf(folder: number, name: number): string;
  /** The owner of one file; none if its package has changed since or was removed. */
  ownersOfFile(file: number): readonly Owner[];
}

function createReader(layer: Layer): LayerReader {
  const { table, packages } = layer;
  const folderPath = createDecoder(table.folders);
  const nameOf = createDecoder(table.names);
  // A look-up must not make objects. There is one owner for each package and type, as in `fileOwners`.
  const owners: (readonly Owner[] | undefined)[] = new Array(packages.length * 8);
  const createOwners = (file: number): readonly Owner[] => {
    const installed = packages[packageOfFile(table, file)];
    return installed === undefined ? NO_OWNERS : [{ package: installed, type: typeOfFile(table, file) }];
  };
  return {
    layer,
    folderPath,
    nameOf,
    pathOf: (folder, name) => `${folderPath(folder)}/${nameOf(name)}`,
    ownersOfFile(file) {
      const number = table.fileOwners[file] as number;
      owners[number] ??= createOwners(file);
      return owners[number];
    },
  };
}

/** The layer of a package, and its number there. */
interface Place {
  readonly reader: LayerReader;
  readonly number: number;
}

function placePackages(readers: readonly LayerReader[]): ReadonlyMap<InstalledPackage, Place> {
  const places = new Map<InstalledPackage, Place>();
  for (const reader of readers) {
    for (const [number, installed] of reader.layer.packages.entries())
      if (installed !== undefined) places.set(installed, { reader, number });
  }
  return places;
}

function* filesOfPackage({ reader, number }: Place): Iterable<OwnedFile> {
  const { table } = reader.layer;
  for (const { folder } of foldersOfPackage(table, number)) {
    const parent = reader.folderPath(folder);
    const end = table.folderEnds[folder] as number;
    for (let file = startOf(table.folderEnds, folder); file < end; file++) {
      if (packageOfFile(table, file) !== number) continue;
      const name = reader.nameOf(table.fileNames[file] as number);
      yield { path: `${parent}/${name}`, folder: parent, name, type: typeOfFile(table, file) };
    }
  }
}

/** The packages that record each folder. */
function listRecordedFolders(readers: readonly LayerReader[]): Map<string, InstalledPackage[]> {
  const recorded = new Map<string, InstalledPackage[]>();
  for (const { layer, folderPath } of readers) {
    for (const [number, installed] of layer.packages.entries()) {
      if (installed === undefined) continue;
      for (const { folder, isRecorded } of foldersOfPackage(layer.table, number)) {
        if (!isRecorded) continue;
        const path = folderPath(folder) || '/';
        const sharers = recorded.get(path);
        if (sharers === undefined) recorded.set(path, [installed]);
        else sharers.push(installed);
      }
    }
  }
  return recorded;
}

/** The paths that several packages of one layer record. */
function* sharedWithin({ layer, pathOf }: LayerReader): Iterable<string> {
  const { folderEnds, fileNames } = layer.table;
  for (let folder = 0; folder < folderEnds.length; folder++) {
    const end = folderEnds[folder] as number;
    for (let file = startOf(folderEnds, folder) + 1; file < end; file++) {
      const name = fileNames[file] as number;
      if (name === fileNames[file - 1]) yield pathOf(folder, name);
    }
  }
}

/** The files of a layer that lie in a folder which a lower layer has too. */
function* pathsInFoldersOf(
  { layer, folderPath, pathOf }: LayerReader,
  lower: readonly LayerReader[],
): Iterable<string> {
  const { folderEnds, fileNames } = layer.table;
  const key = createKey();
  for (let folder = 0; folder < folderEnds.length; folder++) {
    const from = startOf(folderEnds, folder);
    const end = folderEnds[folder] as number;
    if (from === end) continue;
    const path = folderPath(folder);
    // A key has no form for `/` itself.
    const isEverywhere = path === '';
    if (!isEverywhere && !setFolderKey(key, path)) continue;
    if (!isEverywhere && !lower.some((below) => findFolder(below.layer.table, key) >= 0)) continue;
    for (let file = from; file < end; file++) yield pathOf(folder, fileNames[file] as number);
  }
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
