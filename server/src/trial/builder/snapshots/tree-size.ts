import { lstatSync, type Stats } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { createPause } from '../../../installed/pause.ts';

/** The size of a tree, which is the same as long as nothing in it changes. */
export interface TreeSize {
  /** Rounded up to blocks; holes count as data. */
  readonly bytes: number;
  /** Number of files and folders, including the top one. */
  readonly files: number;
}

const BLOCK_BYTES = 4096;
/** Entries of a folder that are read at once: a build may put a million into one. */
const ENTRIES_AT_ONCE = 1000;

/** Measures a tree, with pauses for everything else. Unreadable folders count as empty. */
export async function measureTree(path: string): Promise<TreeSize> {
  const pause = createPause();
  let blocks = 0;
  let files = 0;
  /** @returns whether it is a folder */
  const count = (file: string): boolean => {
    const stats = statOf(file);
    if (stats === undefined) return false;
    files += 1;
    // The size of a folder depends on its history, so each folder counts as one block.
    blocks += stats.isFile() ? Math.ceil(stats.size / BLOCK_BYTES) : 1;
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
  return { bytes: blocks * BLOCK_BYTES, files };
}

/** @returns undefined if there is nothing, or folders are nested too deep for a path */
function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}
