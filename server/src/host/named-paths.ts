import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { posix } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { listFolder } from '../files/folder-listing.ts';
import { toMachinePath } from '../installed/file-tree.ts';
import type { PathResolver } from '../installed/path-resolver.ts';
import { locateAll, locateOnMachine, type RootLayout } from '../installed/root-layout.ts';
import type { TraceEvent } from '../trace/event.ts';
import { listEventPaths } from '../trace/event-paths.ts';
import { digestOf } from './digest.ts';
import { isOfLayer } from './layer-place.ts';
import { digestLoaderCache } from './loader-cache.ts';
import { isOfReview } from './review-place.ts';
import type { RootState } from './root-state.ts';

/**
 * The paths of this machine that a run in the sandbox named. A run has the same result as long as the files that it named are the same, and
 * the names that it looked for in vain are still missing. Plain data, with absolute paths of this machine.
 */
export interface NamedPaths {
  /** Files, links and folders that were there: their names, by the folder that holds them. */
  readonly present: NamesByFolder;
  /** Names that were not there, by the lowest folder that was. */
  readonly absent: NamesByFolder;
  readonly listed: Readonly<Record<string, ListedFolder>>;
  /** The caches of the loader that were read; absent: none. See `digestLoaderCache`. */
  readonly loaderCaches?: readonly string[];
}

type NamesByFolder = Readonly<Record<string, readonly string[]>>;

/** Two digests of the names in a folder that was listed. */
interface ListedFolder {
  readonly names: string;
  /** Of the names without an owner. The names of packages come and go with these, and a view shows only some of them. */
  readonly unowned: string;
}

export const NOTHING_NAMED: NamedPaths = { present: {}, absent: {}, listed: {} };

/** Whether an installed package owns a file or folder at a path of this machine. */
export type IsOwned = (path: string) => boolean;

/**
 * The names in a listed folder that do not count in a view that hides nothing. Python lists its folders of modules, and opens what it imports:
 * the modules beside it do not matter.
 */
export const isModuleOfPython: IsOwned = (path) => /\/python[\d.]+\//.test(path);

/** Makes an {@link IsOwned} of the packages of a root. */
export function createIsOwned({ layout, index }: Pick<RootState, 'layout' | 'index'>): IsOwned {
  return (path) =>
    isModuleOfPython(path) ||
    layout.folders.some(({ source, over = [], target }) => {
      const place = [source, ...over].find((top) => top === path || path.startsWith(`${top}/`));
      if (place === undefined) return false;
      const inRoot = target + path.slice(place.length);
      return index.ownersOf(inRoot).length > 0 || index.packagesInFolder(inRoot).length > 0;
    });
}

/** The state of some paths. */
export interface PathState {
  /** Changes with every file among them, with every missing name that appears, and with the unowned names of a listed folder. */
  readonly digest: string;
  /** Time of the last change of one of them, in milliseconds since the epoch. */
  readonly changed: number;
}

/** Collects the paths that a run names. */
export interface PathCollector {
  observe(event: TraceEvent): void;
  /** @returns undefined if there were too many to keep */
  result(isOwned: IsOwned): Promise<NamedPaths | undefined>;
}

/** Where the paths of a sandbox are on this machine. */
export interface PathPlaces {
  readonly layout: RootLayout;
  readonly resolver: PathResolver;
  /** Folders of repositories as paths in the sandbox. */
  readonly repositories: readonly string[];
  /** Folders of the sandbox that belong to the run itself. */
  readonly own: readonly string[];
}

/** More paths than the largest builds name outside of their own folders. They take some 100 bytes each. */
const MOST_PATHS = 400_000;

/** The number of paths after which other work gets a turn: their look-ups take some milliseconds. */
const PATHS_PER_TURN = 500;

/**
 * Files that change although nothing does that a build depends on: the state of mounts and of the network, which the sandbox does not have, and
 * compiled modules of Python, which follow their sources. Of the cache of the loader only a part counts, see `digestLoaderCache`.
 */
const VOLATILE = /^\/etc\/(?:ld\.so\.cache|mtab|resolv\.conf)$|(?:^|\/)__pycache__(?:\/|$)/;

const LOADER_CACHE = '/etc/ld.so.cache';

/**
 * Files that Portage writes at the end of every merge (env-update(1)), mostly with the same content. Its next run reads the first, so their
 * content counts, and not when they were written.
 */
const REWRITTEN = /\/etc\/(?:profile\.env|csh\.env|environment\.d\/10-gentoo-env\.conf)$/;

export function createPathCollector(places: PathPlaces): PathCollector {
  const { layout, repositories, own } = places;
  const named = new Set<string>();
  const listed = new Set<string>();
  const repositoryFolders = repositories.map((path) => `${path}/`);
  const ownFolders = own.map((path) => `${path}/`);
  const tops = new Set(
    [...layout.folders.map(({ target }) => target), ...layout.links.map(({ path }) => path)]
      .filter((path) => path !== '/var')
      .map((path) => path.slice(1)),
  );
  const isShown = (path: string) => {
    if (repositoryFolders.some((folder) => path.startsWith(folder)))
      return !ownFolders.some((folder) => path.startsWith(folder));
    return tops.has(path.slice(1, (path.indexOf('/', 1) + 1 || path.length + 1) - 1));
  };
  const add = (path: string) => {
    if (!named.has(path) && named.size < MOST_PATHS && isShown(path)) named.add(path);
  };
  return {
    observe(event) {
      if (event.kind === 'access') {
        add(event.path);
        for (const hop of event.hops) add(hop);
        if (event.operation === 'readdir' && isShown(event.path)) listed.add(event.path);
        if (event.operation === 'link' && event.to !== undefined) add(event.to);
      } else if (event.kind === 'exec' || event.kind === 'connect')
        for (const path of listEventPaths(event)) add(path);
    },
    async result(isOwned) {
      if (named.size >= MOST_PATHS) return undefined;
      const sorter = createSorter(places);
      await inTurns(named, sorter.add);
      await inTurns(listed, (path) => sorter.addListed(path, isOwned));
      return sorter.result();
    },
  };
}

/** Calls a function for each value, and gives other work a turn now and then. */
export async function inTurns<Value>(values: Iterable<Value>, use: (value: Value) => void): Promise<void> {
  let done = 0;
  for (const value of values) {
    use(value);
    done += 1;
    if (done % PATHS_PER_TURN === 0) await setImmediate();
  }
}

/** Sorts paths of a sandbox into those that are there on this machine and those that are not. */
function createSorter({ layout, resolver, repositories }: Omit<PathPlaces, 'own'>) {
  const present = new Map<string, Set<string>>();
  const absent = new Map<string, Set<string>>();
  const listed: Record<string, ListedFolder> = {};
  const put = (into: Map<string, Set<string>>, path: string) => {
    const folder = posix.dirname(path);
    const names = into.get(folder);
    if (names === undefined) into.set(folder, new Set([posix.basename(path)]));
    else names.add(posix.basename(path));
  };
  const loaderCaches = new Set<string>();
  const areFolders = new Map<string, boolean>([['/', true]]);
  const isFolder = (path: string): boolean => {
    let known = areFolders.get(path);
    if (known === undefined) {
      known = statOf(path, true)?.isDirectory() === true;
      areFolders.set(path, known);
    }
    return known;
  };
  const addPlace = (path: string) => {
    if (statOf(path, false) !== undefined) return put(present, path);
    let missing = path;
    while (!isFolder(posix.dirname(missing))) missing = posix.dirname(missing);
    put(absent, missing);
  };
  const addListedPlace = (place: string, isOwned: IsOwned) => {
    if (!VOLATILE.test(place)) listed[place] = digestNames(place, isOwned);
  };
  const locateInRepository = (path: string): string | undefined => {
    if (!repositories.some((folder) => path.startsWith(`${folder}/`))) return undefined;
    const plain = posix.normalize(path);
    return locateOnMachine(layout, plain) ?? plain;
  };
  const locateEnd = (path: string): readonly string[] => {
    const inRepository = locateInRepository(path);
    return inRepository === undefined ? locateAll(layout, resolver.resolve(path).path) : [inRepository];
  };
  const locate = (path: string): string[] => {
    const inRepository = locateInRepository(path);
    if (inRepository !== undefined) return [inRepository];
    const { path: end, links } = resolver.resolve(path);
    return [...links, end].flatMap((step) => locateAll(layout, step));
  };
  return {
    add(path: string) {
      if (path === LOADER_CACHE) for (const place of locateAll(layout, path)) loaderCaches.add(place);
      if (VOLATILE.test(path)) return;
      for (const place of locate(path)) if (!VOLATILE.test(place)) addPlace(place);
    },
    addPlace,
    addListed(path: string, isOwned: IsOwned) {
      for (const place of locateEnd(path)) addListedPlace(place, isOwned);
    },
    addListedPlace,
    result: (): NamedPaths => ({
      present: toRecord(present),
      absent: toRecord(absent),
      listed,
      ...(loaderCaches.size > 0 && { loaderCaches: [...loaderCaches] }),
    }),
  };
}

function toRecord(names: ReadonlyMap<string, ReadonlySet<string>>): NamesByFolder {
  return Object.fromEntries([...names].map(([folder, inFolder]) => [folder, [...inFolder].sort()]));
}

function digestNames(folder: string, isOwned: IsOwned): ListedFolder {
  const names = listNames(folder);
  return {
    names: digestOf(names),
    unowned: digestOf(names.filter((name) => !isOwned(posix.join(folder, name)))),
  };
}

function listNames(folder: string): string[] {
  return listFolder(folder)
    .filter((name) => !VOLATILE.test(posix.join(folder, name)))
    .sort();
}

/** @returns undefined if nothing is there, or it is not reachable */
function statOf(path: string, followsLinks: boolean) {
  try {
    const place = toMachinePath(path);
    return (followsLinks ? statSync : lstatSync)(place, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/**
 * Looks anew which of some named paths are there, for those that a run on another machine with a part of the same root has named.
 *
 * @param named with the paths of this machine
 */
export async function sortNamedAgain(
  { present, absent, listed, loaderCaches = [] }: NamedPaths,
  places: Omit<PathPlaces, 'own'>,
  isOwned: IsOwned,
): Promise<NamedPaths> {
  const sorter = createSorter(places);
  await inTurns(pathsOf(present), sorter.addPlace);
  await inTurns(pathsOf(absent), sorter.addPlace);
  await inTurns(Object.keys(listed), (place) => sorter.addListedPlace(place, isOwned));
  return { ...sorter.result(), ...(loaderCaches.length > 0 && { loaderCaches }) };
}

/** Joins the paths that several runs named. */
export function joinNamedPaths(parts: readonly NamedPaths[]): NamedPaths {
  const join = (kind: 'present' | 'absent'): NamesByFolder => {
    const joined = new Map<string, Set<string>>();
    for (const part of parts)
      for (const [folder, names] of Object.entries(part[kind])) {
        const known = joined.get(folder) ?? new Set();
        joined.set(folder, known);
        for (const name of names) known.add(name);
      }
    return toRecord(joined);
  };
  const caches = new Set(parts.flatMap(({ loaderCaches = [] }) => loaderCaches));
  return {
    present: join('present'),
    absent: join('absent'),
    listed: Object.assign({}, ...parts.map(({ listed }) => listed)),
    ...(caches.size > 0 && { loaderCaches: [...caches] }),
  };
}

/**
 * Describes the current state of paths.
 *
 * @param readOwners called only if it is not known who owns the names of a listed folder
 * @param areOwnersSame whether the owners of all files are the same as when the paths were named, so that the same names have the same owners
 */
export async function readPathState(
  { present, absent, listed, loaderCaches = [] }: NamedPaths,
  readOwners: () => Promise<IsOwned>,
  areOwnersSame: boolean,
): Promise<PathState> {
  const hash = createHash('sha256');
  let changed = 0;
  const note = (path: string) => {
    const stats = statOf(path, false);
    if (stats?.isDirectory() === true) return hash.update(`${path}\0folder\n`);
    if (isOfLayer(path)) return hash.update(`${path}\0${stats === undefined ? 'absent' : 'there'}\n`);
    changed = Math.max(changed, stats?.ctimeMs ?? 0);
    if (stats?.isFile() === true && REWRITTEN.test(path))
      return hash.update(`${path}\0${stats.mode} ${digestContent(path)}\n`);
    const inode = isOfReview(path) ? '' : stats?.ino;
    hash.update(`${path}\0${stats?.mode} ${inode} ${stats?.size} ${stats?.mtimeMs}\n`);
    // A link in a repository is followed. The links of a root are resolved when a path is named, so that their ends are here themselves.
    if (stats?.isSymbolicLink() === true) {
      const end = statOf(path, true);
      changed = Math.max(changed, end?.isDirectory() === true ? 0 : (end?.ctimeMs ?? 0));
      hash.update(
        `${readLinkText(path)} ${end?.isDirectory() === true ? 'folder' : `${end?.size} ${end?.mtimeMs}`}\n`,
      );
    }
  };
  await inTurns(foldersOf(present, absent, listed), (folder) => {
    const stats = isOfLayer(folder) ? undefined : statOf(folder, false);
    if (stats?.isSymbolicLink() !== true) return;
    changed = Math.max(changed, stats.ctimeMs);
    hash.update(`${folder}\0leads to ${readLinkText(folder)}\n`);
  });
  await inTurns(pathsOf(present), note);
  await inTurns(pathsOf(absent), (path) => {
    const stats = statOf(path, false);
    if (stats === undefined) return;
    changed = Math.max(changed, stats.ctimeMs);
    hash.update(`${path}\0is there\n`);
  });
  if (loaderCaches.length > 0) {
    const names = new Set([...Object.values(present), ...Object.values(absent)].flat());
    for (const path of loaderCaches) {
      if (isOfLayer(path)) continue;
      changed = Math.max(changed, statOf(path, true)?.ctimeMs ?? 0);
      hash.update(`${path}\0${digestLoaderCache(path, (name) => names.has(name))}\n`);
    }
  }
  let isOwned: IsOwned | undefined;
  for (const [folder, { names, unowned }] of Object.entries(listed).sort()) {
    let now = unowned;
    if (!areOwnersSame || digestOf(listNames(folder)) !== names) {
      isOwned ??= await readOwners();
      now = digestNames(folder, isOwned).unowned;
    }
    if (now !== unowned) changed = Math.max(changed, statOf(folder, true)?.ctimeMs ?? 0);
    hash.update(`${folder}\0${now}\n`);
  }
  return { digest: hash.digest('hex'), changed };
}

function* pathsOf(names: NamesByFolder): Generator<string> {
  for (const folder of Object.keys(names).sort())
    for (const name of names[folder] ?? []) yield posix.join(folder, name);
}

/** The folders of some paths with those on the way, each once: one that has become a link leads to files that were not named. */
function foldersOf(...parts: readonly Readonly<Record<string, unknown>>[]): Set<string> {
  const folders = new Set<string>();
  for (const folder of parts.flatMap((part) => Object.keys(part)).sort())
    for (let at = folder; !folders.has(at) && at !== '/'; at = posix.dirname(at)) folders.add(at);
  return folders;
}

function digestContent(path: string): string {
  try {
    return createHash('sha256')
      .update(readFileSync(toMachinePath(path)))
      .digest('hex');
  } catch {
    return 'unreadable';
  }
}

function readLinkText(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
