import { createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  constants,
  type Dirent,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { UserError } from '../errors/user-error.ts';
import { showName } from '../errors/visible-text.ts';
import { decodePath, encodePath } from '../files/path-bytes.ts';
import { toMachinePath } from '../installed/file-tree.ts';

/** What has been taken from a tree. */
export interface TakenTree {
  /** Lines of CONTENTS (portage(5)), as bytes in the form of `decodePath`. */
  readonly contents: readonly string[];
  /** Some of the names that were left behind. */
  readonly leftOut: readonly string[];
  /** Of paths, kinds, modes, contents and targets of links. */
  readonly digest: string;
}

export interface TakingInput {
  /** A tree that nobody writes to any more. What it holds is not trusted. */
  readonly from: string;
  /** A folder on the same file system. */
  readonly to: string;
  /** See `LayerStore.content`. */
  readonly content: string;
  /** Bytes of all files together. */
  readonly limit: number;
  /** Finds the path in the layer of a path in the tree, such as `/usr/bin/x` of `/bin/x`; undefined to leave it out. */
  place(path: string, kind: EntryKind): string | undefined;
}

/** Whatever is neither a folder nor a link is a file here. */
export type EntryKind = 'folder' | 'link' | 'file';

/** Work of other kinds gets a turn after so many files. */
const FILES_PER_TURN = 200;
/** Permissions only: no set-user-ID, no set-group-ID, no sticky bit. */
const PERMISSIONS = 0o777;
/** PATH_MAX of Linux. Paths may be longer here than they were in the sandbox. */
const LONGEST_PATH = 4096;
/** They are for a reader, and there may be millions. */
const MOST_NAMED = 100;
/** In characters. Those of the largest packages have some 50 million; a small archive can describe millions of long paths. */
const LARGEST_CONTENTS = 128 * 2 ** 20;

/**
 * Takes files, folders and links from a tree into a layer. Each file becomes a hard link of the content that is kept already, if there is
 * the same. Only the entries themselves are looked at, never what a link leads to.
 *
 * Set-user-ID bits, devices, pipes and sockets are left behind, and names that CONTENTS cannot hold.
 *
 * @throws UserError if the files are larger than the limit, or too many with long names
 */
export async function takeTree({ from, to, content, limit, place }: TakingInput): Promise<TakenTree> {
  const list = createList();
  const room = createRoom();
  let bytes = 0;
  let count = 0;
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of listSorted(from + folder)) {
      const path = `${folder}/${decodePath(entry.name)}`;
      const kind = kindOf(entry);
      const target = path.includes('\n') ? undefined : place(path, kind);
      const source = from + path;
      count += 1;
      if (count % FILES_PER_TURN === 0) await setImmediate();
      if (target === undefined || isTooLong(source, to + target) || !room.take(target, kind)) {
        list.leave(path);
        continue;
      }
      const taken = to + target;
      const stats = lstatSync(toMachinePath(source));
      if (stats.isDirectory()) {
        folders.push(path);
        makeFolder(taken, stats.mode);
        list.add(`dir ${path}`, `dir ${path}\0`);
      } else if (stats.isSymbolicLink()) {
        const link = decodePath(readlinkSync(toMachinePath(source), { encoding: 'buffer' }));
        // The lines after it would name files in CONTENTS that the package does not have.
        if (link.includes('\n')) list.leave(path);
        else {
          putLink(link, taken);
          list.add(`sym ${path} -> ${link} ${seconds(stats)}`, `sym ${path} ${link}\0`);
        }
      } else if (stats.isFile()) {
        bytes += stats.size;
        if (bytes > limit) throw new UserError('it is larger than the limit of disk space for a build');
        const { md5, sha256, mode } = takeFile(source, taken, stats, content);
        list.add(`obj ${path} ${md5} ${seconds(stats)}`, `obj ${path} ${mode.toString(8)} ${sha256}\0`);
      } else list.leave(path);
    }
  }
  return list.finish();
}

function kindOf(entry: Dirent<Buffer>): EntryKind {
  return entry.isDirectory() ? 'folder' : entry.isSymbolicLink() ? 'link' : 'file';
}

const isTooLong = (...paths: readonly string[]): boolean =>
  paths.some((path) => Buffer.byteLength(toMachinePath(path)) >= LONGEST_PATH);

interface TakenList {
  /** @param known what the digest knows of it */
  add(line: string, known: string): void;
  leave(path: string): void;
  finish(): TakenTree;
}

function createList(): TakenList {
  const contents: string[] = [];
  const leftOut: string[] = [];
  const hash = createHash('sha256');
  let length = 0;
  return {
    add(line, known) {
      length += line.length + 1;
      if (length > LARGEST_CONTENTS) throw new UserError('the names of its files are too long to list');
      contents.push(line);
      hash.update(encodePath(known));
    },
    leave(path) {
      if (leftOut.length < MOST_NAMED) leftOut.push(showName(path));
    },
    finish: () => ({ contents, leftOut, digest: hash.digest('hex') }),
  };
}

/**
 * Knows what has been put into the layer. Two paths of the package may be one in it, as /lib/x and /usr/lib/x where /lib is a link of the
 * root. So nothing may be put behind a link of the layer, which could lead anywhere on this machine.
 */
function createRoom(): { take(path: string, kind: EntryKind): boolean } {
  const taken = new Map<string, EntryKind>();
  const isFolder = (path: string) => path === '' || (taken.get(path) ?? 'folder') === 'folder';
  const isOpen = (path: string): boolean =>
    path === '' || (isFolder(path) && isOpen(path.slice(0, path.lastIndexOf('/'))));
  return {
    take(path, kind) {
      const known = taken.get(path);
      if (!isOpen(path.slice(0, path.lastIndexOf('/')))) return false;
      if (known !== undefined && (known !== 'folder' || kind !== 'folder')) return false;
      taken.set(path, kind);
      return true;
    },
  };
}

const seconds = ({ mtimeMs }: Stats): number => Math.max(0, Math.floor(mtimeMs / 1000));

function listSorted(folder: string): Dirent<Buffer>[] {
  const place = toMachinePath(folder);
  // This process must be able to enter it, whoever may in the package.
  chmodSync(place, (lstatSync(place).mode & PERMISSIONS) | 0o700);
  const entries = readdirSync(place, { withFileTypes: true, encoding: 'buffer' });
  return entries.sort((left, right) => Buffer.compare(left.name, right.name));
}

function makeFolder(path: string, mode: number): void {
  // Only the folders of the packages' links at the top, such as /usr of /usr/lib, may be missing above it.
  mkdirSync(toMachinePath(path), { recursive: true });
  chmodSync(toMachinePath(path), (mode & PERMISSIONS) | 0o700);
}

function putLink(target: string, path: string): void {
  symlinkSync(toMachinePath(target), toMachinePath(path));
}

/** Puts a file into the layer, as a link of the same content if there is one. */
function takeFile(source: string, target: string, stats: Stats, content: string) {
  const from = toMachinePath(source);
  const to = toMachinePath(target);
  const mode = (stats.mode & PERMISSIONS) | 0o400;
  chmodSync(from, mode);
  const { md5, sha256 } = digestFile(from);
  // Python compares the time of a module with the time that its compiled form names. Of other files it means nothing.
  const time = source.endsWith('.py') ? `-${seconds(stats)}` : '';
  const folder = join(content, sha256.slice(0, 2));
  const kept = join(folder, `${sha256}-${mode.toString(8)}${time}`);
  if (stats.size === 0 || !linkContent(from, kept, folder, stats.size, to)) renameSync(from, to);
  return { md5, sha256, mode };
}

/** Links a file to the content that is kept, which it becomes if there is none. @returns whether it did */
function linkContent(
  from: string | Buffer,
  kept: string,
  folder: string,
  size: number,
  to: string | Buffer,
): boolean {
  try {
    // A machine that stopped may have left a file without all of its content.
    if (statSync(kept, { throwIfNoEntry: false })?.size !== size) {
      mkdirSync(folder, { recursive: true });
      rmSync(kept, { force: true });
      linkSync(from, kept);
    }
    linkSync(kept, to);
    return true;
  } catch (error) {
    // The inode has all the links that it can have, or another process has just put or removed the content.
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EMLINK' || code === 'EEXIST' || code === 'ENOENT') return false;
    throw error;
  }
}

const PART = 1 << 20;

function digestFile(path: string | Buffer): { readonly md5: string; readonly sha256: string } {
  const md5 = createHash('md5');
  const sha256 = createHash('sha256');
  const buffer = Buffer.allocUnsafe(PART);
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    for (let length = readSync(descriptor, buffer); length > 0; length = readSync(descriptor, buffer)) {
      md5.update(buffer.subarray(0, length));
      sha256.update(buffer.subarray(0, length));
    }
  } finally {
    closeSync(descriptor);
  }
  return { md5: md5.digest('hex'), sha256: sha256.digest('hex') };
}
