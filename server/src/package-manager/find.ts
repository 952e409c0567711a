import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../errors/user-error.ts';
import { listFolder } from '../files/folder-listing.ts';
import { privatePackageManager } from './home.ts';
import { createPkgcheck, type Pkgcheck } from './pkgcheck.ts';
import { createPkgcore } from './pkgcore.ts';
import type { PackageManager } from './port.ts';
import { createPortage } from './portage.ts';

/** Programs that Portage itself runs on the image to record the libraries that it links (build-info/NEEDED.ELF.2). */
const PORTAGE_PROGRAMS = ['/usr/bin/scanelf'];

/**
 * Finds the package manager that builds: the root's own Portage or pkgcore, else the one that the set-up installed
 * privately.
 *
 * @param root a Gentoo system, or the practice root; absolute
 * @param home the state folder, see `stateFolder`
 * @param preferred which one to take; Portage by default
 * @throws UserError that says what to run if there is none
 */
export function findPackageManager(
  root: string,
  home: string,
  preferred: PackageManager['name'] = 'portage',
): PackageManager {
  const found =
    preferred === 'portage'
      ? (portageOfRoot(root) ?? privatePortage(root, home))
      : (pkgcoreOfRoot(root) ?? privatePkgcore(root, home));
  if (found !== undefined) return found;
  const name = preferred === 'portage' ? 'Portage' : 'pkgcore';
  const atom = preferred === 'portage' ? 'sys-apps/portage' : 'sys-apps/pkgcore';
  throw new UserError(
    `There is no ${name} in ${root} and none in ${privatePackageManager(home, preferred)}: run "ebuild-audit set-up", or on Gentoo "emerge ${atom}".`,
    { mend: { kind: 'doctor' } },
  );
}

function portageOfRoot(root: string): PackageManager | undefined {
  if (!existsSync(join(root, 'usr/bin/ebuild'))) return undefined;
  for (const name of newestPythonFirst(listFolder(join(root, 'usr/lib/portage')))) {
    const python = `/usr/bin/${name}`;
    const scripts = `/usr/lib/portage/${name}`;
    const ebuild = [`${scripts}/ebuild`, `/usr/lib/python-exec/${name}/ebuild`].find((path) =>
      existsSync(root + path),
    );
    if (ebuild === undefined || !existsSync(root + python) || !existsSync(`${root}${scripts}/ebuild.sh`))
      continue;
    const version = installedVersion(root, 'sys-apps', 'portage');
    const programs = [python, ...PORTAGE_PROGRAMS.filter((path) => existsSync(root + path))];
    return createPortage({ version, python, scripts, ebuild, files: { binds: [], programs } });
  }
  return undefined;
}

function privatePortage(root: string, home: string): PackageManager | undefined {
  const folder = privatePackageManager(home, 'portage');
  const scripts = join(folder, 'lib/portage/bin');
  const ebuild = join(scripts, 'ebuild');
  const python = join(folder, 'bin/python3');
  const interpreter = interpreterOf(root, python);
  if (interpreter === undefined || !existsSync(ebuild)) return undefined;
  const programs = [interpreter, ...PORTAGE_PROGRAMS.filter((path) => existsSync(root + path))];
  const version = distributionVersion(folder, 'portage');
  return createPortage({ version, python, scripts, ebuild, files: { binds: [folder], programs } });
}

function pkgcoreOfRoot(root: string): PackageManager | undefined {
  if (!existsSync(join(root, 'usr/bin/pebuild'))) return undefined;
  for (const name of newestPythonFirst(listFolder(join(root, 'usr/lib/python-exec')))) {
    const python = `/usr/bin/${name}`;
    const pebuild = `/usr/lib/python-exec/${name}/pebuild`;
    const library = '/usr/lib/pkgcore';
    if (![`${library}/ebd`, pebuild, python].every((path) => existsSync(root + path))) continue;
    const version = installedVersion(root, 'sys-apps', 'pkgcore');
    return createPkgcore({ version, python, pebuild, library, files: { binds: [], programs: [python] } });
  }
  return undefined;
}

function privatePkgcore(root: string, home: string): PackageManager | undefined {
  const folder = privatePackageManager(home, 'pkgcore');
  const python = join(folder, 'bin/python3');
  const pebuild = join(folder, 'bin/pebuild');
  const library = join(folder, 'lib/pkgcore');
  const interpreter = interpreterOf(root, python);
  if (interpreter === undefined || !existsSync(pebuild)) return undefined;
  const version = distributionVersion(folder, 'pkgcore');
  return createPkgcore({
    version,
    python,
    pebuild,
    library,
    files: { binds: [folder], programs: [interpreter] },
  });
}

/**
 * Finds pkgcheck: the root's own, else one in PATH that is in a virtual environment, else the private one beside
 * pkgcore.
 *
 * @returns undefined if there is none that the root's Python can run
 */
export function findPkgcheck(root: string, home: string, path: string): Pkgcheck | undefined {
  for (const name of newestPythonFirst(listFolder(join(root, 'usr/lib/python-exec')))) {
    const python = `/usr/bin/${name}`;
    if (![python, `/usr/lib/python-exec/${name}/pkgcheck`].every((file) => existsSync(root + file))) continue;
    const version = installedVersion(root, 'dev-util', 'pkgcheck');
    return createPkgcheck({ version, python, files: { binds: [], programs: [python] } });
  }
  const inPath = path.split(':').map((folder) => environmentOf(join(folder, 'pkgcheck')));
  for (const folder of [...inPath, privatePackageManager(home, 'pkgcore')]) {
    if (folder === undefined || !existsSync(join(folder, 'bin/pkgcheck'))) continue;
    const python = join(folder, 'bin/python3');
    const interpreter = interpreterOf(root, python);
    if (interpreter === undefined) continue;
    const version = distributionVersion(folder, 'pkgcheck');
    return createPkgcheck({ version, python, files: { binds: [folder], programs: [interpreter] } });
  }
  return undefined;
}

/** The virtual environment of a script that pip installed, from its first line. */
function environmentOf(script: string): string | undefined {
  try {
    const python = /^#!(\/\S+)$/m.exec(readFileSync(script, 'utf8').slice(0, 1000))?.[1];
    const folder = python === undefined ? undefined : dirname(dirname(python));
    return folder !== undefined && existsSync(join(folder, 'pyvenv.cfg')) ? folder : undefined;
  } catch {
    return undefined;
  }
}

/** The Python behind a virtual environment's link, if the root has it too. */
function interpreterOf(root: string, python: string): string | undefined {
  try {
    const real = realpathSync(python);
    return existsSync(root + real) ? real : undefined;
  } catch {
    return undefined;
  }
}

function newestPythonFirst(names: readonly string[]): string[] {
  const minor = (name: string): number => Number(name.slice('python3.'.length));
  return names.filter((name) => /^python3\.\d+$/.test(name)).sort((a, b) => minor(b) - minor(a));
}

function installedVersion(root: string, category: string, name: string): string {
  const start = `${name}-`;
  const folder = listFolder(join(root, 'var/db/pkg', category)).find(
    (entry) => entry.startsWith(start) && /\d/.test(entry[start.length] ?? ''),
  );
  return folder?.slice(start.length) ?? 'unknown';
}

function distributionVersion(folder: string, name: string): string {
  for (const python of listFolder(join(folder, 'lib'))) {
    const packages = join(folder, 'lib', python, 'site-packages');
    const found = listFolder(packages).find(
      (entry) => entry.startsWith(`${name}-`) && entry.endsWith('.dist-info'),
    );
    if (found !== undefined) return basename(found, '.dist-info').slice(name.length + 1);
  }
  return 'unknown';
}
