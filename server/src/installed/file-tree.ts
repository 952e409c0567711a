import { lstatSync, readlinkSync } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { decodePath, encodePath, isPlainText } from '../files/path-bytes.ts';

/** The operations of the file system for reading a root. An unreadable file counts as absent and is never an error. */
export interface FileTree {
  /** The text of the file as UTF-8, or undefined if it cannot be read. */
  read(path: string): Promise<string | undefined>;
  /** The names in a folder, sorted; empty if it is not a readable folder. */
  list(path: string): Promise<readonly string[]>;
  /** The target of a symbolic link, or undefined if the path is not a link. */
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

/** Matches nearly all paths, faster than `isPlainText`. */
const PLAIN_ASCII = /^[\x20-\x7e]*$/;

/** Converts a path from `decodePath` to the form that Node's file system takes: bytes if it is not plain text. */
export function toMachinePath(path: string): string | Buffer {
  return PLAIN_ASCII.test(path) || isPlainText(path) ? path : Buffer.from(encodePath(path));
}

/** The target of the link at a path of this machine, or undefined if there is no link. */
export function readLinkOnMachine(path: string): string | undefined {
  try {
    const machinePath = toMachinePath(path);
    // Nearly all paths are not links, and lstat is cheaper than an exception from readlink.
    if (lstatSync(machinePath, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return undefined;
    return decodePath(readlinkSync(machinePath, { encoding: 'buffer' }));
  } catch {
    return undefined;
  }
}
