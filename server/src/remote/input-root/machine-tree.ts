import { type BigIntStats, type Dirent, lstatSync, readdirSync, readlinkSync } from 'node:fs';
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
  /** How many links got a relative target instead of their absolute one. */
  readonly turned: number;
}

/** Something in a folder of this machine. */
export interface MachineEntry {
  readonly path: string;
  readonly kind: 'folder' | 'file' | 'link' | 'other';
  /** Its permissions (stat(2)); none if it is gone. They are looked up when they are asked for. */
  readonly mode: bigint;
}

/** Whether an entry of a folder is in the input root: a folder with what is below it, a link as it is. */
export type Choose = (entry: MachineEntry) => boolean;

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

/** @param absoluteLinks whether links may keep absolute targets; otherwise they lead to the same place from where they are */
export function createMachineTree(
  tree: InputTree,
  digests: FileDigests,
  absoluteLinks: boolean,
): MachineTree {
  let unnamed = 0;
  let turned = 0;

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
    const bytes = seeing(() => readlinkSync(path, { encoding: 'buffer' }), undefined);
    if (bytes === undefined) return;
    const target = decodePath(bytes);
    if (!isPlainText(target)) unnamed += 1;
    else if (absoluteLinks || !target.startsWith('/')) tree.addLink(path, target);
    else {
      tree.addLink(path, turnTarget(path, target));
      turned += 1;
    }
  };
  const addEntry = (entry: LookedUpEntry, choose: Choose): void => {
    const { path, kind } = entry;
    if (kind === 'link') addLink(path);
    else if (kind === 'folder') addBelow(path, choose);
    else if (kind === 'file' && entry.stats?.isFile() === true) addFile(path, path, entry.stats);
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
    for (const { name, kind } of listFolder(folder)) {
      if (!isPlainText(name)) unnamed += 1;
      else {
        const entry = new LookedUpEntry(posix.join(folder, name), kind);
        if (choose(entry)) addEntry(entry, choose);
      }
    }
  };
  const addChosen = (path: string, choose: Choose): void => {
    const real = enter(path);
    const stats = lookAt(real);
    if (stats !== undefined) addEntry(new LookedUpEntry(real, kindOf(stats), stats), choose);
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
    get turned() {
      return turned;
    },
  };
}

/** So many folders deeper than here a view may show a folder, such as one of the state folder behind a link. */
const MOST_DEEPER = 16;

/**
 * Gives a link the relative target that means the same as an absolute one. More steps up than there are folders lead to the root too
 * (path_resolution(7)). A `..` in the target stays, because it may follow a link.
 *
 * @param path without links on the way
 */
function turnTarget(path: string, target: string): string {
  const depth = path.split('/').length - 2;
  return `${'../'.repeat(depth + MOST_DEEPER)}${target.replace(/^\/+/, '')}`;
}

/**
 * What cannot be seen for these reasons is as good as not there, for a build too: it may not be entered, its links lead nowhere, or it has gone or
 * become something else since its folder was listed.
 */
const UNSEEN = new Set(['ENOENT', 'EACCES', 'ENOTDIR', 'EINVAL', 'ELOOP', 'ENAMETOOLONG']);

/** @returns undefined if nothing is there, or it cannot be seen */
function lookAt(path: string): BigIntStats | undefined {
  return seeing(() => lstatSync(path, { bigint: true, throwIfNoEntry: false }), undefined);
}

/** An entry that is looked up when it matters: most files of a root belong to packages that do not travel. */
class LookedUpEntry implements MachineEntry {
  readonly path: string;
  readonly kind: MachineEntry['kind'];
  #stats: BigIntStats | undefined;

  constructor(path: string, kind: MachineEntry['kind'], stats?: BigIntStats) {
    this.path = path;
    this.kind = kind;
    this.#stats = stats;
  }

  /** Undefined if it is gone. */
  get stats(): BigIntStats | undefined {
    this.#stats ??= lookAt(this.path);
    return this.#stats;
  }

  get mode(): bigint {
    return this.stats?.mode ?? 0n;
  }
}

function kindOf(entry: Pick<Dirent, 'isSymbolicLink' | 'isDirectory' | 'isFile'>): MachineEntry['kind'] {
  if (entry.isSymbolicLink()) return 'link';
  if (entry.isDirectory()) return 'folder';
  return entry.isFile() ? 'file' : 'other';
}

/** What is in a folder, names as `decodePath` gives them; nothing if it cannot be read. */
function listFolder(
  folder: string,
): readonly { readonly name: string; readonly kind: MachineEntry['kind'] }[] {
  return seeing(() => {
    const entries = readdirSync(folder, { withFileTypes: true });
    if (!entries.some(({ name }) => name.includes(REPLACEMENT)))
      return entries.map((entry) => ({ name: entry.name, kind: kindOf(entry) }));
    const exact = readdirSync(folder, { withFileTypes: true, encoding: 'buffer' });
    return exact.map((entry) => ({ name: decodePath(entry.name), kind: kindOf(entry) }));
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
