import { showName } from '../errors/visible-text.ts';
import type { PackageRecord } from './stored-layer.ts';
import { type InstalledPackage, readVdbFile } from './vdb.ts';
import type { PackageFolder, VdbFolders } from './vdb-folder.ts';

/** Records of packages by their ids. */
export type Records = ReadonlyMap<string, PackageRecord>;

export const recordsById = (records: readonly PackageRecord[]): Records =>
  new Map(records.map((record) => [record.id, record]));

/** The records of folders that have not changed since. */
export function findUnchanged(
  records: Records,
  folders: readonly PackageFolder[],
): Map<string, PackageRecord> {
  const unchanged = new Map<string, PackageRecord>();
  for (const { id, facts } of folders) {
    const record = records.get(id);
    if (record?.facts.every((fact, at) => fact === facts[at])) unchanged.set(id, record);
  }
  return unchanged;
}

export interface CurrentPackages {
  /** Sorted by `packageId`. */
  readonly packages: readonly InstalledPackage[];
  /** One sentence about each entry of the VDB that was skipped. */
  readonly problems: readonly string[];
}

/**
 * Chooses the packages that count as installed.
 *
 * @param current the records of all folders
 */
export function selectPackages(
  { packages: folders, problems }: VdbFolders,
  current: Records,
): CurrentPackages {
  const superseded = findSuperseded(folders, current);
  const packages: InstalledPackage[] = [];
  const skipped: string[] = [];
  for (const { id } of folders) {
    const record = current.get(id);
    const problem = superseded.get(id) ?? record?.problem;
    if (problem !== undefined) skipped.push(problem);
    if (record?.installed !== undefined && !superseded.has(id)) packages.push(record.installed);
  }
  return { packages, problems: [...problems, ...skipped].sort() };
}

/**
 * Finds the packages that an interrupted merge left behind, with a sentence about each. Of packages with the same name and
 * slot, only the one that was merged last is installed.
 */
function findSuperseded(folders: readonly PackageFolder[], current: Records): ReadonlyMap<string, string> {
  const newest = new Map<string, { readonly folder: PackageFolder; counter?: number }>();
  const superseded = new Map<string, string>();
  for (const folder of folders) {
    const installed = current.get(folder.id)?.installed;
    if (installed === undefined) continue;
    const key = `${folder.category}/${folder.name}:${installed.slot}`;
    const previous = newest.get(key);
    if (previous === undefined) {
      newest.set(key, { folder });
      continue;
    }
    previous.counter ??= readCounter(previous.folder);
    const next = { folder, counter: readCounter(folder) };
    const [older, newer] = next.counter >= previous.counter ? [previous, next] : [next, previous];
    newest.set(key, newer);
    superseded.set(
      older.folder.id,
      `${showName(older.folder.path)} is skipped: ${newer.folder.id} has the same slot and was merged later; remove it with "emerge --unmerge =${older.folder.id}".`,
    );
  }
  return superseded;
}

/** The number that Portage gave to the merge of this package; 0 if it recorded none. */
function readCounter({ path }: PackageFolder): number {
  return Number(readVdbFile(`${path}/COUNTER`)?.toString('latin1') ?? 0) || 0;
}
