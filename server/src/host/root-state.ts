import { readdirSync } from 'node:fs';
import { UserError } from '../errors/user-error.ts';
import { throwIfExhausted } from '../files/exhaustion.ts';
import { decodePath } from '../files/path-bytes.ts';
import { createListedLinks, machineFiles, readLinkOnMachine, toMachinePath } from '../installed/file-tree.ts';
import type { HiddenPaths } from '../installed/hidden-paths.ts';
import { type Installation, readInstallation } from '../installed/installation.ts';
import type { OwnerIndex } from '../installed/owner-index/owner-index.ts';
import { createPathResolver, type PathResolver } from '../installed/path-resolver.ts';
import { locateInBase, locateShownBase, type RootLayout, readRootLayout } from '../installed/root-layout.ts';
import type { InstalledPackage } from '../installed/vdb.ts';
import { groupByName, type InstalledLookup } from '../installed/visible-set.ts';
import { readRepositoryLocations } from '../repository/repos-conf.ts';
import type { RecordedPackage } from '../trace/evidence.ts';

/** The installed packages of a root and the owners of their files, as they were when a trial began. */
export interface RootState {
  readonly layout: RootLayout;
  readonly packages: readonly InstalledPackage[];
  readonly lookup: InstalledLookup;
  readonly index: OwnerIndex;
  readonly resolver: PathResolver;
  /** The names in a folder of the root; empty if there is none. They are cached, because every build of a trial asks for them. */
  listFolder(path: string): readonly string[];
  /** Repositories that repos.conf names, as absolute paths inside the root. */
  readonly repositories: readonly string[];
  readonly problems: readonly string[];
  /** Settled when the index of the VDB is stored, or could not be. */
  readonly saved: Promise<void>;
  /** What {@link packages} and {@link index} were read from. Absent: they cannot be joined with those of layers. */
  readonly installation?: Installation;
  /** The layers that lie on the root; absent: none. */
  readonly stack?: StackOfRoot;
  /**
   * Ids of installed packages whose files are not on this machine, as on the worker of a remote trial. No view can show them. Absent: there are
   * none.
   */
  readonly absent?: ReadonlySet<string>;
}

/** The layers that lie on a root. */
export interface StackOfRoot {
  readonly digest: string;
  /** The files of installed packages that those of the layers replace. */
  readonly replaced: HiddenPaths;
}

/** The error for a root without installed packages. */
export function notGentoo(root: string): UserError {
  return new UserError(
    `${root} is not a Gentoo system: ${root === '/' ? '' : root}/var/db/pkg has no packages; choose a root with --root or the setting ebuildAudit.root, or make a practice root with "ebuild-audit set-up".`,
    { mend: { kind: 'setting', name: 'root' } },
  );
}

/**
 * Reads a root. This takes about a second for a thousand packages, and a tenth of it if few have changed since the last time.
 *
 * @param cacheFolder a folder for the index of the VDB
 * @param previous what an earlier call has read, if it was of the same root: most of it is used again, in the same memory
 * @throws UserError if no package is installed there
 */
export async function readRootState(
  root: string,
  cacheFolder: string,
  previous?: RootState,
): Promise<RootState> {
  const layout = await readRootLayout(machineFiles, root);
  const resolver = createPathResolver(layout, readLinkOnMachine);
  const place = {
    root,
    resolver,
    createReadingResolver: () => createPathResolver(layout, createListedLinks()),
    cacheFolder,
  };
  const installation = await readInstallation(
    place,
    previous?.layout.path === root ? previous.installation : undefined,
  );
  const { packages, index, problems, saved } = installation;
  if (packages.length === 0) {
    throw notGentoo(root);
  }
  return {
    layout,
    packages,
    lookup: groupByName(packages),
    index,
    resolver,
    listFolder: createFolderList(layout),
    repositories: await readRepositories(root),
    problems,
    saved,
    installation,
  };
}

/** The repositories that a root's repos.conf names, as absolute paths inside the root; Portage's own default counts too. */
export async function readRepositories(root: string): Promise<string[]> {
  const base = root === '/' ? '' : root;
  const texts: string[] = [];
  for (const path of ['/usr/share/portage/config/repos.conf', '/etc/portage/repos.conf']) {
    const names = await machineFiles.list(base + path);
    const files =
      names.length === 0
        ? [path]
        : names.filter((name) => !name.startsWith('.')).map((name) => `${path}/${name}`);
    for (const file of files) texts.push((await machineFiles.read(base + file)) ?? '');
  }
  return readRepositoryLocations(texts.join('\n'));
}

/** Makes {@link RootState.listFolder}. */
export function createFolderList(layout: RootLayout): RootState['listFolder'] {
  const known = new Map<string, readonly string[]>();
  const list = (path: string): readonly string[] => {
    if (locateInBase(layout, path) === undefined) return [];
    const base = locateShownBase(layout, path);
    const ofBase = base === undefined ? [] : readFolder(base);
    return layout.layers === undefined ? ofBase : [...new Set([...layout.layers.namesIn(path), ...ofBase])];
  };
  return (path) => {
    const names = known.get(path) ?? list(path);
    known.set(path, names);
    return names;
  };
}

function readFolder(place: string): readonly string[] {
  try {
    const path = toMachinePath(place);
    const names = readdirSync(path);
    // Node replaces bytes that are not UTF-8 by U+FFFD. Only then the folder is read again as bytes, which is slower.
    return names.some((name) => name.includes('\ufffd'))
      ? readdirSync(path, { encoding: 'buffer' }).map(decodePath)
      : names;
  } catch (error) {
    throwIfExhausted(error);
    return [];
  }
}

/** The owners of some paths of the root, and of the links on the way. */
export function ownersOf(root: RootState, paths: readonly string[]): InstalledPackage[] {
  const owners = new Set<InstalledPackage>();
  for (const path of paths) {
    const resolved = root.resolver.resolve(path);
    for (const step of [...resolved.links, resolved.path]) {
      for (const owner of root.index.ownersOf(step)) owners.add(owner.package);
    }
  }
  return [...owners];
}

/** The part of an installed package that a record keeps. */
export function toRecorded(installed: InstalledPackage): RecordedPackage {
  const { category, name, version, slot, subslot, use } = installed;
  return { category, name, version, slot, subslot, use };
}
