import type { PackageName } from '../pms/package-name.ts';
import { compareVersions, isLive, parseVersion, type Version } from '../pms/version.ts';

/** An ebuild of a sweep. */
export interface SweptEbuild {
  /** Absolute. */
  readonly path: string;
  /** The repository, as an absolute path. */
  readonly repository: string;
  /** The path below the repository: `CATEGORY/PACKAGE/PACKAGE-VERSION.ebuild`. */
  readonly file: string;
  readonly package: PackageName;
  /** Undefined if the file is misnamed. */
  readonly version: Version | undefined;
}

/** Which of the ebuilds are tried. */
export interface Selection {
  /** Whether live ebuilds are tried as well. */
  readonly live: boolean;
  /** Whether only the newest version of each package is tried. */
  readonly newest: boolean;
}

/** An absolute path. */
export interface FoundPath {
  readonly path: string;
  /** Whether the user has named the file itself, and not a folder of it; it is then tried even if it is live. */
  readonly isNamed: boolean;
}

/**
 * Selects the ebuilds of a sweep.
 *
 * @param found ebuilds; a path may occur several times
 * @returns each ebuild once, in the order of the paths
 */
export function selectEbuilds(
  found: Iterable<FoundPath>,
  { live, newest }: Selection,
): readonly SweptEbuild[] {
  const named = new Set<string>();
  const ebuilds = new Map<string, SweptEbuild>();
  for (const { path, isNamed } of found) {
    const ebuild = ebuilds.get(path) ?? readPath(path);
    if (ebuild === undefined) continue;
    ebuilds.set(path, ebuild);
    if (isNamed) named.add(path);
  }
  const isWanted = ({ path, version }: SweptEbuild) =>
    live || named.has(path) || version === undefined || !isLive(version);
  const wanted = [...ebuilds.values()].filter(isWanted);
  if (!newest) return wanted;
  const best = new Map<string, SweptEbuild>();
  for (const ebuild of wanted) {
    const key = folderOf(ebuild);
    const before = best.get(key);
    if (before === undefined || isNewer(ebuild, before)) best.set(key, ebuild);
  }
  return wanted.filter((ebuild) => best.get(folderOf(ebuild)) === ebuild);
}

const folderOf = ({ repository, package: name }: SweptEbuild) => `${repository}/${name}`;

function isNewer({ version: left }: SweptEbuild, { version: right }: SweptEbuild): boolean {
  if (left === undefined || right === undefined) return left !== undefined;
  return compareVersions(left, right) > 0;
}

function readPath(path: string): SweptEbuild | undefined {
  const [, repository = '', category, name, version] =
    /^(.*)\/([^/]+)\/([^/]+)\/([^/]+)\.ebuild$/s.exec(path) ?? [];
  if (category === undefined || name === undefined || version === undefined) return undefined;
  return {
    path,
    repository: repository === '' ? '/' : repository,
    file: `${category}/${name}/${version}.ebuild`,
    package: `${category}/${name}`,
    version: version.startsWith(`${name}-`) ? parseVersion(version.slice(name.length + 1)) : undefined,
  };
}
