import type { RootState } from '../../host/root-state.ts';
import type { ImageNeed } from '../../image/image-needs.ts';
import { locateOnMachine } from '../../installed/root-layout.ts';
import type { InstalledPackage } from '../../installed/vdb.ts';

/** Something that the image needs, and whose it is. */
export interface OwnedNeed {
  readonly need: ImageNeed;
  readonly package: InstalledPackage;
  /** Where it is in the root. */
  readonly path: string;
}

/** Finds the owners of what an image needs; what nobody owns is left out. */
export function findOwners(needs: readonly ImageNeed[], root: RootState): OwnedNeed[] {
  return needs.flatMap((need) => {
    const owner = FINDERS[need.kind](root, need.wanted);
    return owner === undefined ? [] : [{ need, ...owner }];
  });
}

/** The packages whose libraries the image links and asks for symbols. */
export function listLinked(owned: readonly OwnedNeed[]): Set<InstalledPackage> {
  return new Set(
    owned.filter(({ need }) => need.kind === 'library' && need.used !== false).map((one) => one.package),
  );
}

/** The folders in which the dynamic loader and a shell look, most usual first; what is deeper is no public library. */
const PROGRAM_FOLDERS = ['/usr/bin', '/bin', '/usr/sbin', '/sbin', '/usr/local/bin'];

interface OwnedPath {
  readonly package: InstalledPackage;
  readonly path: string;
}

/** Where a library of the root is on this machine, found by its soname. */
export function locateLibrary(root: RootState, soname: string): string | undefined {
  const found = findLibrary(root, soname);
  return found && locateOnMachine(root.layout, root.resolver.resolve(found.path).path);
}

/** Where the dynamic loader would find a soname: directly in a `lib*` folder, or one below it (Debian's multiarch). */
function findLibrary(root: RootState, soname: string): OwnedPath | undefined {
  for (const folder of libraryFolders(root)) {
    const found = ownerAt(root, `${folder}/${soname}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Where pkg-config would find a module: beside the libraries, or where it is the same for all machines. */
function findModule(root: RootState, module: string): OwnedPath | undefined {
  for (const folder of [...libraryFolders(root), '/usr/share']) {
    const found = ownerAt(root, `${folder}/pkgconfig/${module}.pc`);
    if (found !== undefined) return found;
  }
  return undefined;
}

const FINDERS = { library: findLibrary, interpreter: findProgram, 'pkg-config': findModule };

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

function findProgram(root: RootState, wanted: string): OwnedPath | undefined {
  if (wanted.startsWith('/')) return ownerAt(root, wanted);
  for (const folder of PROGRAM_FOLDERS) {
    const found = ownerAt(root, `${folder}/${wanted}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The package at the end of the links, or, where no package owns that, of the last link that one owns. */
function ownerAt(root: RootState, path: string): OwnedPath | undefined {
  const resolved = root.resolver.resolve(path);
  for (const step of [resolved.path, ...[...resolved.links].reverse()]) {
    const owner = root.index.ownerOf(step);
    if (owner !== undefined) return { package: owner.package, path: resolved.links[0] ?? resolved.path };
  }
  return undefined;
}
