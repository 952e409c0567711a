import { type BigIntStats, lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { posix } from 'node:path';
import { decodePath, isPlainText } from '../../files/path-bytes.ts';
import type { FileDigests } from '../merkle/file-digests.ts';
import type { InputTree } from '../merkle/input-tree.ts';

/** Puts files of this machine into an input root, at the paths that they have here. */
export interface MachineTree {
  /** Adds a file, or a folder with everything below it. Links on the way, and where a link leads, are added too. */
  add(path: string): void;
  /** Adds a file of this machine at another path. */
  addAs(source: string, path: string): void;
  /** Adds only the links on the way to a path, and the path itself if it is one. */
  addLinks(path: string): void;
  /** Adds a folder with what is chosen below it. */
  addFolder(path: string, choose: Choose): void;
  /** How many files were left out because their names, or the targets of links, are not UTF-8, which the API demands. */
  readonly unnamed: number;
}

/** Whether an entry of a folder is in the input root: a folder with what is below it, a link as it is. */
export type Choose = (path: string, stats: BigIntStats) => boolean;

const EVERYTHING: Choose = () => true;
/** As many as the kernel follows (path_resolution(7)). */
const MOST_LINKS = 40;
/**
 * Only these files get their time: a compiled module of Python names that of its source (PEP 552), and would be useless otherwise. For a file with a time, a
 * worker makes a copy, and a link for any other.
 */
const PYTHON_SOURCE = '.py';
/** What Node makes of bytes that are not UTF-8. */
const REPLACEMENT = '\ufffd';

export function createMachineTree(tree: InputTree, digests: FileDigests): MachineTree {
  let unnamed = 0;

  /** Adds the links on the way to a path. @returns the path without them */
  const enter = (path: string, links = 0): string => {
    if (path === '/') return path;
    const parent = enter(posix.dirname(path), links);
    const here = posix.join(parent, posix.basename(path));
    if (lookAt(here)?.isSymbolicLink() !== true || links >= MOST_LINKS) return here;
    const target = readlinkSync(here);
    addLink(here);
    return enter(posix.resolve(parent, target), links + 1);
  };
  const addLink = (path: string): void => {
    if (tree.find(path) !== undefined) return;
    const target = decodePath(readlinkSync(path, { encoding: 'buffer' }));
    if (isPlainText(target)) tree.addLink(path, target);
    else unnamed += 1;
  };
  const addEntry = (path: string, stats: BigIntStats, choose: Choose): void => {
    if (stats.isSymbolicLink()) addLink(path);
    else if (stats.isDirectory()) addBelow(path, choose);
    else if (stats.isFile()) addFile(path, path, stats);
  };
  const addFile = (source: string, path: string, stats: BigIntStats): void => {
    if (tree.find(path) !== undefined) return;
    const isExecutable = (stats.mode & 0o111n) !== 0n;
    const isDated = path.endsWith(PYTHON_SOURCE);
    tree.addFile(path, {
      blob: digests.describe(source, stats),
      isExecutable,
      ...(isDated && { modified: stats.mtimeNs }),
    });
  };
  const addBelow = (folder: string, choose: Choose): void => {
    tree.addFolder(folder);
    for (const name of listNames(folder)) {
      if (!isPlainText(name)) {
        unnamed += 1;
        continue;
      }
      const path = posix.join(folder, name);
      const stats = lookAt(path);
      if (stats !== undefined && choose(path, stats)) addEntry(path, stats, choose);
    }
  };
  const addChosen = (path: string, choose: Choose): void => {
    const real = enter(path);
    const stats = lookAt(real);
    if (stats !== undefined) addEntry(real, stats, choose);
  };
  return {
    add: (path) => addChosen(path, EVERYTHING),
    addAs(source, path) {
      const place = posix.join(enter(posix.dirname(path)), posix.basename(path));
      addFile(source, place, lstatSync(source, { bigint: true }));
    },
    addLinks: (path) => void enter(path),
    addFolder: addChosen,
    get unnamed() {
      return unnamed;
    },
  };
}

/** What cannot be seen for these reasons is as good as not there, for a build too: it may not be entered, or its links lead nowhere. */
const UNSEEN = new Set(['EACCES', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG']);

/** @returns undefined if nothing is there, or it cannot be seen */
function lookAt(path: string): BigIntStats | undefined {
  return seeing(() => lstatSync(path, { bigint: true, throwIfNoEntry: false }), undefined);
}

/** The names in a folder, as `decodePath` gives them; none if it cannot be read. */
function listNames(folder: string): readonly string[] {
  return seeing(() => {
    const names = readdirSync(folder);
    return names.some((name) => name.includes(REPLACEMENT))
      ? readdirSync(folder, { encoding: 'buffer' }).map(decodePath)
      : names;
  }, []);
}

function seeing<Result>(look: () => Result, otherwise: Result): Result {
  try {
    return look();
  } catch (error) {
    if (UNSEEN.has((error as NodeJS.ErrnoException).code ?? '')) return otherwise;
    throw error;
  }
}
