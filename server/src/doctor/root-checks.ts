import { existsSync, realpathSync } from 'node:fs';
import { join, relative } from 'node:path';
import { listFolder } from '../files/folder-listing.ts';
import { locateEbuild } from '../repository/ebuild-location.ts';
import { isPracticeRoot } from '../repository/practice-root.ts';
import { profileFolder } from '../repository/profile/effective-use.ts';
import { findFamily, readReposConf, readRepository } from '../repository/repository.ts';
import { type Answer, ok, problem, warning } from './check.ts';
import type { DoctorWorld } from './world.ts';

const GENTOO =
  'set ebuildAudit.root or --root to a Gentoo system, such as / on Gentoo or an unpacked stage 3';

/** Says which root is used, and why. */
export function checkRoot({ settings }: DoctorWorld, root: string): Answer {
  const packages = listFolder(join(root, 'var/db/pkg')).reduce(
    (count, category) => count + listFolder(join(root, 'var/db/pkg', category)).length,
    0,
  );
  const why =
    settings.root !== ''
      ? 'chosen by --root or ebuildAudit.root'
      : root === '/'
        ? 'this machine'
        : 'the practice root, because this machine is not Gentoo';
  const found = `${root}, ${why}; packages installed there: ${packages}`;
  if (packages === 0) return problem(found, `${GENTOO}, or make a practice root with "ebuild-audit set-up"`);
  return isPracticeRoot(root)
    ? warning(`${found}, and its repository has only a few packages and eclasses`, GENTOO)
    : ok(found);
}

/** The repositories that the root's repos.conf names, and their masters. */
export function checkRepositories(root: string): Answer {
  const { repositories } = readReposConf(root, () => {});
  const conf = join(root, 'etc/portage/repos.conf');
  if (repositories.length === 0)
    return problem(`${conf} names none`, `name the repository gentoo in ${conf}`);
  const missing = new Set<string>();
  const found = repositories.map(({ name, location }) => {
    const folder = join(root, location);
    if (!existsSync(join(folder, 'profiles'))) {
      missing.add(name);
      return `${name} is missing in ${folder}`;
    }
    const family = findFamily(folder, root, () => {});
    for (const master of family.missing) if (master !== '') missing.add(master);
    const masters = family.repositories.slice(1).map((repository) => repository.name);
    return `${name} in ${folder}${masters.length === 0 ? '' : ` (masters: ${masters.join(', ')})`}`;
  });
  return missing.size === 0
    ? ok(found.join('; '))
    : problem(
        found.join('; '),
        `emerge --sync, or correct the location of ${[...missing].join(', ')} in ${conf}`,
      );
}

/** Fewer eclasses are not those of Gentoo, which has more than two hundred. */
const FEW_ECLASSES = 100;

export function checkEclasses(root: string): Answer {
  const counts = readReposConf(root, () => {}).repositories.map(({ name, location }) => {
    const files = listFolder(join(root, location, 'eclass')).filter((file) => file.endsWith('.eclass'));
    return { name, count: files.length };
  });
  const found = counts.map(({ name, count }) => `${count} in ${name}`).join(', ');
  const most = Math.max(0, ...counts.map(({ count }) => count));
  if (most >= FEW_ECLASSES) return ok(found);
  const few = 'so an ebuild that inherits another one cannot be tried';
  const remedy = isPracticeRoot(root) ? GENTOO : `emerge --sync, or ${GENTOO}`;
  return warning(`${found === '' ? 'none' : found}, ${few}`, remedy);
}

export function checkProfile(root: string): Answer {
  const folder = profileFolder(root, () => {});
  if (folder === undefined)
    return problem('The root has no profile', 'eselect profile set, or use another root');
  return ok(relative(root, realpathSync(folder)) || folder);
}

/** The repository of the ebuild and its masters. */
export function checkOwnRepository(root: string, file: string): Answer {
  const { repository } = locateEbuild(file);
  const { repositories, missing } = findFamily(repository, root, () => {});
  const { name } = readRepository(repository, () => {});
  const masters = repositories.slice(1).map((master) => `${master.name} in ${master.location}`);
  const found = `${name} in ${repository}; masters: ${masters.join(', ') || 'none'}`;
  return missing.length === 0
    ? ok(found)
    : problem(
        `${found}; missing: ${missing.map((master) => master || 'one without a valid name').join(', ')}`,
        `name its location in ${join(root, 'etc/portage/repos.conf')}, or ${GENTOO}`,
      );
}

/** The index of the repository of the ebuild. */
export async function checkIndex(world: DoctorWorld, root: string, file: string): Promise<Answer> {
  const { packages, eclasses, limits } = await world.readIndex(root, file);
  const found = `what the ebuild can use: packages ${packages}, eclasses ${eclasses}`;
  const [limit] = limits;
  return limit === undefined
    ? ok(found)
    : {
        state: 'warning',
        found: `${found}. ${limit.text}`,
        ...(limit.remedy !== undefined && { remedy: limit.remedy }),
      };
}
