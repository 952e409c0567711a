import { lstatSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { listFolder } from '../../../files/folder-listing.ts';

/** The size of a tree, which is the same as long as nothing in it changes. */
export interface TreeSize {
  /** Rounded up to blocks; holes count as data. */
  readonly bytes: number;
  /** Number of files and folders, including the top one. */
  readonly files: number;
}

const BLOCK_BYTES = 4096;

/** Measures a tree. Unreadable folders count as empty. */
export function measureTree(path: string): TreeSize {
  let blocks = 0;
  let files = 0;
  const visit = (file: string) => {
    const stats = statOf(file);
    if (stats === undefined) return;
    files += 1;
    // The size of a folder depends on its history, so each folder counts as one block.
    blocks += stats.isFile() ? Math.ceil(stats.size / BLOCK_BYTES) : 1;
    if (stats.isDirectory()) for (const name of listFolder(file)) visit(join(file, name));
  };
  visit(path);
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
