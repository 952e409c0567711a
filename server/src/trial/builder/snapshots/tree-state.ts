import { createHash } from 'node:crypto';
import { lstatSync, type Stats } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { createPause } from '../../../installed/pause.ts';

/** The state of a tree, which is the same as long as nothing in it changes. */
export interface TreeState {
  /** Rounded up to blocks; holes count as data. */
  readonly bytes: number;
  /** Number of files and folders, including the top one. */
  readonly files: number;
  /**
   * Changes with every write to a file, because no program can set the time of the last change (ctime, inode(7)) back without setting the
   * clock. The contents are not read, which would take minutes for the largest builds, so a disk that gives back other bytes is not noticed.
   */
  readonly digest: string;
}

const BLOCK_BYTES = 4096;
/** Entries of a folder that are read at once: a build may put a million into one. */
const ENTRIES_AT_ONCE = 1000;

/** Reads the state of a tree, with pauses for everything else. Unreadable folders count as empty. */
export async function readTreeState(path: string): Promise<TreeState> {
  const pause = createPause();
  let blocks = 0;
  let files = 0;
  // The order of names in a folder is no part of it, so the digests of files are added up.
  let sum = 0n;
  /** @returns whether it is a folder */
  const count = (file: string): boolean => {
    const stats = statOf(file);
    if (stats === undefined) return false;
    files += 1;
    // The size of a folder depends on its history, so each folder counts as one block.
    blocks += stats.isFile() ? Math.ceil(stats.size / BLOCK_BYTES) : 1;
    const { ino, mode, size, mtimeMs, ctimeMs } = stats;
    const state = stats.isDirectory() ? `${mode}` : `${ino} ${mode} ${size} ${mtimeMs} ${ctimeMs}`;
    const digest = createHash('sha256')
      .update(`${file.slice(path.length)}\0${state}`)
      .digest();
    sum += digest.readBigUInt64LE() + (digest.readBigUInt64LE(8) << 64n);
    return stats.isDirectory();
  };
  const folders = count(path) ? [path] : [];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    try {
      for await (const { name } of await opendir(folder, { bufferSize: ENTRIES_AT_ONCE })) {
        const inner = join(folder, name);
        if (count(inner)) folders.push(inner);
        await pause();
      }
    } catch {
      // It cannot be read.
    }
  }
  return { bytes: blocks * BLOCK_BYTES, files, digest: sum.toString(16) };
}

/** @returns undefined if there is nothing, or folders are nested too deep for a path */
function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}
