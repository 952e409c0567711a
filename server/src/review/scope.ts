import { type EbuildPath, findOrigin, inVersionOrder, parseEbuildPath } from './ebuild-path.ts';
import type { FileChange } from './git.ts';
import { parseEclass, parsePackageFile } from './package-file.ts';

/** The reason why an ebuild is looked at. */
export type Cause =
  | { readonly kind: 'added' | 'changed' | 'renamed' }
  /** A file of the package was changed, and not the ebuild. */
  | { readonly kind: 'file'; readonly path: string }
  /** An eclass that it inherits, directly or not, was changed. */
  | { readonly kind: 'eclass'; readonly name: string };

/** An ebuild of the head, and the ebuild of the base that it is compared with. Paths are below the top folder of git. */
export interface ChangedEbuild {
  readonly path: string;
  /** Undefined for a new package. */
  readonly from: string | undefined;
  /** `category/package`. */
  readonly package: string;
  readonly cause: Cause;
  /**
   * Whether the ebuild of the base can be built at the head with the same result, given its own text: the head has a file of its name, and
   * nothing else that a build reads was changed, apart from the Manifest.
   */
  readonly isOriginKept: boolean;
  /** Whether the Manifest of the package was changed. */
  readonly isManifestChanged: boolean;
}

/** A changed eclass, and how many of the ebuilds that inherit it are looked at. */
export interface ChangedEclass {
  readonly name: string;
  readonly inheriting: number;
  readonly taken: number;
}

/** Everything that a review looks at. */
export interface Scope {
  readonly ebuilds: readonly ChangedEbuild[];
  readonly eclasses: readonly ChangedEclass[];
  /** The number of ebuilds that the change removes. */
  readonly removed: number;
}

/** Lists the ebuilds of the two states. */
export interface States {
  /** The paths of the ebuilds in a folder of a package at the base. */
  listBase(packageFolder: string): readonly string[];
  listHead(packageFolder: string): readonly string[];
  /** The paths of all ebuilds of a repository at the head that inherit an eclass, also through others. */
  listInheriting(repository: string, eclass: string): readonly string[];
}

/** The number of ebuilds that are looked at because of changed eclasses, of each eclass. */
export const MOST_INHERITING = 10;

/** Whether a change may matter to a review at all: it is about an ebuild, a file beside one, or an eclass. */
export function isReviewed({ path, from }: FileChange): boolean {
  return [path, from ?? path].some(
    (name) =>
      parseEbuildPath(name) !== undefined ||
      parseEclass(name) !== undefined ||
      parsePackageFile(name) !== undefined,
  );
}

/**
 * Finds the ebuilds that a change adds or changes, and those that it concerns through an eclass or a file of their package.
 *
 * A new version nearly always changes the Manifest and may add a patch. That pulls in no other version: they are pulled in if no ebuild of the
 * package changes, or if a file that was there before changes.
 */
export function findScope(changes: readonly FileChange[], states: States): Scope {
  const found = new Map<string, Omit<ChangedEbuild, 'isOriginKept' | 'isManifestChanged'>>();
  let removed = 0;
  for (const change of changes) {
    const from = parseEbuildPath(change.from ?? change.path);
    const to = parseEbuildPath(change.path);
    if (change.status === 'removed') removed += to === undefined ? 0 : 1;
    else if (to === undefined) removed += change.status === 'renamed' && from !== undefined ? 1 : 0;
    else found.set(to.path, describeEbuild(change, to, from, states));
  }
  const folders = new Set([...found.keys()].map(folderOf));
  for (const change of changes) {
    const file = parsePackageFile(change.path) ?? parsePackageFile(change.from ?? '');
    if (file === undefined) continue;
    const isOwn = file.isSource && change.status !== 'added';
    if (folders.has(file.folder) && !isOwn) continue;
    for (const path of states.listHead(file.folder))
      addUnchanged(path, { kind: 'file', path: change.path }, states, found);
  }
  const eclasses = changes.flatMap(({ path, from }) =>
    [...new Set([path, from ?? path])].flatMap((name) => parseEclass(name) ?? []),
  );
  const listed = eclasses.map(({ repository, name }): ChangedEclass => {
    const inheriting = states.listInheriting(repository, name);
    const others = inheriting.filter((path) => !found.has(path));
    const taken = takeNewest(others).slice(0, MOST_INHERITING);
    for (const path of taken) addUnchanged(path, { kind: 'eclass', name }, states, found);
    return {
      name,
      inheriting: inheriting.length,
      taken: inheriting.filter((path) => found.has(path)).length,
    };
  });
  const paths = new Set(changes.flatMap(({ path, from }) => [path, from ?? path]));
  const ebuilds = [...found.values()].map((ebuild) => ({
    ...ebuild,
    isOriginKept: isOriginKept(ebuild, changes),
    isManifestChanged: paths.has(`${folderOf(ebuild.path)}/Manifest`),
  }));
  return { ebuilds: sortEbuilds(ebuilds), eclasses: listed, removed };
}

function describeEbuild(
  change: FileChange,
  to: EbuildPath,
  from: EbuildPath | undefined,
  states: States,
): Omit<ChangedEbuild, 'isOriginKept' | 'isManifestChanged'> {
  const common = { path: to.path, package: to.package };
  if (change.status === 'changed') return { ...common, from: to.path, cause: { kind: 'changed' } };
  if (change.status === 'renamed' && from !== undefined)
    return { ...common, from: from.path, cause: { kind: 'renamed' } };
  const others = states.listBase(folderOf(to.path)).flatMap((path) => parseEbuildPath(path) ?? []);
  return { ...common, from: findOrigin(to, others)?.path, cause: { kind: 'added' } };
}

function addUnchanged(
  path: string,
  cause: Cause,
  states: States,
  found: Map<string, Omit<ChangedEbuild, 'isOriginKept' | 'isManifestChanged'>>,
): void {
  const ebuild = parseEbuildPath(path);
  if (ebuild === undefined || found.has(path)) return;
  const from = states.listBase(folderOf(path)).includes(path) ? path : undefined;
  found.set(path, { path, from, package: ebuild.package, cause });
}

const folderOf = (path: string) => path.slice(0, path.lastIndexOf('/'));

/** The newest version of each package first, and then the others, because one version of ten packages shows more than ten of one. */
function takeNewest(paths: readonly string[]): readonly string[] {
  const sorted = paths.flatMap((path) => parseEbuildPath(path) ?? []).sort(inVersionOrder);
  const newest = new Map(sorted.map((ebuild) => [ebuild.repository + ebuild.package, ebuild.path]));
  const first = new Set(newest.values());
  return [...first, ...sorted.map(({ path }) => path).filter((path) => !first.has(path))];
}

/** See {@link ChangedEbuild.isOriginKept}. `metadata.xml`, licences and other packages are not part of a build. */
function isOriginKept(
  { path, from }: Pick<ChangedEbuild, 'path' | 'from'>,
  changes: readonly FileChange[],
): boolean {
  if (from === undefined || folderOf(from) !== folderOf(path)) return false;
  const repository = parseEbuildPath(from)?.repository ?? '';
  const shared = ['eclass/', 'profiles/', 'metadata/layout.conf'].map((name) => repository + name);
  const files = `${folderOf(from)}/files/`;
  return !changes.some((change) =>
    [change.path, change.from ?? change.path].some(
      (name) =>
        shared.some((start) => name.startsWith(start)) ||
        name.startsWith(files) ||
        (name === from && (from !== path || change.status !== 'changed')),
    ),
  );
}

function sortEbuilds(ebuilds: readonly ChangedEbuild[]): ChangedEbuild[] {
  const byPath = new Map(ebuilds.map((ebuild) => [ebuild.path, ebuild]));
  return ebuilds
    .flatMap(({ path }) => parseEbuildPath(path) ?? [])
    .sort(inVersionOrder)
    .flatMap(({ path }) => byPath.get(path) ?? []);
}
