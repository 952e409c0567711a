import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { writeFiles } from '../practice-root/repository.ts';
import { describeDistfile } from './ebuilds.ts';
import { emerge } from './emerge.ts';

const REPOSITORY = '/var/db/repos/ebuild-audit';
const PACKAGE = 'app-portage/ebuild-audit';

/**
 * Merges the product into the machine from the project's own ebuild, unless that has been done with this archive.
 *
 * @param archive the npm package, see `packNpm`
 * @throws an Error with the output of emerge when it fails
 */
export function installProduct(machine: string, archive: string): void {
  const name = basename(archive);
  const distfile = join(machine, 'var/cache/distfiles', name);
  const entry = join(machine, 'var/db/pkg/app-portage', basename(name, '.tgz'));
  if (existsSync(entry) && existsSync(distfile) && readFileSync(distfile).equals(readFileSync(archive)))
    return;
  copyFileSync(archive, distfile);
  cpSync('packaging/gentoo', join(machine, REPOSITORY), { recursive: true });
  writeFileSync(join(machine, REPOSITORY, PACKAGE, 'Manifest'), describeDistfile(distfile));
  writeFiles(join(machine, 'etc/portage'), {
    'repos.conf/ebuild-audit.conf': `[ebuild-audit]\nlocation = ${REPOSITORY}\nauto-sync = no\n`,
    // Node.js is there, but not as a package.
    'profile/package.provided': `net-libs/nodejs-${process.versions.node}\n`,
  });
  mkdirSync(join(machine, 'var/db/repos'), { recursive: true });
  emerge(machine, ['emerge', '--oneshot', '--jobs=1', PACKAGE]);
}
