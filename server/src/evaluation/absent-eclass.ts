import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../errors/user-error.ts';
import { isPracticeRoot } from '../repository/practice-root.ts';
import { findFamily, readReposConf, readRepository } from '../repository/repository.ts';

/** The words of Portage and of pkgcore for an eclass that they do not find. */
const ABSENT: readonly RegExp[] = [
  /(?:^|\s)([\w.+-]{1,100})\.eclass could not be found by inherit\(\)/,
  /\binherit requires (?:an )?unknown eclass[:,] ([\w.+-]{1,100}?)(?:\.eclass)?(?:\s|$)/,
];

/**
 * Says whose fault it is that a package manager has not found an eclass.
 *
 * @param output the words of the package manager, which may contain anything
 * @param repository the ebuild's repository
 * @returns an error whose remedy comes first; undefined if the output names no such eclass, if it is there, or if every repository is there
 *   that should have it, so that the ebuild is to blame
 */
export function explainAbsentEclass(output: string, root: string, repository: string): UserError | undefined {
  const name = ABSENT.map((pattern) => pattern.exec(output)?.[1]).find((found) => found !== undefined);
  if (name === undefined) return undefined;
  const has = (location: string): boolean => existsSync(join(location, 'eclass', `${name}.eclass`));
  const { repositories, missing } = findFamily(repository, root, () => {});
  if (repositories.some(({ location }) => has(location))) return undefined;
  const other = configuredRepositories(root).find(has);
  if (other !== undefined) return notMaster(name, other, repository);
  const here = `so the ebuild cannot be tried here`;
  const mend = { kind: 'setting', name: 'root' } as const;
  if (isPracticeRoot(root))
    return new UserError(
      `Set ebuildAudit.root or --root to a Gentoo system: the practice root has no ${name}.eclass, ${here}.`,
      { mend },
    );
  const master = missing.find((word) => word !== '');
  if (master === undefined) return undefined;
  return new UserError(
    `Name the location of the repository ${master} in ${join(root, 'etc/portage/repos.conf')}, or set ebuildAudit.root or --root to a Gentoo system that has it: the repositories on this machine have no ${name}.eclass, ${here}.`,
    { mend },
  );
}

function configuredRepositories(root: string): readonly string[] {
  return readReposConf(root, () => {}).repositories.map(({ location }) => join(root, location));
}

function notMaster(eclass: string, other: string, repository: string): UserError {
  const [its, own] = [other, repository].map((location) => readRepository(location, () => {}).name);
  return new UserError(
    `Add ${its} to "masters" in metadata/layout.conf of ${own}: ${its} has ${eclass}.eclass and is not a master of ${own}, so the ebuild cannot inherit it.`,
  );
}
