import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { removeTree } from '../../../files/remove-tree.ts';

/**
 * Removes everything in a folder except the kept paths and the folders that lead to them. Links are not followed, because a build may have
 * put a link in the place of a folder.
 *
 * @param kept paths below the folder, without a slash at either end
 * @throws the file system's error
 */
export async function removeAllBut(folder: string, kept: readonly string[]): Promise<void> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const { name } = entry;
    if (kept.includes(name)) continue;
    const inside = kept
      .filter((path) => path.startsWith(`${name}/`))
      .map((path) => path.slice(name.length + 1));
    if (inside.length > 0 && entry.isDirectory()) await removeAllBut(join(folder, name), inside);
    else await removeTree(join(folder, name));
  }
}
