import type { PackageRecord } from './stored-layer.ts';
import { type InstalledPackage, readVdbFile } from './vdb.ts';
import { oneLine, type PackageFolder, type VdbFolders } from './vdb-folder.ts';

/** Records of packages by their ids. */
export type Records = ReadonlyMap<string, PackageRecord>;

export const recordsById = (records: readonly PackageRecord[]): Records =>
  new Map(records.map((record) => [record.id, record]));

/** The records that still say what is in the folders. */
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
  /** Sentences about entries of the VDB that were skipped, each said once. */
  readonly problems: readonly string[];
}

/**
 * Chooses what counts as installed.
 *
 * @param current a record of each folder
 */
export function selectPackages(
  { packages: folders, problems }: VdbFolders,
  current: Records,
): CurrentPackages {
  const live = folders.filter(({ id }) => current.get(id)?.installed !== undefined);
  const superseded = findSuperseded(live, (id) => current.get(id)?.installed as InstalledPackage);
  const said = folders.flatMap(({ id }) => superseded.get(id) ?? current.get(id)?.problem ?? []);
  return {
    packages: live.flatMap(({ id }) => (superseded.has(id) ? [] : (current.get(id)?.installed ?? []))),
    problems: [...problems, ...said].sort(),
  };
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
