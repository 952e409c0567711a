import {
  chmodSync,
  constants,
  copyFileSync,
  type Dirent,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { decodePath } from '../files/path-bytes.ts';
import { toMachinePath } from '../installed/file-tree.ts';

/** An overlay has no more than 500 lower layers. The root is one of them, and so are the effects of a stack and what hides. */
export const MOST_LAYERS = 400;

/** Records of packages are copied: the time of change of an inode (inode(7)) tells whether a record is the one that was read. */
const RECORDS = '/var/db/pkg/';

/** Work of other kinds gets a turn after so many entries. */
const ENTRIES_PER_TURN = 500;

/** How many of the lowest layers have to become one so that all can be mounted; 0: none. */
export function countJoined(layers: number): number {
  return layers > MOST_LAYERS ? layers - MOST_LAYERS + 1 : 0;
}

/**
 * Makes one folder of several layers, which shows what an overlay of them would show. Its files are hard links of theirs.
 *
 * @param layers absolute paths of layers, the lowest first
 * @param target an empty folder on the same file system
 */
export async function joinLayers(layers: readonly string[], target: string): Promise<void> {
  let count = 0;
  for (const layer of layers) {
    const folders = [''];
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop())
      for (const entry of readdirSync(toMachinePath(layer + folder), ENTRIES)) {
        const path = `${folder}/${decodePath(entry.name)}`;
        if (entry.isDirectory()) {
          putFolder(layer + path, target + path);
          folders.push(path);
        } else putFile(entry, layer + path, target + path, path.startsWith(RECORDS));
        count += 1;
        if (count % ENTRIES_PER_TURN === 0) await setImmediate();
      }
  }
}

const ENTRIES = { withFileTypes: true, encoding: 'buffer' } as const;

/** Folders of the same name become one, with the permissions of the highest. Anything else of that name is covered. */
function putFolder(source: string, target: string): void {
  const place = toMachinePath(target);
  const known = lstatSync(place, { throwIfNoEntry: false });
  if (known !== undefined && !known.isDirectory()) rmSync(place);
  if (known?.isDirectory() !== true) mkdirSync(place);
  chmodSync(place, lstatSync(toMachinePath(source)).mode & 0o777);
}

function putFile(entry: Dirent<Buffer>, source: string, target: string, copies: boolean): void {
  const from = toMachinePath(source);
  const place = toMachinePath(target);
  if (lstatSync(place, { throwIfNoEntry: false }) !== undefined) rmSync(place, { recursive: true });
  if (entry.isSymbolicLink()) symlinkSync(readlinkSync(from, { encoding: 'buffer' }), place);
  else if (copies) copyFileSync(from, place, constants.COPYFILE_EXCL);
  else linkOrCopy(from, place);
}

function linkOrCopy(from: string | Buffer, to: string | Buffer): void {
  try {
    linkSync(from, to);
  } catch (error) {
    // The inode has all the links that it can have.
    if ((error as NodeJS.ErrnoException).code !== 'EMLINK') throw error;
    copyFileSync(from, to, constants.COPYFILE_EXCL);
  }
}
