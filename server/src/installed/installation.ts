import { posix } from 'node:path';
import { showName } from '../errors/visible-text.ts';
import {
  type CurrentPackages,
  findUnchanged,
  type Records,
  recordsById,
  selectPackages,
} from './current-packages.ts';
import { createOwnerIndex, hasLinkAtFolder, type OwnerIndex } from './owner-index/owner-index.ts';
import { createTableBuilder, type TableBuilder } from './owner-index/table-builder.ts';
import type { PathResolver } from './path-resolver.ts';
import { createPause } from './pause.ts';
import {
  createStamp,
  layerFiles,
  loadLayers,
  loadRecords,
  type PackageRecord,
  type StoredLayer,
  saveLayer,
} from './stored-layer.ts';
import { type InstalledPackage, readInstalledPackage, readVdbFile } from './vdb.ts';
import { listVdb, listVdbs, type PackageFolder, type VdbFolders } from './vdb-folder.ts';

/** The installed packages of a root and the owners of its files. */
export interface Installation extends CurrentPackages {
  readonly index: OwnerIndex;
  /** The layers that were read, to be reused by the next reading. */
  readonly layers: readonly StoredLayer[];
  /** Settled when the layers are on disk, or could not be written. */
  readonly saved: Promise<void>;
}

export interface InstallationPlace {
  /** An absolute path of this machine. */
  readonly root: string;
  /** Folders of records; absent: `var/db/pkg` of the root. */
  readonly vdbs?: readonly string[];
  /** Resolves paths of the root as they are now. */
  readonly resolver: PathResolver;
  /** Makes a resolver that is used only while everything is read; absent: `resolver` serves. See `createListedLinks`. */
  readonly createReadingResolver?: () => PathResolver;
  /** The folder for stored layers; undefined to store none. It need not exist or be writable. */
  readonly cacheFolder: string | undefined;
}

/** The share of changed packages up to which they get their own layer. If more have changed, everything is read again. */
const MOST_CHANGED = 1 / 8;

/**
 * Reads all installed packages of a root, and reuses what was read before.
 *
 * The base layer has all packages, a second one those that have changed since. A record is valid while the times, sizes and
 * inodes of the package are the same, and links resolve as before. A folder below the top two levels that is replaced by a
 * link by hand is not noticed.
 *
 * @param previous an earlier result for the same root, which saves reading the stored layers
 * @returns never rejects because of the VDB: unreadable packages are skipped and named in `problems`
 */
export async function readInstallation(
  place: InstallationPlace,
  previous?: Installation,
): Promise<Installation> {
  const files = place.cacheFolder === undefined ? undefined : layerFiles(place.cacheFolder, place.root);
  // Another thread reads the files of the layers while this one lists the VDB.
  const loading = previous?.layers ?? (files === undefined ? [] : loadLayers(files));
  const vdb = await listVdbs(place.vdbs ?? [posix.join(place.root, 'var/db/pkg')]);
  const folders = vdb.packages;
  const stored = await loading;
  const [base, changes] = keepValid(place, stored);
  if (base !== undefined) {
    const inBase = findUnchanged(recordsById(base.records), folders);
    const changed = folders.filter(({ id }) => !inBase.has(id));
    if (changed.length === 0) return assemble(vdb, [base], inBase);
    const inChanges = findUnchanged(recordsById(changes?.records ?? []), changed);
    if (changes !== undefined && inChanges.size === changed.length)
      return assemble(vdb, [base, changes], new Map([...inBase, ...inChanges]));
    if (changed.length <= folders.length * MOST_CHANGED) {
      const layer = await readLayer(place, changed, base.stamp);
      const packages = layer.records.map(({ installed }) => installed);
      // A link in place of a folder changes how the paths of other packages resolve, so everything is read again.
      if (!hasLinkAtFolder({ table: layer.table, packages }, base.table)) {
        const current = new Map([...inBase, ...recordsById(layer.records)]);
        return assemble(vdb, [base, layer], current, save(files?.changes, layer));
      }
    }
  }
  const resolver = place.createReadingResolver?.() ?? place.resolver;
  const whole = await readLayer({ ...place, resolver }, folders, '');
  return assemble(vdb, [whole], recordsById(whole.records), save(files?.base, whole));
}

/**
 * Reads all installed packages of a root without their files. It reuses valid records that {@link readInstallation} stored,
 * and stores nothing itself.
 */
export async function readInstalledPackages(
  root: string,
  cacheFolder: string | undefined,
): Promise<CurrentPackages> {
  const vdb = await listVdb(posix.join(root, 'var/db/pkg'));
  const current = new Map<string, PackageRecord>();
  for (const records of cacheFolder === undefined ? [] : loadRecords(layerFiles(cacheFolder, root)))
    for (const [id, record] of findUnchanged(recordsById(records), vdb.packages)) current.set(id, record);
  const pause = createPause();
  for (const folder of vdb.packages) {
    const { id, facts, path } = folder;
    if (current.has(id)) continue;
    current.set(id, { id, facts, installed: readInstalledPackage(path, folder.category, folder) });
    await pause();
  }
  return selectPackages(vdb, current);
}

async function save(file: string | undefined, layer: StoredLayer): Promise<void> {
  if (file === undefined) return;
  // The caller gets its result before the file is written.
  await new Promise(setImmediate);
  await saveLayer(file, layer);
}

/** The layers of this root whose links still resolve as before. */
function keepValid({ root, resolver }: InstallationPlace, layers: readonly StoredLayer[]): StoredLayer[] {
  const holds = (layer: StoredLayer) =>
    layer.root === root &&
    layer.resolved.every(([path, resolved]) => resolver.resolve(path).path === resolved);
  const [base, changes] = layers;
  if (base === undefined || !holds(base)) return [];
  return changes !== undefined && changes.over === base.stamp && holds(changes) ? [base, changes] : [base];
}

async function readLayer(
  { root, resolver }: InstallationPlace,
  folders: readonly PackageFolder[],
  over: string,
): Promise<StoredLayer> {
  const builder = createTableBuilder(resolver);
  const records: PackageRecord[] = [];
  const pause = createPause();
  for (const folder of folders) {
    records.push(readPackage(folder, builder));
    await pause();
  }
  return {
    stamp: createStamp(),
    over,
    root,
    records,
    table: builder.finish(),
    resolved: [...builder.resolved],
  };
}

function readPackage(folder: PackageFolder, builder: TableBuilder): PackageRecord {
  const { id, facts, path } = folder;
  const contents = readVdbFile(`${path}/CONTENTS`);
  const { entries, damaged } = builder.add(contents ?? Buffer.alloc(0));
  const where = showName(path);
  if (contents === undefined)
    return { id, facts, problem: `${where} is skipped: its CONTENTS cannot be read; reinstall ${id}.` };
  if (entries === 0 && damaged > 0)
    return { id, facts, problem: `${where} is skipped: its CONTENTS has no valid line; reinstall ${id}.` };
  const installed = readInstalledPackage(path, folder.category, folder);
  if (damaged === 0) return { id, facts, installed };
  const lines = damaged === 1 ? 'a line was' : `${damaged} lines were`;
  const problem = `${where}/CONTENTS is damaged, and ${lines} ignored: reinstall ${id}.`;
  return { id, facts, installed, problem };
}

function assemble(
  vdb: VdbFolders,
  layers: readonly StoredLayer[],
  current: Records,
  saved: Promise<void> = Promise.resolve(),
): Installation {
  const { packages, problems } = selectPackages(vdb, current);
  return { packages, index: indexPackages(layers, packages), problems, layers, saved };
}

/** Makes an index of some of the packages that layers have. */
export function indexPackages(
  layers: readonly StoredLayer[],
  packages: readonly InstalledPackage[],
): OwnerIndex {
  const isIndexed = new Set(packages);
  return createOwnerIndex(
    layers.map(({ table, records }) => ({
      table,
      packages: records.map(({ installed }) =>
        installed !== undefined && isIndexed.has(installed) ? installed : undefined,
      ),
    })),
  );
}
