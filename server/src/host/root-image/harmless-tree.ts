import { chmodSync, lstatSync, readdirSync, readlinkSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { decodePath } from '../../files/path-bytes.ts';
import { toMachinePath } from '../../installed/file-tree.ts';
import { createPause } from '../../installed/pause.ts';
import { asRelative, containLink } from './contained-link.ts';
import { RefusedImage } from './refused-image.ts';

/** Permissions of a file that stay: those of chmod(1) without set-user-ID, set-group-ID and the sticky bit. */
const PLAIN_MODE = 0o777;
const OWNER_READS = 0o400;
const OWNER_ENTERS = 0o700;

/** The size of all files together, in bytes, holes included. Whoever reads a file of holes reads them all. */
const LARGEST_TREE = 64 * 2 ** 30;
/** The steps in which all links of a tree are followed; those of a stage3 take some hundred thousand. */
const MOST_STEPS = 50_000_000;

/** What was found in a tree. */
export interface TreeSize {
  readonly files: number;
  /** Apparent sizes together. */
  readonly bytes: number;
}

/**
 * Makes a tree that came out of an image harmless for everybody who reads it on this machine: sockets, pipes and device nodes are removed,
 * set-user-ID bits are taken away, the owner can read everything, and no link leads out of the tree. Nothing may write to it meanwhile. Links are
 * not followed.
 *
 * @param tree absolute path
 * @throws RefusedImage if it is too large or too deep, and errors of the file system
 */
export async function makeHarmless(tree: string): Promise<TreeSize> {
  try {
    const { size, links } = await visitTree(tree);
    await containLinks(tree, links);
    return size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENAMETOOLONG') throw error;
    throw new RefusedImage('it has folders that are too deep for a path');
  }
}

/** Walks through a tree. @returns the links by their path inside the tree, each with a target that is relative */
async function visitTree(tree: string): Promise<{ size: TreeSize; links: Map<string, string> }> {
  const pause = createPause();
  const links = new Map<string, string>();
  const size = { files: 0, bytes: 0 };
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const place = toMachinePath(tree + folder);
    plainMode(place, lstatSync(place).mode, OWNER_ENTERS);
    for (const name of readdirSync(place, { encoding: 'buffer' })) {
      await pause();
      const inner = `${folder}/${decodePath(name)}`;
      const path = toMachinePath(tree + inner);
      const stats = lstatSync(path);
      size.files += 1;
      if (stats.isDirectory()) folders.push(inner);
      else if (stats.isSymbolicLink())
        links.set(inner, decodePath(readlinkSync(path, { encoding: 'buffer' })));
      else if (stats.isFile()) {
        plainMode(path, stats.mode, OWNER_READS);
        size.bytes += stats.size;
      } else rmSync(path);
      if (size.bytes > LARGEST_TREE)
        throw new RefusedImage(`its files have more than ${LARGEST_TREE / 2 ** 30} GiB, holes included`);
    }
  }
  return { size, links };
}

/** @param needed permissions that the owner gets */
function plainMode(path: string | Buffer, mode: number, needed: number): void {
  const plain = (mode & PLAIN_MODE) | needed;
  if ((mode & 0o7777) !== plain) chmodSync(path, plain);
}

async function containLinks(tree: string, found: ReadonlyMap<string, string>): Promise<void> {
  const pause = createPause();
  const relative = new Map([...found].map(([place, target]) => [place, asRelative(place, target)]));
  const steps = { left: MOST_STEPS };
  for (const [place, target] of found) {
    await pause();
    const contained = containLink(place, target, (path) => relative.get(path), steps);
    if (steps.left < 0) throw new RefusedImage('its links lead through too many other links');
    if (contained === target) continue;
    const path = toMachinePath(tree + place);
    unlinkSync(path);
    if (contained !== undefined) symlinkSync(toMachinePath(contained), path);
  }
}
