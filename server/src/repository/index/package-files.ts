import { join } from 'node:path';
import { readRegularFile } from '../../files/regular-file.ts';
import type { OfferedPackage } from '../../pms/offered-package.ts';
import type { Repository } from '../repository.ts';

/** The file of an ebuild that one of the repositories offers; undefined if none of them has this name. */
export function findEbuildFile(
  repositories: readonly Repository[],
  { repository, category, name, version }: OfferedPackage,
): string | undefined {
  const found = repositories.find((known) => known.name === repository);
  return found && join(found.location, category, name, `${name}-${version}.ebuild`);
}

/** A file in the folder of a package, of the first repository that has it; a link that leads out of a repository does not count. */
export function findPackageFile(
  repositories: readonly Repository[],
  category: string,
  name: string,
  path: string,
): string | undefined {
  return repositories
    .map(({ location }) => ({ location, file: join(location, category, name, path) }))
    .find(({ location, file }) => readRegularFile(file, [location], () => {}) !== undefined)?.file;
}
