import type { Need } from '../../audit/record.ts';
import type { InstalledPackage } from '../../installed/vdb.ts';
import { closeOverRuntime, expandVirtuals, findInstalled } from '../../installed/visible-set.ts';
import { collectAtoms, type DependencyNode, parseDependency } from '../../pms/dependency.ts';
import { type RootState, toRecorded } from '../world/root-state.ts';
import type { ImageNeed } from './image.ts';
import { suggestAtom } from './suggestion.ts';

/** The folders in which the dynamic loader and a shell look, most usual first; what is deeper is no public library. */
const PROGRAM_FOLDERS = ['/usr/bin', '/bin', '/usr/sbin', '/sbin', '/usr/local/bin'];

/**
 * Which packages the installed image needs in order to run and RDEPEND does not bring.
 *
 * What RDEPEND brings counts with its own RDEPEND closure; @system is never demanded.
 *
 * @param runtime RDEPEND, PDEPEND and IDEPEND, active for the current USE state
 */
export function findRuntimeNeeds(
  needs: readonly ImageNeed[],
  root: RootState,
  runtime: readonly DependencyNode[],
  system: readonly string[],
): Need[] {
  const atoms = (nodes: readonly DependencyNode[]) => collectAtoms(nodes).map(({ atom }) => atom);
  const brought = closeOverRuntime(findInstalled(atoms(runtime), root.lookup), root.lookup);
  const systemAtoms = atoms(parseDependency(system.join(' ')).nodes);
  const allowed = new Set([
    ...brought,
    ...expandVirtuals(findInstalled(systemAtoms, root.lookup), root.lookup),
  ]);

  const found = new Map<InstalledPackage, Need>();
  for (const need of needs) {
    const owner = need.kind === 'library' ? findLibrary(root, need.wanted) : findProgram(root, need.wanted);
    if (owner === undefined || allowed.has(owner.package)) continue;
    const evidence = {
      phase: 'install',
      program: need.user,
      chain: [need.user],
      operation: need.kind === 'library' ? ('link' as const) : ('execute' as const),
      path: owner.path,
      result: 'seen' as const,
      count: 1,
    };
    const known = found.get(owner.package);
    found.set(owner.package, {
      variable: 'RDEPEND',
      package: toRecorded(owner.package),
      atom: suggestAtom(owner.package, root),
      certainty: 'proven',
      evidence: [...(known?.evidence ?? []), evidence],
    });
  }
  return [...found.values()];
}

interface OwnedPath {
  readonly package: InstalledPackage;
  readonly path: string;
}

/** Where the dynamic loader would find a soname: directly in a `lib*` folder, or one below it (Debian's multiarch). */
function findLibrary(root: RootState, soname: string): OwnedPath | undefined {
  for (const folder of libraryFolders(root)) {
    const found = ownerAt(root, `${folder}/${soname}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

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
