/** The files of a change that are no ebuilds and concern ebuilds all the same, by their paths in a repository of git. */

/** A file beside the ebuilds of a package. */
interface PackageFile {
  readonly folder: string;
  /** Whether it is below `files`, so that a build may use it. */
  readonly isSource: boolean;
}

/** Reads a path; undefined if it is not that of a file beside ebuilds. */
export function parsePackageFile(path: string): PackageFile | undefined {
  const [, folder, name = ''] =
    /^((?:.*\/)?[^/]+\/[^/]+)\/(Manifest|metadata\.xml|files\/.+)$/s.exec(path) ?? [];
  return folder === undefined ? undefined : { folder, isSource: name.startsWith('files/') };
}

/** Reads a path; undefined if it is not that of an eclass. */
export function parseEclass(
  path: string,
): { readonly repository: string; readonly name: string } | undefined {
  const [, repository = '', name] = /^(.*\/)?eclass\/([^/]+)\.eclass$/s.exec(path) ?? [];
  return name === undefined ? undefined : { repository, name };
}
