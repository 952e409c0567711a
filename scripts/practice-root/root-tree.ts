import {
  chmodSync,
  constants,
  copyFileSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { posix } from 'node:path';
import { alternativeLinks } from './alternatives.ts';
import type { DebianPackage, Machine } from './dpkg.ts';
import { InstalledFiles, type InstalledPath } from './installed-files.ts';

/** What of the machine's file system the practice root has. */
const TOPS = /^(?:etc|usr|bin|sbin|lib\w*)$/;

/** What the practice root shows of the machine: the files of some packages and what belongs to them, and nothing else. */
export interface RootTree {
  /** The links at the top, e.g. `/bin` → `usr/bin`. */
  readonly topLinks: ReadonlyMap<string, string>;
  /** By path, sorted by it. */
  readonly entries: ReadonlyMap<string, InstalledPath>;
  of(debian: DebianPackage): readonly InstalledPath[];
}

/** Reads of a machine what `packages` have installed, and what the machine made of it: links of alternatives, compiled Python. */
export function readRootTree(machine: Machine, packages: readonly DebianPackage[]): RootTree {
  const files = new InstalledFiles(machine, packages, TOPS);
  const entries = new Map<string, InstalledPath>();
  for (const debian of packages) for (const entry of files.of(debian)) entries.set(entry.path, entry);
  const links = alternativeLinks(
    machine,
    (path) => entries.has(path),
    (path) => files.canonical(path),
  );
  for (const entry of [...links, ...compiledPython(machine.path, entries)])
    if (!entries.has(entry.path)) entries.set(entry.path, entry);
  const sorted = new Map([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
  return { topLinks: files.topLinks, entries: sorted, of: (debian) => files.of(debian) };
}

/** What py3compile(1) has put beside the packages' modules; without it every start of Python compiles them again. */
function compiledPython(machine: string, entries: ReadonlyMap<string, InstalledPath>): InstalledPath[] {
  const tags = [...entries.keys()].flatMap((path) => {
    const version = /^\/usr\/bin\/python3\.(\d+)$/.exec(path)?.[1];
    return version === undefined ? [] : [`cpython-3${version}`];
  });
  const modules = new Map<string, string[]>();
  for (const { path, kind } of entries.values()) {
    if (kind === 'dir' || !path.endsWith('.py')) continue;
    const folder = `${posix.dirname(path)}/__pycache__`;
    modules.set(folder, [...(modules.get(folder) ?? []), posix.basename(path, '.py')]);
  }
  return [...modules].flatMap(([folder, names]) => {
    const present = new Set(list(machine + folder));
    return names
      .flatMap((name) => tags.map((tag) => `${name}.${tag}.pyc`))
      .filter((name) => present.has(name))
      .flatMap((name): InstalledPath[] => {
        const path = `${folder}/${name}`;
        const status = lstatSync(machine + path);
        if (!status.isFile() || (status.mode & 0o004) === 0) return [];
        const modified = Math.floor(status.mtimeMs / 1000);
        return [{ path, kind: 'obj', modified, mode: status.mode & 0o777, source: machine + path }];
      });
  });
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Copies the tree into `root`; names of one file stay that where they are on the machine. */
export function writeRootTree(root: string, tree: RootTree): void {
  for (const [path, target] of tree.topLinks) {
    mkdirSync(posix.join(root, posix.resolve('/', target)), { recursive: true });
    symlinkSync(target, root + path);
  }
  const copies = new Map<string, string>();
  const made = new Set<string>();
  for (const entry of tree.entries.values()) {
    const place = root + entry.path;
    const folder = entry.kind === 'dir' ? place : posix.dirname(place);
    if (!made.has(folder)) mkdirSync(folder, { recursive: true });
    made.add(folder);
    if (entry.kind === 'sym') {
      symlinkSync(entry.target ?? '', place);
      lutimesSync(place, entry.modified, entry.modified);
    } else if (entry.kind === 'obj') copyFile(entry, place, copies);
  }
}

function copyFile(entry: InstalledPath, place: string, copies: Map<string, string>): void {
  const source = entry.source ?? '';
  const { nlink, dev, ino, mode } = lstatSync(source);
  const identity = nlink > 1 ? `${dev}:${ino}` : undefined;
  const copy = identity === undefined ? undefined : copies.get(identity);
  if (copy !== undefined) {
    linkSync(copy, place);
    return;
  }
  copyFileSync(source, place, constants.COPYFILE_FICLONE);
  // A copy has its permissions, with the bits that would make it run as somebody else.
  if ((mode & 0o7777) !== entry.mode) chmodSync(place, entry.mode);
  utimesSync(place, entry.modified, entry.modified);
  if (identity !== undefined) copies.set(identity, place);
}
