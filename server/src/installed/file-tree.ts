import { lstatSync, readlinkSync } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { decodePath, encodePath, isPlainText } from '../files/path-bytes.ts';

/** The little of the file system that reading a root takes. Absent and unreadable are both "not there", never an error. */
export interface FileTree {
  /** The file's text as UTF-8, or undefined when it cannot be read. */
  read(path: string): Promise<string | undefined>;
  /** The names in a folder, sorted; empty when it is not a readable folder. */
  list(path: string): Promise<readonly string[]>;
  /** The target of a symbolic link, or undefined when the path is not one. */
  readLink(path: string): Promise<string | undefined>;
}

/** The machine's own file system. */
export const machineFiles: FileTree = {
  read: (path) => readFile(path, 'utf8').catch(() => undefined),
  list: (path) =>
    readdir(path)
      .then((names) => names.sort())
      .catch(() => []),
  readLink: (path) => readlink(path).catch(() => undefined),
};

/** Nearly all paths, and quicker to tell. */
const PLAIN_ASCII = /^[\x20-\x7e]*$/;

/** A path as `decodePath` gives it, in the form that Node's file system takes: bytes where it is no plain text. */
export function toMachinePath(path: string): string | Buffer {
  return PLAIN_ASCII.test(path) || isPlainText(path) ? path : Buffer.from(encodePath(path));
}

/** The target of the link at a path of this machine, or undefined when it is not a link or not there. */
export function readLinkOnMachine(path: string): string | undefined {
  try {
    const place = toMachinePath(path);
    // Nearly all paths are no links, and an error costs more than a question.
    if (lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return undefined;
    return decodePath(readlinkSync(place, { encoding: 'buffer' }));
  } catch {
    return undefined;
  }
}
