import { lstatSync, rmSync } from 'node:fs';

/** The number and the size of the removed files. */
export interface Pruned {
  readonly files: number;
  readonly bytes: number;
}

/**
 * Removes the files that were changed longest ago until the rest has no more than `limit` bytes. Files that are not regular, or cannot be
 * removed, stay. Throws nothing.
 */
export function removeLeastRecent(paths: readonly string[], limit: number): Pruned {
  const files = paths
    .flatMap((path) => {
      const stats = lstatSync(path, { throwIfNoEntry: false });
      return stats?.isFile() === true ? [{ path, size: stats.size, time: stats.mtimeMs }] : [];
    })
    .sort((left, right) => right.time - left.time);
  const pruned = { files: 0, bytes: 0 };
  let kept = 0;
  for (const { path, size } of files) {
    kept += size;
    if (kept <= limit) continue;
    try {
      rmSync(path);
      pruned.files += 1;
      pruned.bytes += size;
    } catch {
      // Another process was faster, or it belongs to another user.
    }
  }
  return pruned;
}
