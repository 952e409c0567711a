import { realpathSync } from 'node:fs';
import { covers, startOfRecords, type TrialExtent } from './record-file.ts';
import { openRecordStore } from './record-store.ts';
import { recordFolder } from './trial-records.ts';

/** How long the newest trial of an ebuild took, in milliseconds; undefined if that is not known. @param file absolute */
export type LastDuration = (file: string) => number | undefined;

/**
 * Reads how long the last trials of many ebuilds took. `TrialRecords.lastDuration` lists the folder for each ebuild; this lists it once.
 *
 * @param world the state folder and the root of the trials
 * @param extent only trials of this extent count
 */
export function readLastDurations(
  { home, rootPath: root }: { readonly home: string; readonly rootPath: string },
  extent: TrialExtent,
): LastDuration {
  const store = openRecordStore(recordFolder(home));
  const byEbuild = new Map<string, string[]>();
  for (const name of store.list('')) {
    const start = name.slice(0, name.indexOf('-') + 1);
    const names = byEbuild.get(start);
    if (names === undefined) byEbuild.set(start, [name]);
    else names.push(name);
  }
  return (file) => {
    if (byEbuild.size === 0) return undefined;
    let newest: { readonly ended: number; readonly took: number } | undefined;
    for (const name of byEbuild.get(startOfRecords({ root, file: resolveLinks(file) })) ?? []) {
      const read = store.read(name);
      if (read?.kind !== 'whole') continue;
      const { extent: done, ended, time } = read.stored;
      if (time === undefined || !covers(done, extent) || !covers(extent, done)) continue;
      if (newest === undefined || newest.ended < ended) newest = { ended, took: time.took };
    }
    return newest?.took;
  };
}

function resolveLinks(file: string): string {
  try {
    return realpathSync.native(file);
  } catch {
    return file;
  }
}
