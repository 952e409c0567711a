import { posix } from 'node:path';
import {
  type CurrentPackages,
  findUnchanged,
  type Records,
  recordsById,
  selectPackages,
} from './current-packages.ts';
import { createOwnerIndex, hasFolder, type OwnerIndex } from './owner-index/owner-index.ts';
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
import { readInstalledPackage, readVdbFile } from './vdb.ts';
import { listVdb, oneLine, type PackageFolder, type VdbFolders } from './vdb-folder.ts';

/** What is installed in a root, and which file belongs to what. */
export interface Installation extends CurrentPackages {
  readonly index: OwnerIndex;
  /** What was read, for the next reading. */
  readonly layers: readonly StoredLayer[];
  /** Settled when what was read is on disk, or could not be written. */
  readonly saved: Promise<void>;
}

export interface InstallationPlace {
  /** An absolute path of this machine. */
  readonly root: string;
  /** Resolves paths of the root as they are now. */
  readonly resolver: PathResolver;
  /** Where to keep what was read; undefined: nowhere. It need not exist, or be writable. */
  readonly cacheFolder: string | undefined;
}

/** Changed packages are kept apart until they are this share of all; then everything is read again. */
const MOST_CHANGED = 1 / 8;

/**
 * Reads every installed package of a root, as far as it differs from what was read before.
 *
 * What was read is kept in two layers: one of all packages, and over it those that changed since. A package is taken from a layer while
 * its folder and its CONTENTS have the times, sizes and inodes that they had; all layers count only while links resolve to what they resolved
 * to. A folder below the top two levels that somebody replaces by a link by hand, and no package does, is noticed when everything is
 * read again.
 *
 * @param previous an earlier answer for the same root, which saves reading the file
 * @returns never rejects for what lies in the VDB: what cannot be read is skipped and named in `problems`
 */
export async function readInstallation(
  place: InstallationPlace,
  previous?: Installation,
): Promise<Installation> {
  const vdb = await listVdb(posix.join(place.root, 'var/db/pkg'));
  const folders = vdb.packages;
  const files = place.cacheFolder === undefined ? undefined : layerFiles(place.cacheFolder, place.root);
  const stored = previous?.layers ?? (files === undefined ? [] : loadLayers(files));
  const [base, changes] = stillTrue(place, stored);
  if (base !== undefined) {
    const inBase = findUnchanged(recordsById(base.records), folders);
    const changed = folders.filter(({ id }) => !inBase.has(id));
    if (changed.length === 0) return assemble(vdb, [base], inBase);
    const inChanges = findUnchanged(recordsById(changes?.records ?? []), changed);
    if (changes !== undefined && inChanges.size === changed.length)
      return assemble(vdb, [base, changes], new Map([...inBase, ...inChanges]));
    if (changed.length <= folders.length * MOST_CHANGED) {
      const layer = await readLayer(place, changed, base.stamp);
      if (!turnsFolderIntoLink(layer, base)) {
        const current = new Map([...inBase, ...recordsById(layer.records)]);
        return assemble(vdb, [base, layer], current, save(files?.changes, layer));
      }
    }
  }
  const whole = await readLayer(place, folders, '');
  return assemble(vdb, [whole], recordsById(whole.records), save(files?.base, whole));
}

/**
 * Reads every installed package of a root and nothing of their files, from what {@link readInstallation} kept as far as it is
 * still true. It keeps nothing itself.
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
  // Whoever asked is answered first.
  await new Promise(setImmediate);
  await saveLayer(file, layer);
}

/** The layers that speak of this root and rest on links that still lead where they led. */
function stillTrue({ root, resolver }: InstallationPlace, layers: readonly StoredLayer[]): StoredLayer[] {
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
  const where = oneLine(path);
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

/** Whether a package that changed brings a link where folders of the others resolved to a folder: then they resolve anew. */
function turnsFolderIntoLink(layer: StoredLayer, base: StoredLayer): boolean {
  const packages = layer.records.map(({ installed }) => installed);
  const index = createOwnerIndex([{ table: layer.table, packages }]);
  for (const installed of packages) {
    if (installed === undefined) continue;
    for (const { path, type } of index.filesOf(installed))
      if (type === 'sym' && hasFolder(base.table, path)) return true;
  }
  return false;
}

function assemble(
  vdb: VdbFolders,
  layers: readonly StoredLayer[],
  current: Records,
  saved: Promise<void> = Promise.resolve(),
): Installation {
  const { packages, problems } = selectPackages(vdb, current);
  const isCurrent = new Set(packages);
  const index = createOwnerIndex(
    layers.map(({ table, records }) => ({
      table,
      packages: records.map(({ installed }) =>
        installed !== undefined && isCurrent.has(installed) ? installed : undefined,
      ),
    })),
  );
  return { packages, index, problems, layers, saved };
}
