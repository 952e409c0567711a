import type { RootState } from '../../host/root-state.ts';
import type { ImageNeed } from '../../image/image-needs.ts';
import { locateOnMachine } from '../../installed/root-layout.ts';
import type { InstalledPackage } from '../../installed/vdb.ts';

/** A file of the root that the image needs, with its owner. */
export interface OwnedNeed {
  readonly need: ImageNeed;
  readonly package: InstalledPackage;
  /** Path in the root. */
  readonly path: string;
}

/** Finds the owners of the files that an image needs; unowned files are left out. */
export function findOwners(needs: readonly ImageNeed[], root: RootState): OwnedNeed[] {
  // Many files need the same few libraries.
  const known = new Map<string, OwnedPath | undefined>();
  const find = ({ kind, wanted }: ImageNeed) => {
    const key = `${kind} ${wanted}`;
    if (!known.has(key)) known.set(key, FINDERS[kind](root, wanted));
    return known.get(key);
  };
  return needs.flatMap((need) => {
    const owner = find(need);
    return owner === undefined ? [] : [{ need, ...owner }];
  });
}

/** The libraries that an image links and that no package has, in whichever folder: the loader may be told to look in any. */
export function listUnowned(needs: readonly ImageNeed[], root: RootState): ImageNeed[] {
  const unowned = new Map<string, ImageNeed>();
  for (const need of needs)
    if (need.kind === 'library' && !unowned.has(need.wanted) && findLibrary(root, need.wanted) === undefined)
      unowned.set(need.wanted, need);
  if (unowned.size === 0) return [];
  for (const folder of root.index.folders())
    for (const soname of unowned.keys())
      if (root.index.ownerOf(`${folder}/${soname}`) !== undefined) unowned.delete(soname);
  return [...unowned.values()];
}

/** The packages whose libraries the image links and asks for symbols. */
export function listLinked(owned: readonly OwnedNeed[]): Set<InstalledPackage> {
  return new Set(
    owned
      .filter(({ need }) => need.kind === 'library' && need.symbols?.length !== 0)
      .map(({ package: owner }) => owner),
  );
}

/** Whether an installed module is compiled for the version of its interpreter. */
export function isCompiledModule({ need: { kind, user } }: OwnedNeed): boolean {
  return kind === 'module' && user.endsWith('.so');
}

/**
 * The packages whose slot matters to the image: those of {@link listLinked}, and interpreters for whose version its modules are installed.
 */
export function listBuiltAgainst(owned: readonly OwnedNeed[]): Set<InstalledPackage> {
  const isForVersion = (owner: OwnedNeed) =>
    isCompiledModule(owner) || (owner.need.kind === 'module' && /\d[\d.]*\d$/.test(owner.need.wanted));
  return new Set([
    ...listLinked(owned),
    ...owned.filter(isForVersion).map(({ package: interpreter }) => interpreter),
  ]);
}

/** The folders in which a shell looks for programs, most usual first. */
const PROGRAM_FOLDERS = ['/usr/bin', '/bin', '/usr/sbin', '/sbin', '/usr/local/bin'];

export interface OwnedPath {
  readonly package: InstalledPackage;
  readonly path: string;
}

/** Finds a library of the root by its soname, as a path of this machine. */
export function locateLibrary(root: RootState, soname: string): string | undefined {
  const found = findLibrary(root, soname);
  return found && locateOnMachine(root.layout, root.resolver.resolve(found.path).path);
}

/** Finds a soname where the dynamic loader does: directly in a `lib*` folder, or one below it (Debian's multiarch). */
export function findLibrary(root: RootState, soname: string): OwnedPath | undefined {
  // A library without a soname is linked by its path.
  if (soname.startsWith('/')) return ownerAt(root, soname);
  for (const folder of libraryFolders(root)) {
    const found = ownerAt(root, `${folder}/${soname}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Finds a module where pkg-config does: beside the libraries, or in /usr/share. */
function findModule(root: RootState, module: string): OwnedPath | undefined {
  for (const folder of [...libraryFolders(root), '/usr/share']) {
    const found = ownerAt(root, `${folder}/pkgconfig/${module}.pc`);
    if (found !== undefined) return found;
  }
  return undefined;
}

const FINDERS = {
  library: findLibrary,
  interpreter: findProgram,
  module: findProgram,
  'pkg-config': findModule,
};

const folderCache = new WeakMap<RootState, readonly string[]>();

function libraryFolders(root: RootState): readonly string[] {
  const known = folderCache.get(root);
  if (known !== undefined) return known;
  const folders = [...root.index.folders()]
    .filter((folder) => /^(\/usr)?\/lib[^/]*(\/[a-z0-9_]+-linux-gnu[a-z0-9]*)?$/.test(folder))
    .sort();
  folderCache.set(root, folders);
  return folders;
}

export function findProgram(root: RootState, wanted: string): OwnedPath | undefined {
  if (wanted.startsWith('/')) return ownerAt(root, wanted);
  for (const folder of PROGRAM_FOLDERS) {
    const found = ownerAt(root, `${folder}/${wanted}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Finds the package at the end of the links or, if that is unowned, the owner of the last link that has one. */
export function ownerAt(root: RootState, path: string): OwnedPath | undefined {
  const resolved = root.resolver.resolve(path);
  for (const step of [resolved.path, ...[...resolved.links].reverse()]) {
    const owner = root.index.ownerOf(step);
    if (owner !== undefined) return { package: owner.package, path: resolved.links[0] ?? resolved.path };
  }
  return undefined;
}
