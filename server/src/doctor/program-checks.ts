import { findPackageManager, findPkgcheck } from '../package-manager/find.ts';
import { type Answer, ok, problem, warning } from './check.ts';
import type { DoctorWorld } from './world.ts';

export async function checkBubblewrap(world: DoctorWorld): Promise<Answer> {
  const program = world.settings.bwrap === '' ? 'bwrap' : world.settings.bwrap;
  try {
    return ok(`${await world.firstLine(program, ['--version'])} (${program})`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return program === 'bwrap'
      ? problem(
          'It is not installed',
          'apt install bubblewrap (Debian, Ubuntu), or emerge sys-apps/bubblewrap (Gentoo)',
        )
      : problem(`${program} does not exist`, 'correct --bwrap or the setting ebuildAudit.bwrap');
  }
}

/** The helper is part of a release; in a checkout it is compiled once. */
export async function checkHelper(world: DoctorWorld): Promise<Answer> {
  return ok(await world.findHelper());
}

export function checkPackageManager(world: DoctorWorld, root: string, home: string): Answer {
  const { packageManager } = world.settings;
  const preferred = packageManager === 'auto' ? undefined : packageManager;
  const { name, version, files } = findPackageManager(root, home, preferred);
  const [own] = files.binds;
  return ok(`${name} ${version}, ${own === undefined ? 'of the root' : `in ${own}`}`);
}

export function checkPkgcheck(root: string, home: string): Answer {
  const found = findPkgcheck(root, home, process.env.PATH ?? '');
  return found === undefined
    ? warning(
        'There is none, so its findings are missing',
        'emerge dev-util/pkgcheck (Gentoo), or ebuild-audit set-up',
      )
    : ok(`pkgcheck ${found.version}`);
}
