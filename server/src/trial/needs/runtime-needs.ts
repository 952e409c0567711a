import type { Evidence, Need, PackageUse, UseKind } from '../../audit/record.ts';
import { locateOnMachine } from '../../installed/root-layout.ts';
import type { InstalledPackage } from '../../installed/vdb.ts';
import { closeOverRuntime, expandVirtuals, findInstalled } from '../../installed/visible-set.ts';
import { collectAtoms, type DependencyNode, parseDependency } from '../../pms/dependency.ts';
import { type RootState, toRecorded } from '../world/root-state.ts';
import type { AtomWriter } from './atoms/atom-writer.ts';
import type { ImageNeed } from './image.ts';
import { createFindThrough } from './package-uses.ts';

/** The folders in which the dynamic loader and a shell look, most usual first; what is deeper is no public library. */
const PROGRAM_FOLDERS = ['/usr/bin', '/bin', '/usr/sbin', '/sbin', '/usr/local/bin'];

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

export interface RuntimeInput {
  readonly owned: readonly OwnedNeed[];
  readonly root: RootState;
  /** RDEPEND, PDEPEND and IDEPEND, active for the USE state of the trial. */
  readonly runtime: readonly DependencyNode[];
  /** Atoms of @system. */
  readonly system: readonly string[];
  readonly atoms: AtomWriter;
}

/**
 * What the installed image needs in order to run: `needs` of it RDEPEND does not bring, `uses` it does. What RDEPEND brings counts with
 * its own RDEPEND closure; @system is never demanded. Of what only the closure brings, a library that no symbol is asked for is left
 * out of `uses`: it is the business of whoever asked the linker for it.
 */
export function describeRuntime({ owned, root, runtime, system, atoms: writer }: RuntimeInput): {
  readonly needs: Need[];
  readonly uses: PackageUse[];
} {
  const atoms = (nodes: readonly DependencyNode[]) => collectAtoms(nodes).map(({ atom }) => atom);
  const declared = expandVirtuals(findInstalled(atoms(runtime), root.lookup), root.lookup);
  const ofSystem = expandVirtuals(
    findInstalled(atoms(parseDependency(system.join(' ')).nodes), root.lookup),
    root.lookup,
  );
  const closure = closeOverRuntime(declared, root.lookup);
  const findThrough = createFindThrough(root, [[...declared]]);

  const found = new Map<InstalledPackage, OwnedNeed[]>();
  for (const one of owned) found.set(one.package, [...(found.get(one.package) ?? []), one]);
  const needs: Need[] = [];
  const uses: PackageUse[] = [];
  for (const [installed, all] of found) {
    const same = { package: toRecorded(installed), atom: writer.atomFor(installed, 'RDEPEND') };
    const licence = licenceFor(installed);
    if (licence === undefined) {
      const evidence = all.slice(0, EVIDENCE_KEPT).map(toEvidence);
      needs.push({ variable: 'RDEPEND', ...same, certainty: 'proven', evidence });
      continue;
    }
    const isClosure = licence === 'closure';
    const kinds = (['linked', 'interpreter'] as const).flatMap((kind) => {
      const ofKind = all.filter(
        ({ need }) => USE_KINDS[need.kind] === kind && !(isClosure && need.used === false),
      );
      return ofKind.length === 0 ? [] : [{ kind, evidence: ofKind.slice(0, EVIDENCE_KEPT).map(toEvidence) }];
    });
    if (kinds.length > 0)
      uses.push({
        ...same,
        licence,
        ...(isClosure && { through: findThrough(installed) }),
        kinds,
        bounds: [],
      });
  }
  return { needs, uses };

  function licenceFor(installed: InstalledPackage): PackageUse['licence'] | undefined {
    if (declared.has(installed)) return 'declared';
    if (ofSystem.has(installed)) return 'system';
    return closure.has(installed) ? 'closure' : undefined;
  }
}

/** As much evidence of one package as a record keeps. */
const EVIDENCE_KEPT = 4;

/** What a use of the package is called; a .pc file's `Requires:` is no use that the image makes of it in order to run. */
const USE_KINDS: Readonly<Record<ImageNeed['kind'], UseKind | undefined>> = {
  library: 'linked',
  interpreter: 'interpreter',
  'pkg-config': undefined,
};

const OPERATIONS: Readonly<Record<ImageNeed['kind'], Evidence['operation']>> = {
  library: 'link',
  interpreter: 'execute',
  'pkg-config': 'read',
};

function toEvidence({ need, path }: OwnedNeed): Evidence {
  return {
    phase: 'install',
    program: need.user,
    chain: [need.user],
    operation: OPERATIONS[need.kind],
    path,
    result: 'seen',
    count: 1,
  };
}

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
