import { statSync } from 'node:fs';
import { join } from 'node:path';
import { listFolder } from '../../../files/folder-listing.ts';
import { readManifest, removeUnlessUsed, snapshotFolder } from './kept-snapshot.ts';

/** The number and the size of the removed snapshots. */
export interface PrunedSnapshots {
  readonly snapshots: number;
  readonly bytes: number;
}

/**
 * Removes damaged snapshots, and the least recently used ones until the rest is within a limit. Snapshots that a trial is using, or that
 * cannot be removed, stay. Throws nothing.
 *
 * @param home the state folder
 * @param limit in bytes
 */
export function pruneSnapshots(home: string, limit: number): PrunedSnapshots {
  const pruned = { snapshots: 0, bytes: 0 };
  let kept = 0;
  for (const { path, bytes } of listNewestFirst(snapshotFolder(home))) {
    if (bytes !== undefined && kept + bytes <= limit) kept += bytes;
    else if (removeUnlessUsed(path)) {
      pruned.snapshots += 1;
      pruned.bytes += bytes ?? 0;
    } else kept += bytes ?? 0;
  }
  return pruned;
}

/** @returns the size of each snapshot, undefined if it is damaged */
function listNewestFirst(folder: string): { path: string; used: number; bytes: number | undefined }[] {
  return listFolder(folder)
    .map((name) => {
      const path = join(folder, name);
      const used = statSync(join(path, 'manifest'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
      return { path, used, bytes: readManifest(path)?.bytes };
    })
    .sort((left, right) => right.used - left.used);
}
