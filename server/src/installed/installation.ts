import { createHash } from 'node:crypto';
import { join, posix } from 'node:path';
import { createOwnerIndex, hasFolder, type OwnerIndex } from './owner-index/owner-index.ts';
import { createTableBuilder, type TableBuilder } from './owner-index/table-builder.ts';
import type { PathResolver } from './path-resolver.ts';
import { createStamp, loadLayer, type PackageRecord, type StoredLayer, saveLayer } from './stored-layer.ts';
import { type InstalledPackage, readInstalledPackage, readVdbFile } from './vdb.ts';
import { listVdb, oneLine, type PackageFolder } from './vdb-folder.ts';

/** What is installed in a root, and which file belongs to what. */
export interface Installation {
  /** Sorted by `packageId`. */
  readonly packages: readonly InstalledPackage[];
  readonly index: OwnerIndex;
  /** Sentences about entries of the VDB that were skipped, each said once. */
  readonly problems: readonly string[];
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
  const { packages: folders, problems } = listVdb(posix.join(place.root, 'var/db/pkg'));
  const files = cacheFiles(place);
  const [base, changes] = stillTrue(place, previous?.layers ?? loadLayers(files));
  const inBase = findUnchanged(base, folders);
  const changed = folders.filter(({ id }) => !inBase.has(id));
  const inChanges = findUnchanged(changes, changed);

  if (base !== undefined && changed.length <= folders.length * MOST_CHANGED) {
    if (changed.every(({ id }) => inChanges.has(id)))
      return assemble(folders, problems, changes === undefined ? [base] : [base, changes]);
    const layer = await readLayer(place, changed, base.stamp);
    if (!turnsFolderIntoLink(layer, base))
      return assemble(folders, problems, [base, layer], save(files?.changes, layer));
  }
  const whole = await readLayer(place, folders, '');
  return assemble(folders, problems, [whole], save(files?.base, whole));
}

function cacheFiles({ root, cacheFolder }: InstallationPlace) {
  if (cacheFolder === undefined) return undefined;
  const name = createHash('sha256').update(root).digest('hex').slice(0, 16);
  return { base: join(cacheFolder, `${name}.installed`), changes: join(cacheFolder, `${name}.changes`) };
}

function loadLayers(files: ReturnType<typeof cacheFiles>): StoredLayer[] {
  const base = files === undefined ? undefined : loadLayer(files.base);
  if (files === undefined || base === undefined) return [];
  const changes = loadLayer(files.changes);
  return changes === undefined ? [base] : [base, changes];
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

function findUnchanged(
  layer: StoredLayer | undefined,
  folders: readonly PackageFolder[],
): ReadonlyMap<string, PackageRecord> {
  const records = new Map(layer?.records.map((record) => [record.id, record]));
  const unchanged = new Map<string, PackageRecord>();
  for (const { id, facts } of folders) {
    const record = records.get(id);
    if (record?.facts.every((fact, at) => fact === facts[at])) unchanged.set(id, record);
  }
  return unchanged;
}

async function readLayer(
  { root, resolver }: InstallationPlace,
  folders: readonly PackageFolder[],
  over: string,
): Promise<StoredLayer> {
  const builder = createTableBuilder(resolver);
  const records: PackageRecord[] = [];
  let rested = performance.now();
  for (const folder of folders) {
    records.push(readPackage(folder, builder));
    // An editor waits for its answers in the same process.
    if (performance.now() - rested > 10) {
      await new Promise(setImmediate);
      rested = performance.now();
    }
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
    return { id, facts, problem: `${where} is skipped: no line of its CONTENTS is whole; reinstall ${id}.` };
  const installed = readInstalledPackage(path, folder.category, folder);
  if (damaged === 0) return { id, facts, installed };
  const lines = damaged === 1 ? 'a line' : `${damaged} lines`;
  const problem = `${where}/CONTENTS is damaged and ${lines} of it passed over: reinstall ${id}.`;
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
  folders: readonly PackageFolder[],
  vdbProblems: readonly string[],
  layers: readonly StoredLayer[],
  saved: Promise<void> = Promise.resolve(),
): Installation {
  const problems = [...vdbProblems];
  const current = new Map<string, PackageRecord>();
  const [base, changes] = layers;
  for (const [id, record] of findUnchanged(base, folders)) current.set(id, record);
  for (const [id, record] of findUnchanged(changes, folders)) if (!current.has(id)) current.set(id, record);
  const live = folders.filter(({ id }) => current.get(id)?.installed !== undefined);
  const superseded = findSuperseded(live, (id) => current.get(id)?.installed as InstalledPackage);
  for (const { id } of folders) {
    const problem = superseded.get(id) ?? current.get(id)?.problem;
    if (problem !== undefined) problems.push(problem);
  }
  const packages = live.flatMap(({ id }) => (superseded.has(id) ? [] : (current.get(id)?.installed ?? [])));
  const isCurrent = new Set(packages);
  const index = createOwnerIndex(
    layers.map(({ table, records }) => ({
      table,
      packages: records.map(({ installed }) =>
        installed !== undefined && isCurrent.has(installed) ? installed : undefined,
      ),
    })),
  );
  return { packages, index, problems: problems.sort(), layers, saved };
}

/** Of packages with the same name and slot only one is installed; the others are what an interrupted merge left behind. */
function findSuperseded(
  folders: readonly PackageFolder[],
  packageOf: (id: string) => InstalledPackage,
): ReadonlyMap<string, string> {
  const last = new Map<string, { readonly folder: PackageFolder; counter?: number }>();
  const superseded = new Map<string, string>();
  for (const folder of folders) {
    const key = `${folder.category}/${folder.name}:${packageOf(folder.id).slot}`;
    const other = last.get(key);
    if (other === undefined) {
      last.set(key, { folder });
      continue;
    }
    other.counter ??= readCounter(other.folder);
    const own = { folder, counter: readCounter(folder) };
    const [older, newer] = own.counter >= other.counter ? [other, own] : [own, other];
    last.set(key, newer);
    superseded.set(
      older.folder.id,
      `${oneLine(older.folder.path)} is skipped: ${newer.folder.id} has the same slot and was merged later; remove it with "emerge --unmerge =${older.folder.id}".`,
    );
  }
  return superseded;
}

/** Portage counts merges; 0 where it did not record the count. */
function readCounter({ path }: PackageFolder): number {
  return Number(readVdbFile(`${path}/COUNTER`)?.toString('latin1') ?? 0) || 0;
}
