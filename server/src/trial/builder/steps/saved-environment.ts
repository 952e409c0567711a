import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  type Stats,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import type { LayeredFolder } from '../../../sandbox/sandbox.ts';

/** In bytes. That of a large ebuild with many eclasses has half a MiB. */
const LARGEST_ENVIRONMENT = 32 * 2 ** 20;

/**
 * Adds functions to the environment that a package manager has saved after the last step, for the next step. They take the place of those that
 * it has with these names.
 *
 * @param path of the environment's file below the folder, with a slash before it
 * @param functions in the form of `declare -f`
 * @returns false if the build has put something else in the place of the file
 */
export function addToEnvironment(
  { lower, upper }: Pick<LayeredFolder, 'lower' | 'upper'>,
  path: string,
  functions: readonly string[],
): boolean {
  const parts = path.split('/').filter((part) => part !== '');
  const paths = parts.map((_, number) => `/${parts.slice(0, number + 1).join('/')}`);
  for (const layer of lower.toReversed()) {
    const found = paths.map((inner) => lstatSync(layer + inner, { throwIfNoEntry: false }));
    if (found.at(-1) === undefined && found.every((stats) => stats === undefined || stats.isDirectory()))
      continue;
    const file = found.at(-1);
    if (file?.isFile() !== true || file.size > LARGEST_ENVIRONMENT) return false;
    if (!found.slice(0, -1).every((stats) => stats?.isDirectory() === true)) return false;
    const text = readFileSync(layer + path, 'latin1');
    for (const [number, stats] of found.slice(0, -1).entries()) {
      mkdirSync(upper + paths[number]);
      makeAlike(upper + paths[number], stats as Stats);
    }
    // Latin-1 keeps the bytes of the file, whatever they are.
    writeFileSync(
      upper + path,
      Buffer.concat([Buffer.from(`${text}\n`, 'latin1'), Buffer.from(functions.join(''))]),
    );
    makeAlike(upper + path, file);
    return true;
  }
  return false;
}

/**
 * Whether functions that {@link addToEnvironment} has brought still do nothing in the environment that the step has saved. The step has not run
 * them then, and its result says nothing.
 *
 * @param upper the folder that took what the step has written
 */
export function lacksFunctions(upper: string, path: string, names: readonly string[]): boolean {
  const stats = lstatSync(upper + path, { throwIfNoEntry: false });
  if (stats?.isFile() !== true || stats.size > LARGEST_ENVIRONMENT) return true;
  const text = readFileSync(upper + path, 'latin1');
  return names.some((name) => new RegExp(`^${name} \\(\\) *\n\\{ *\n\\s*:;?\n\\}`, 'm').test(text));
}

/** What lies over a folder or file hides its owner and mode too. */
function makeAlike(path: string, { uid, gid, mode, atime, mtime }: Stats): void {
  if (process.geteuid?.() === 0) chownSync(path, uid, gid);
  chmodSync(path, mode & 0o7777);
  utimesSync(path, atime, mtime);
}
