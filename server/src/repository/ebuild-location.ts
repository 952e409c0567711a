import { existsSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { UserError } from '../errors/user-error.ts';
import { parseVersion } from '../pms/version.ts';

/** The place of an ebuild: `<repository>/<category>/<package>/<package>-<version>.ebuild` (PMS 4.1). */
export interface EbuildLocation {
  /** Absolute path of the repository with links resolved. */
  readonly repository: string;
  readonly category: string;
  readonly packageName: string;
  /** Package name, version and revision (`PF`, PMS 11.1). */
  readonly packageAndVersion: string;
}

/** The path of an ebuild. */
export function ebuildFile({ repository, category, packageName, packageAndVersion }: EbuildLocation): string {
  return join(repository, category, packageName, `${packageAndVersion}.ebuild`);
}

/**
 * Finds the repository that a file belongs to.
 *
 * @throws UserError if the file is not an ebuild in a repository
 */
export function locateEbuild(file: string): EbuildLocation {
  if (!file.endsWith('.ebuild'))
    throw new UserError(`${file} is not an ebuild: its name must end in .ebuild.`);
  if (!existsSync(file)) throw new UserError(`${file} does not exist: name an ebuild file.`);
  return locate(file, realpathSync.native(file));
}

/**
 * Like {@link locateEbuild}, for a file that an editor has not saved yet.
 *
 * @throws UserError if the file would not be an ebuild in a repository
 */
export function locateUnsavedEbuild(file: string): EbuildLocation {
  if (existsSync(file)) return locateEbuild(file);
  let folder = dirname(file);
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  return locate(file, join(realpathSync.native(folder), relative(folder, file)));
}

/** More folders are not looked at. A file of a profile lies deepest. */
const DEEPEST = 30;

/** The repository that a file lies in, saved or not, with links resolved; undefined if it lies in none. */
export function findRepository(file: string): string | undefined {
  let folder = dirname(file);
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  folder = realpathSync.native(folder);
  for (let depth = 0; depth < DEEPEST && dirname(folder) !== folder; depth++) {
    if (isRepository(folder)) return folder;
    folder = dirname(folder);
  }
  return undefined;
}

/** PMS 4.4.1, and Portage's layout.conf. */
function isRepository(folder: string): boolean {
  return ['profiles/repo_name', 'metadata/layout.conf'].some((name) => existsSync(join(folder, name)));
}

/** @param real the path of the file with links resolved */
function locate(file: string, real: string): EbuildLocation {
  const packageFolder = dirname(real);
  const repository = repositoryFolder(real);
  if (!isRepository(repository)) {
    throw new UserError(
      `${file} is not in a repository: ${repository} has neither profiles/repo_name nor metadata/layout.conf; put the ebuild in REPOSITORY/CATEGORY/PACKAGE/.`,
    );
  }
  const packageName = basename(packageFolder);
  const packageAndVersion = basename(real, '.ebuild');
  if (!packageAndVersion.startsWith(`${packageName}-`)) {
    throw new UserError(
      `${file} is misnamed: an ebuild in the folder ${packageName} must be called ${packageName}-VERSION.ebuild.`,
    );
  }
  const version = packageAndVersion.slice(packageName.length + 1);
  if (parseVersion(version) === undefined) {
    throw new UserError(
      `${file} is misnamed: "${version}" is not a version; name it ${packageName}-VERSION.ebuild, such as ${packageName}-1.0.ebuild.`,
    );
  }
  return { repository, category: basename(dirname(packageFolder)), packageName, packageAndVersion };
}

/** The repository of an ebuild by its path alone, without a look at the disk. */
export function repositoryFolder(ebuild: string): string {
  return dirname(dirname(dirname(ebuild)));
}

/** The folders of a repository that a package manager reads for one ebuild. */
const READ_FOLDERS = ['', 'eclass', 'metadata', 'profiles', 'licenses'];

/** The first folder of the repository that only its owner and group may read; undefined if there is none. */
export function findClosedFolder({ repository, category, packageName }: EbuildLocation): string | undefined {
  return [...READ_FOLDERS, category, join(category, packageName)]
    .map((name) => join(repository, name))
    .find((folder) => existsSync(folder) && (statSync(folder).mode & 0o005) !== 0o005);
}
