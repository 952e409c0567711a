import { lstatSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { listFolder } from '../../../files/folder-listing.ts';

/** How large a tree is; the same whenever nothing in it has changed. */
export interface TreeSize {
  /** Rounded up to blocks, holes counted as if they were full. */
  readonly bytes: number;
  /** Files and folders, the top one included. */
  readonly files: number;
}

const BLOCK_BYTES = 4096;

/** Measures a tree. Folders that cannot be read count as empty. */
export function measureTree(path: string): TreeSize {
  let blocks = 0;
  let files = 0;
  const visit = (one: string) => {
    const stats = statOf(one);
    if (stats === undefined) return;
    files += 1;
    // How large a folder is depends on its history.
    blocks += stats.isFile() ? Math.ceil(stats.size / BLOCK_BYTES) : 1;
    if (stats.isDirectory()) for (const name of listFolder(one)) visit(join(one, name));
  };
  visit(path);
  return { bytes: blocks * BLOCK_BYTES, files };
}

/** Undefined where there is nothing, and where a build has nested folders so deep that no path names them. */
function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}
