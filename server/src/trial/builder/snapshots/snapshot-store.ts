import { mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makePrivateFolder, removeTree } from '../../../evaluation/work-folder.ts';
import { listFolder } from '../../../files/folder-listing.ts';
import { findOwner, nameForOwner } from '../../../host/process-owner.ts';
import { leaseFolder, readManifest, removeUnlessUsed, snapshotFolder } from './kept-snapshot.ts';
import { encodeManifest, type Manifest } from './manifest.ts';
import { measureTree } from './tree-size.ts';

/** What a step of a build left behind, with what was seen of it. */
export interface Snapshot {
  /** What the next step's key is made of. */
  readonly id: string;
  /** The folder with what the step has written, as an overlay layer. */
  readonly files: string;
  readonly manifest: Manifest;
}

/** What one trial sees of the kept snapshots. Several trials, in several processes, may use them at once. */
export interface SnapshotStore {
  /**
   * A snapshot of the step that `key` stands for, of this trial or an earlier one. From then on it stays until {@link close}.
   *
   * @param suits whether the step would go the same way now
   */
  find(key: string, suits: (manifest: Manifest) => boolean): Snapshot | undefined;
  /**
   * Keeps what a step left behind. A store that cannot be written is no reason to fail: the snapshot then stays where it is and lasts as
   * long as the trial.
   *
   * @param place the step's own folder, with the layer in `files` and the kernel's folder in `kernel`; it is moved
   */
  keep(key: string, place: string, manifest: Omit<Manifest, 'bytes' | 'files' | 'boot'>): Snapshot;
  /** Lets go of what was found and kept, which pruning may then remove. */
  close(): void;
}

/**
 * Opens the snapshots of a state folder for one trial.
 *
 * @param home undefined: what the trial keeps goes with it
 * @param fresh whether earlier trials' snapshots are left aside
 */
export function openSnapshotStore(home: string | undefined, fresh: boolean): SnapshotStore {
  const folder = home === undefined ? undefined : snapshotFolder(home);
  const owner = findOwner();
  const lease = `${nameForOwner('trial', owner)}${String(Math.random()).slice(2, 8).padEnd(6, '0')}`;
  /** Everything that this trial has in use, in the order of the build. */
  const used = new Map<string, Snapshot>();

  /** @returns whether the snapshot was whole after it could no longer be pruned */
  const claim = (path: string): boolean => {
    try {
      writeFileSync(join(leaseFolder(path), lease), '');
      if (readManifest(path) !== undefined) return true;
      release(path);
    } catch {
      // It is gone, or another user's.
    }
    return false;
  };
  const release = (path: string) => rmSync(join(leaseFolder(path), lease), { force: true });

  /** @returns the new place */
  const moveTo = (store: string, id: string, place: string, manifest: Manifest): string => {
    const path = join(store, id);
    mkdirSync(leaseFolder(place));
    writeFileSync(join(leaseFolder(place), lease), '');
    writeFileSync(join(place, 'manifest'), encodeManifest(manifest));
    makePrivateFolder(store);
    // Who asks for a trial afresh does not trust what is there.
    if (fresh) removeUnlessUsed(path);
    // Refused when another trial was faster.
    renameSync(place, path);
    return path;
  };

  return {
    find(key, suits) {
      for (const known of used.values()) {
        if (known.id.startsWith(`${key}-`) && suits(known.manifest)) return known;
      }
      if (folder === undefined || fresh) return undefined;
      for (const id of listFolder(folder).filter((name) => name.startsWith(`${key}-`))) {
        const path = join(folder, id);
        const manifest = readManifest(path);
        if (manifest === undefined) removeUnlessUsed(path);
        else if (suits(manifest) && claim(path)) {
          const files = join(path, 'files');
          if (isWhole(files, manifest, owner.boot)) {
            const snapshot = { id, files, manifest };
            used.set(id, snapshot);
            return snapshot;
          }
          release(path);
          removeUnlessUsed(path);
        }
      }
      return undefined;
    },

    keep(key, place, known) {
      const id = `${key}-${known.fingerprint.slice(0, 24)}`;
      const manifest = { ...known, ...measureTree(join(place, 'files')), boot: owner.boot };
      let files = join(place, 'files');
      try {
        removeTree(join(place, 'kernel'));
        if (folder !== undefined) files = join(moveTo(folder, id, place, manifest), 'files');
      } catch {
        // The trial goes on with what it has; the folder goes with the trial's own.
      }
      const snapshot = { id, files, manifest };
      used.set(id, snapshot);
      return snapshot;
    },

    close() {
      // The first step was of use last: without it the others cannot be found.
      const now = Date.now();
      for (const [index, { files }] of [...used.values()].reverse().entries()) {
        const path = dirname(files);
        try {
          const time = new Date(now + index);
          utimesSync(join(path, 'manifest'), time, time);
        } catch {
          // It was never moved here.
        }
        release(path);
      }
      used.clear();
    },
  };
}

/** After a power cut files may be shorter than they were written. What was made in this boot is as the kernel has it. */
function isWhole(files: string, manifest: Manifest, boot: string): boolean {
  if (manifest.boot === boot) return true;
  const now = measureTree(files);
  return now.bytes === manifest.bytes && now.files === manifest.files;
}
