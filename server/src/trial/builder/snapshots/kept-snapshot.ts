import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { removeTree } from '../../../evaluation/work-folder.ts';
import { findOwner, listAbandoned } from '../../../host/process-owner.ts';
import { decodeManifest, type Manifest } from './manifest.ts';

/** Where snapshots are, below the state folder: one folder each, with the layer in `files`, `manifest`, and `leases`. */
export const snapshotFolder = (home: string): string => join(home, 'snapshots');

/** Holds one file, named like a trial's folder, for each trial that uses a snapshot. */
export const leaseFolder = (snapshot: string): string => join(snapshot, 'leases');

/** The manifest of a snapshot; undefined when there is none, as while it is being removed, or it is damaged. */
export function readManifest(snapshot: string): Manifest | undefined {
  try {
    return decodeManifest(readFileSync(join(snapshot, 'manifest')));
  } catch {
    return undefined;
  }
}

/** Whether a trial that may still run uses a snapshot. */
function hasLiveLease(snapshot: string): boolean {
  try {
    const folder = leaseFolder(snapshot);
    return readdirSync(folder).length > listAbandoned(folder, findOwner()).length;
  } catch {
    return false;
  }
}

/**
 * Removes a snapshot unless a trial uses it or it is another user's; says whether it is gone.
 *
 * A trial takes its lease first and looks for the manifest afterwards; here it is the other way round, so that one of the two always
 * sees the other.
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
