import { readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makePrivateFolder } from '../../../evaluation/work-folder.ts';
import { removeTree } from '../../../files/remove-tree.ts';
import { hasLiveOwner, nameAside } from '../../../host/process-owner.ts';
import { decodeManifest, type Manifest } from './manifest.ts';

/** The folder of all snapshots. Each is a folder with the layer in `files`, with `manifest`, and with `leases`. */
export const snapshotFolder = (home: string): string => join(home, 'snapshots');

/** The folder with one file for each trial that uses a snapshot, named like the trial's folder. */
export const leaseFolder = (snapshot: string): string => join(snapshot, 'leases');

/** Reads the manifest of a snapshot; undefined if it is damaged or missing, as while the snapshot is being removed. */
export function readManifest(snapshot: string): Manifest | undefined {
  try {
    return decodeManifest(readFileSync(join(snapshot, 'manifest')));
  } catch {
    return undefined;
  }
}

/** Whether a trial that may still be running uses a snapshot. */
const hasLiveLease = (snapshot: string): boolean => hasLiveOwner(leaseFolder(snapshot));

/**
 * Removes a tree while this process goes on, because it may have a million files. Until then it is among the folders of trials, so that the
 * next trial removes it if the machine stops.
 */
function removeSoon(snapshot: string): void {
  const trials = join(dirname(dirname(snapshot)), 'trials');
  makePrivateFolder(trials);
  const aside = join(trials, nameAside('removed'));
  renameSync(snapshot, aside);
  removeTree(aside).catch(() => {});
}

/**
 * Removes a snapshot, unless a trial uses it or it belongs to another user.
 *
 * A trial takes its lease first and then reads the manifest. This function removes the manifest first and then looks for leases, so at
 * least one of the two notices the other.
 *
 * @returns whether it is removed
 */
export function removeUnlessUsed(snapshot: string): boolean {
  try {
    if (hasLiveLease(snapshot)) return false;
    rmSync(join(snapshot, 'manifest'), { force: true });
    if (hasLiveLease(snapshot)) return false;
    removeSoon(snapshot);
    return true;
  } catch {
    return false;
  }
}
