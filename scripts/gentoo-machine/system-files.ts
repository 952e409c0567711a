import { appendFileSync, chmodSync, chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeFiles } from '../practice-root/repository.ts';
import { LARRY } from './enter-machine.ts';

/** Gentoo's acct-user/portage, whom the practice root's /etc/passwd has. */
const PORTAGE_ID = 250;

/** The folders that a stage3 of Gentoo has: path, owner, permissions. */
const FOLDERS: readonly (readonly [path: string, id: number, mode: number])[] = [
  ['sys', 0, 0o755],
  ['tmp', 0, 0o1777],
  ['var/tmp', 0, 0o1777],
  ['root', 0, 0o700],
  ['home/larry', LARRY.uid, 0o700],
  ['var/cache/binpkgs', PORTAGE_ID, 0o775],
  ['var/cache/distfiles', PORTAGE_ID, 0o775],
  ['var/lib/portage', PORTAGE_ID, 0o2755],
  ['var/lib/portage/home', PORTAGE_ID, 0o755],
  ['etc/portage/package.use', 0, 0o755],
];

/** What Gentoo's baselayout has in /etc/env.d; env-update makes the PATH of logins and ebuilds from it. */
const ENVIRONMENT = `PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/bin"
ROOTPATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/bin"
LDPATH="/usr/local/lib"
CONFIG_PROTECT_MASK="/etc/gentoo-release"
`;

const MAKE_CONF = `
# built packages stay in PKGDIR
FEATURES="buildpkg"
BINPKG_FORMAT="gpkg"
# zstd, the default, is not installed
BINPKG_COMPRESS="xz"
PKGDIR="/var/cache/binpkgs"
DISTDIR="/var/cache/distfiles"
MAKEOPTS="-j2"
`;

/** Makes the rest of a practice root a system that somebody administers: accounts, folders, /etc/portage, and Portage in @system. */
export function writeSystemFiles(machine: string): void {
  for (const [path, id, mode] of FOLDERS) {
    const folder = join(machine, path);
    mkdirSync(folder, { recursive: true });
    chownSync(folder, id, id);
    chmodSync(folder, mode);
  }
  const { name, uid, home } = LARRY;
  appendFileSync(join(machine, 'etc/passwd'), `${name}:x:${uid}:${uid}::${home}:/bin/bash\n`);
  appendFileSync(join(machine, 'etc/group'), `${name}:x:${uid}:\n`);
  appendFileSync(join(machine, 'etc/portage/make.conf'), MAKE_CONF);
  writeFiles(join(machine, 'etc'), {
    'env.d/50baselayout': ENVIRONMENT,
    'gentoo-release': 'Gentoo Base System release 2.17\n',
  });
  const profiles = join(machine, 'var/db/repos/gentoo/profiles');
  appendFileSync(join(profiles, 'base/packages'), '*sys-apps/portage\n');
  appendFileSync(join(profiles, 'categories'), 'app-portage\n');
}
