/** Two machines in one folder, for tests of what they share. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { NOTHING_NAMED } from '../../server/src/host/named-paths.ts';
import { locateEbuild } from '../../server/src/repository/ebuild-location.ts';
import { askPortably, createInputsReader } from '../../server/src/sharing/read-inputs.ts';
import type { StoredTrial } from '../../server/src/trial/records/record-file.ts';
import { contentsOf } from '../support/installed-package.ts';
import { makeRecord, NOTHING_DECLARED } from '../support/trial-record.ts';
import { TEXT } from './made-records.ts';

export interface Machine {
  readonly root: string;
  readonly home: string;
  readonly overlay: string;
}

export function write(path: string, content: string | Buffer): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

export function install(
  { root }: Machine,
  id: string,
  paths: readonly string[],
  more: Readonly<Record<string, string>> = {},
): void {
  const place = join(root, 'var/db/pkg', id);
  const files = { SLOT: '0/1', USE: 'amd64', IUSE: '', RDEPEND: '', ...more };
  for (const [name, content] of Object.entries(files)) write(join(place, name), `${content}\n`);
  write(join(place, 'CONTENTS'), contentsOf(paths));
  for (const path of paths.filter((name) => !name.endsWith('/'))) write(join(root, path), id);
}

/** A machine below a folder, with its overlay, of which every name says which one it is. */
export function makeMachine(folder: string, name: string): Machine {
  const machine = {
    root: join(folder, `${name}-root`),
    home: join(folder, `${name}-home`),
    overlay: join(folder, `${name}-overlay`),
  };
  const { root, overlay } = machine;
  const gentoo = join(root, 'var/db/repos/gentoo');
  write(join(root, 'usr/share/portage/config/repos.conf'), '[DEFAULT]\nmain-repo = gentoo\n');
  write(
    join(root, 'etc/portage/repos.conf/gentoo.conf'),
    `# of ${name}\n[gentoo]\nlocation = /var/db/repos/gentoo\nsync-uri = https://${name}.example/\n`,
  );
  write(
    join(root, 'etc/portage/make.conf'),
    `# ${name}\nCFLAGS="-O2"\nMAKEOPTS="-j${name.length}"\nGENTOO_MIRRORS="a\n  ${name}"\n`,
  );
  write(join(gentoo, 'profiles/repo_name'), 'gentoo\n');
  write(join(gentoo, 'metadata/layout.conf'), 'masters =\n');
  write(join(gentoo, 'eclass/toy.eclass'), '# toy\n');
  write(join(overlay, 'profiles/repo_name'), 'toys\n');
  write(join(overlay, 'metadata/layout.conf'), 'masters = gentoo\n');
  write(join(overlay, 'media-gfx/foo/foo-1.ebuild'), TEXT);
  write(join(overlay, 'media-gfx/foo/files/foo.patch'), 'a patch\n');
  write(
    join(overlay, 'media-gfx/foo/Manifest'),
    `DIST foo-1.tar.gz 7 BLAKE2B ${'0a'.repeat(64)} SHA512 ${'0b'.repeat(64)}\n`,
  );
  install(machine, 'sys-libs/zlib-1.3', [
    '/usr/',
    '/usr/include/',
    '/usr/include/zlib.h',
    '/usr/lib/libz.so',
  ]);
  install(machine, 'sys-apps/coreutils-9', ['/usr/bin/env']);
  install(machine, 'app-misc/hidden-1', ['/usr/include/hidden.h']);
  write(join(root, 'usr/local/include/own.h'), 'by hand\n');
  write(join(root, 'etc/ld.so.conf'), '/usr/local/lib\n');
  write(join(root, 'etc/passwd'), `${name}:x:0:0::/home/${name}:\n`);
  return machine;
}

export const storedBy = ({ root, overlay }: Machine): StoredTrial => ({
  question: { root, file: overlay, packageManager: 'portage 3', productVersion: '0.1.0', bareText: TEXT },
  extent: { quick: false, matrix: 'none' },
  ended: 1,
  basis: {
    inherited: ['toy'],
    distfiles: ['foo-1.tar.gz'],
    states: [['amd64']],
    dependencies: { ...NOTHING_DECLARED, DEPEND: 'sys-libs/zlib' },
    system: ['sys-apps/coreutils'],
    programs: [],
    probed: [],
    packages: 'visible',
    installed: undefined,
    named: {
      ...NOTHING_NAMED,
      present: {
        [join(root, 'usr/include')]: ['zlib.h', 'hidden.h'],
        [join(root, 'usr/local/include')]: ['own.h'],
        [join(root, 'etc')]: ['ld.so.conf', 'passwd', 'portage'],
        [join(overlay, 'media-gfx/foo/files')]: ['foo.patch'],
      },
      absent: { [join(root, 'usr/include')]: ['png.h'], [join(overlay, 'metadata')]: ['install-qa-check.d'] },
      listed: { [join(root, 'usr/local/include')]: { names: '', unowned: '' } },
    },
  },
  inputs: {} as StoredTrial['inputs'],
  record: makeRecord(TEXT),
});

export const locate = ({ overlay }: Machine) => locateEbuild(join(overlay, 'media-gfx/foo/foo-1.ebuild'));
export async function readBasis(machine: Machine) {
  return createInputsReader(machine.root, machine.home).basisOf(locate(machine), storedBy(machine));
}
export async function readOn(machine: Machine, basis: Awaited<ReturnType<typeof readBasis>>) {
  const question = askPortably(locate(machine), TEXT, 'portage 3');
  return createInputsReader(machine.root, machine.home).read(
    locate(machine),
    question,
    { quick: false, matrix: 'none' },
    basis,
  );
}
