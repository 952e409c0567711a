import { readdir, readFile, readlink } from 'node:fs/promises';

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
