import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { removeTree } from '../../../evaluation/work-folder.ts';
import { findOwner, listAbandoned } from '../../../host/process-owner.ts';
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
function hasLiveLease(snapshot: string): boolean {
  try {
    const folder = leaseFolder(snapshot);
    return readdirSync(folder).length > listAbandoned(folder, findOwner()).length;
  } catch {
    return false;
  }
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
    removeTree(snapshot);
    return true;
  } catch {
    return false;
  }
}
