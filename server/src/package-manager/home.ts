import { join, resolve } from 'node:path';
import { UserError } from '../errors/user-error.ts';

/**
 * The folder that holds everything that Ebuild Audit keeps between runs: private package managers, the practice root,
 * downloads and the records of trials. `EBUILD_AUDIT_HOME` names it; otherwise it is in /var/cache for the user root,
 * and in the user's cache for others.
 *
 * @param uid the user's id, as from `process.getuid()`
 * @throws UserError if the user's home is not known
 */
export function stateFolder(environment: Readonly<Record<string, string | undefined>>, uid: number): string {
  const chosen = environment.EBUILD_AUDIT_HOME;
  if (chosen) return resolve(chosen);
  if (uid === 0) return '/var/cache/ebuild-audit';
  const cache = environment.XDG_CACHE_HOME;
  if (cache?.startsWith('/')) return join(cache, 'ebuild-audit');
  const home = environment.HOME;
  if (!home) throw new UserError('There is no state folder: set EBUILD_AUDIT_HOME or HOME.');
  return join(home, '.cache', 'ebuild-audit');
}

/** The folder of the practice root, for machines that are not Gentoo. */
export function practiceRoot(home: string): string {
  return join(home, 'root');
}

/** The folder of the private installation of a package manager. */
export function privatePackageManager(home: string, name: 'portage' | 'pkgcore'): string {
  return join(home, 'package-managers', name);
}
