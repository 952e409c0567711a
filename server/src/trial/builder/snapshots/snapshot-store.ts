import { mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makePrivateFolder } from '../../../evaluation/work-folder.ts';
import { listFolder } from '../../../files/folder-listing.ts';
import { digestOf } from '../../../host/digest.ts';
import { findOwner, nameForOwner } from '../../../host/process-owner.ts';
import { leaseFolder, readManifest, removeUnlessUsed, snapshotFolder } from './kept-snapshot.ts';
import { encodeManifest, type Manifest } from './manifest.ts';
import { readTreeState } from './tree-state.ts';

/** The files that a step of a build left behind, with everything that was seen of it. */
export interface Snapshot {
  /** A part of the next step's key. */
  readonly id: string;
  /** The folder with the files that the step wrote, as an overlay layer. */
  readonly files: string;
  readonly manifest: Manifest;
}

/** The kept snapshots, as one trial sees them. Several trials, in several processes, may use them at once. */
export interface SnapshotStore {
  /**
   * Finds a snapshot by the key of its step, of this trial or an earlier one. It is not pruned before {@link close}.
   *
   * @param suits whether the step would run as before in the view of the build
   * @param isCurrent whether the files that the step named are as they were; asked only of snapshots of earlier trials
   */
  find(
    key: string,
    suits: (manifest: Manifest) => boolean,
    isCurrent: (manifest: Manifest) => Promise<boolean>,
  ): Promise<Snapshot | undefined>;
  /**
   * Keeps the files of a step. If the store cannot be written, the snapshot stays in its place and lasts as long as the trial.
   *
   * @param place the step's own folder, with the layer in `files` and the kernel's folder in `kernel`; it is moved
   * @param lasts whether later trials may use it
   */
  keep(
    key: string,
    place: string,
    manifest: Omit<Manifest, 'bytes' | 'files' | 'tree'>,
    lasts: boolean,
  ): Promise<Snapshot>;
  /** Makes {@link close} remove the snapshots of this trial: one of its builds failed by chance, and chance may also have made them. */
  distrust(): void;
  /** Releases the snapshots that were found and kept, so that pruning may remove them. */
  close(): void;
}

/**
 * Opens the snapshots of a state folder for one trial.
 *
 * @param home the state folder; undefined: the snapshots last as long as the trial
 * @param fresh whether snapshots of earlier trials are ignored
 */
export function openSnapshotStore(home: string | undefined, fresh: boolean): SnapshotStore {
  const folder = home === undefined ? undefined : snapshotFolder(home);
  const owner = findOwner();
  const lease = `${nameForOwner('trial', owner)}${String(Math.random()).slice(2, 8).padEnd(6, '0')}`;
  /** The snapshots that this trial uses, in the order of the build. */
  const used = new Map<string, Snapshot>();
  let isTrusted = true;

  /** Takes a lease, which pruning respects. @returns whether the snapshot was still there with the lease taken */
  const claim = (path: string): boolean => {
    try {
      writeFileSync(join(leaseFolder(path), lease), '');
      if (readManifest(path) !== undefined) return true;
      release(path);
    } catch {
      // It is gone, or belongs to another user.
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
    // A trial from the beginning must not use existing snapshots.
    if (fresh) removeUnlessUsed(path);
    // Fails if another trial was faster.
    renameSync(place, path);
    return path;
  };

  return {
    async find(key, suits, isCurrent) {
      for (const known of used.values()) {
        if (known.id.startsWith(`${key}-`) && suits(known.manifest)) return known;
      }
      if (folder === undefined || fresh) return undefined;
      for (const id of listFolder(folder).filter((name) => name.startsWith(`${key}-`))) {
        const path = join(folder, id);
        const manifest = readManifest(path);
        if (manifest === undefined) removeUnlessUsed(path);
        else if (suits(manifest) && (await isCurrent(manifest)) && claim(path)) {
          const files = join(path, 'files');
          if ((await readTreeState(files)).digest === manifest.tree) {
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

    async keep(key, place, known, lasts) {
      // The state is a part of it: what later steps have made of the result of another state must not be found.
      const id = `${key}-${digestOf([known.fingerprint, known.state, known.root]).slice(0, 24)}`;
      const { digest: tree, ...size } = await readTreeState(join(place, 'files'));
      const manifest = { ...known, ...size, tree };
      let files = join(place, 'files');
      try {
        // It may hold anything. It is removed with the trial's folder.
        renameSync(join(place, 'kernel'), `${place}-kernel`);
        if (folder !== undefined && lasts) files = join(moveTo(folder, id, place, manifest), 'files');
      } catch {
        // The trial goes on with the snapshot in its own folder, which is removed with it.
      }
      const snapshot = { id, files, manifest };
      used.set(id, snapshot);
      return snapshot;
    },

    distrust() {
      isTrusted = false;
    },

    close() {
      // The first step gets the latest time, because without it the others cannot be found.
      const now = Date.now();
      for (const [index, { files }] of [...used.values()].reverse().entries()) {
        const path = dirname(files);
        try {
          const time = new Date(now + index);
          utimesSync(join(path, 'manifest'), time, time);
        } catch {
          // It was never moved to the store.
        }
        release(path);
        if (!isTrusted && folder !== undefined && dirname(path) === folder) removeUnlessUsed(path);
      }
      used.clear();
    },
  };
}
