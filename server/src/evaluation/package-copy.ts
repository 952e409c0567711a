import type { Stats } from 'node:fs';
import { chmod, copyFile, lstat, mkdir, opendir, readlink, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../errors/user-error.ts';
import { leadsOut } from '../files/regular-file.ts';

/** Limits for the folder of a package. PMS 4.3 has only ebuilds, metadata and small files in it. */
const MOST_BYTES = 256 * 2 ** 20;
const MOST_ENTRIES = 20_000;

/** Ebuilds, of which only the text under trial counts, and files that no build uses, such as metadata and those of an editor. */
const UNSEEN = /^\.|~$|\.ebuild$|^metadata\.xml$/;

/** Whether builds see a file or folder of a package's folder. What they do not see is no input of a trial. */
export const isSeenByBuilds = (name: string): boolean => !UNSEEN.test(name);

/**
 * Copies the folder of a package, readable for everybody, because the builds of root run as an unprivileged user.
 *
 * Links stay links, which are resolved in the sandbox: a copy of the target could show any file that this process can read. Pipes, sockets,
 * devices, and names that are not UTF-8, which Node cannot open, are left out: no package has them (GLEP 31). Links out of the repository are
 * left out too: such a file is no file of the package, and another machine does not have it.
 *
 * @param target an existing folder
 * @param repository the folder that links must not leave
 * @param isLeftOut names in the folder itself that are not copied
 * @returns the other entries that were left out, relative to the folder
 * @throws UserError if the folder is larger than any package, and the file system's errors
 */
export async function copyPackage(
  source: string,
  target: string,
  repository: string,
  isLeftOut: (name: string) => boolean,
): Promise<readonly string[]> {
  const leftOut: string[] = [];
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
      } else if (stats.isSymbolicLink() && !leadsOut(from, [repository]))
        await symlink(await readlink(from), to);
      else if (stats.isFile()) {
        await copyFile(from, to);
        await chmod(to, (stats.mode & 0o100) === 0 ? 0o644 : 0o755);
      } else leftOut.push(join(folder, name));
    }
  }
  return leftOut;
}

function statOf(path: string): Promise<Stats | undefined> {
  return lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}
