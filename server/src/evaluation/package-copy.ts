import type { Stats } from 'node:fs';
import { chmod, copyFile, lstat, mkdir, opendir, readlink, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../errors/user-error.ts';

/** Limits for the folder of a package. PMS 4.3 has only ebuilds, metadata and small files in it. */
const MOST_BYTES = 256 * 2 ** 20;
const MOST_ENTRIES = 20_000;

/**
 * Copies the folder of a package, readable for everybody, because the builds of root run as an unprivileged user.
 *
 * Links stay links, which are resolved in the sandbox: a copy of the target could show any file that this process can read. Pipes, sockets,
 * devices, and names that are not UTF-8, which Node cannot open, are left out: no package has them (GLEP 31).
 *
 * @param target an existing folder
 * @param isLeftOut names in the folder itself that are not copied
 * @throws UserError if the folder is larger than any package, and the file system's errors
 */
export async function copyPackage(
  source: string,
  target: string,
  isLeftOut: (name: string) => boolean,
): Promise<void> {
  let bytes = 0;
  let entries = 0;
  const check = () => {
    if (bytes > MOST_BYTES || entries > MOST_ENTRIES)
      throw new UserError(
        `${source} holds more than ${MOST_BYTES / 2 ** 20} MiB or ${MOST_ENTRIES} files: remove everything from it that is not a part of the package.`,
      );
  };
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for await (const { name } of await opendir(join(source, folder))) {
      if (folder === '' && isLeftOut(name)) continue;
      const [from, to] = [join(source, folder, name), join(target, folder, name)];
      const stats = await statOf(from);
      if (stats === undefined) continue;
      entries += 1;
      bytes += stats.isFile() ? stats.size : 0;
      check();
      if (stats.isDirectory()) {
        await mkdir(to);
        await chmod(to, 0o755);
        folders.push(join(folder, name));
      } else if (stats.isSymbolicLink()) await symlink(await readlink(from), to);
      else if (stats.isFile()) {
        await copyFile(from, to);
        await chmod(to, (stats.mode & 0o100) === 0 ? 0o644 : 0o755);
      }
    }
  }
}

function statOf(path: string): Promise<Stats | undefined> {
  return lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}
