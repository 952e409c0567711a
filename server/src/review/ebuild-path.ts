import { compareVersions, isLive, parseVersion, type Version } from '../pms/version.ts';

/** An ebuild by its path in a repository of git: `[FOLDER/]CATEGORY/PACKAGE/PACKAGE-VERSION.ebuild`. */
export interface EbuildPath {
  readonly path: string;
  /** The folder of the repository of ebuilds with a slash behind it; empty at the top. */
  readonly repository: string;
  /** `category/package`. */
  readonly package: string;
  /** Undefined if the file is misnamed. */
  readonly version: Version | undefined;
}

/** Reads a path; undefined if it is not that of an ebuild. */
export function parseEbuildPath(path: string): EbuildPath | undefined {
  const [, repository = '', category, name, file] =
    /^(.*\/)?([^/]+)\/([^/]+)\/([^/]+)\.ebuild$/s.exec(path) ?? [];
  if (category === undefined || name === undefined || file === undefined) return undefined;
  return {
    path,
    repository,
    package: `${category}/${name}`,
    version: file.startsWith(`${name}-`) ? parseVersion(file.slice(name.length + 1)) : undefined,
  };
}

/**
 * Chooses the version that a new one was made from: the nearest lower one, and a live ebuild only if there is no lower one.
 *
 * @param others the other ebuilds of the package
 */
export function findOrigin(added: EbuildPath, others: readonly EbuildPath[]): EbuildPath | undefined {
  const { version } = added;
  if (version === undefined) return undefined;
  const versioned = others.flatMap((other) =>
    other.version === undefined || other.path === added.path ? [] : [{ other, version: other.version }],
  );
  const lower = versioned
    .filter((known) => !isLive(known.version) && compareVersions(known.version, version) < 0)
    .sort((left, right) => compareVersions(right.version, left.version))[0];
  return (lower ?? versioned.find((known) => isLive(known.version)))?.other;
}

/** Sorts ebuilds by path, and the versions of a package from the oldest to the newest. */
export function inVersionOrder(left: EbuildPath, right: EbuildPath): number {
  const [leftFolder, rightFolder] = [left.repository + left.package, right.repository + right.package];
  if (leftFolder !== rightFolder) return leftFolder < rightFolder ? -1 : 1;
  const order = left.version && right.version ? compareVersions(left.version, right.version) : 0;
  return order !== 0 ? order : left.path < right.path ? -1 : 1;
}
