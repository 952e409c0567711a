import { lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { readdir, readlink } from 'node:fs/promises';
import { posix } from 'node:path';
import { throwIfExhausted } from '../files/exhaustion.ts';
import { decodePath, encodePath, isPlainText } from '../files/path-bytes.ts';
import { readText } from '../files/regular-file.ts';

/** The operations of the file system for reading a root. An unreadable file counts as absent; only what is used up is an error. */
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
  read: (path) => Promise.resolve(readText(path, ['/'], () => {})),
  list: (path) =>
    readdir(path)
      .then((names) => names.sort())
      .catch((error) => {
        throwIfExhausted(error);
        return [];
      }),
  readLink: (path) =>
    readlink(path).catch((error) => {
      throwIfExhausted(error);
      return undefined;
    }),
};

/** Matches nearly all paths, faster than `isPlainText`. */
const PLAIN_ASCII = /^[\x20-\x7e]*$/;

/** Converts a path from `decodePath` to the form that Node's file system takes: bytes if it is not plain text. */
export function toMachinePath(path: string): string | Buffer {
  return PLAIN_ASCII.test(path) || isPlainText(path) ? path : Buffer.from(encodePath(path));
}

/** Whether a path of this machine is a folder, and no link to one. */
export function isFolderOnMachine(path: string): boolean {
  try {
    return lstatSync(toMachinePath(path), { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    // A component is no folder, or may not be entered.
    return false;
  }
}

/** The target of the link at a path of this machine, or undefined if there is no link. */
export function readLinkOnMachine(path: string): string | undefined {
  try {
    const machinePath = toMachinePath(path);
    // Nearly all paths are not links, and lstat is cheaper than an exception from readlink.
    if (lstatSync(machinePath, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return undefined;
    return decodePath(readlinkSync(machinePath, { encoding: 'buffer' }));
  } catch (error) {
    throwIfExhausted(error);
    return undefined;
  }
}

/**
 * Makes a {@link readLinkOnMachine} for reading a whole root: it lists each parent folder once, which is cheaper than to ask for each of
 * the folders in it. It is right only as long as nothing changes, so it must not outlive the reading.
 */
export function createListedLinks(): (path: string) => string | undefined {
  const links = new Map<string, ReadonlySet<string> | undefined>();
  return (path) => {
    const folder = posix.dirname(path);
    if (!PLAIN_ASCII.test(path)) return readLinkOnMachine(path);
    let names = links.get(folder);
    if (names === undefined && !links.has(folder)) {
      names = listLinks(folder);
      links.set(folder, names);
    }
    return names === undefined || names.has(posix.basename(path)) ? readLinkOnMachine(path) : undefined;
  };
}

/** The names of the symbolic links in a folder; undefined if it cannot be listed. */
function listLinks(folder: string): ReadonlySet<string> | undefined {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return new Set(entries.filter((entry) => entry.isSymbolicLink()).map(({ name }) => name));
  } catch (error) {
    throwIfExhausted(error);
    return undefined;
  }
}
