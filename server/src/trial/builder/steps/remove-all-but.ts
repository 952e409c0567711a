import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { removeTree } from '../../../evaluation/work-folder.ts';

/**
 * Removes everything in a folder except the kept paths and the folders that lead to them. Links are not followed, because a build may have
 * put a link in the place of a folder.
 *
 * @param kept paths below the folder, without a slash at either end
 * @throws the file system's error
 */
export function removeAllBut(folder: string, kept: readonly string[]): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const { name } = entry;
    if (kept.includes(name)) continue;
    const inside = kept
      .filter((path) => path.startsWith(`${name}/`))
      .map((path) => path.slice(name.length + 1));
    if (inside.length > 0 && entry.isDirectory()) removeAllBut(join(folder, name), inside);
    else removeTree(join(folder, name));
  }
}
