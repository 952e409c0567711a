/** The inputs of two roots at other places of the machine, of other inodes and times. */
import { appendFileSync, cpSync, mkdtempSync, realpathSync, renameSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findDifference } from '../../server/src/sharing/compare-inputs.ts';
import { digestInputs, keyOfQuestion } from '../../server/src/sharing/portable-inputs.ts';
import { contentsOf } from '../support/installed-package.ts';
import { install, type Machine, makeMachine, readBasis, readOn, write } from './machines.ts';

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'ebuild-audit-inputs-')));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('two machines with the same packages have the same inputs, and no name of a machine is in them', async () => {
  const [jane, joe] = [makeMachine(folder, 'jane'), makeMachine(folder, 'joe')];
  utimesSync(join(joe.root, 'usr/include/zlib.h'), 1, 1);
  const basis = await readBasis(jane);
  const [made, here] = [await readOn(jane, basis), await readOn(joe, basis)];
  expect(findDifference(made.inputs, here)).toBeUndefined();
  expect(digestInputs(here.inputs)).toBe(digestInputs(made.inputs));
  expect(keyOfQuestion(here.inputs.question)).toBe(keyOfQuestion(made.inputs.question));
  expect(await readBasis(joe)).toEqual(basis);
  expect(JSON.stringify([basis, made.inputs])).not.toMatch(/jane|tmp|inputs-/);
  expect(basis.named).toEqual({
    owners: ['app-misc/hidden-1', 'sys-libs/zlib-1.3'],
    unowned: ['/etc/ld.so.conf', '/usr/local/include/own.h'],
    absent: ['/usr/include/png.h', '<toys>/metadata/install-qa-check.d'],
    listed: ['/usr/local/include'],
  });
  expect(made.inputs.packages.map(({ id, roles }) => [id, ...roles])).toEqual([
    ['sys-apps/coreutils-9', 'full system'],
    ['sys-libs/zlib-1.3', 'full declared'],
  ]);
  expect(made.inputs.distfiles).toEqual([{ name: 'foo-1.tar.gz', digest: `BLAKE2B ${'0a'.repeat(64)}` }]);
  expect(made.inputs.configuration.map(({ name }) => name)).toContain('/etc/portage/make.conf');
});

const vdb = ({ root }: Machine, id: string) => join(root, 'var/db/pkg', id);
test.each<[string, (machine: Machine) => void]>([
  [
    'it was made with sys-libs/zlib-1.3, and here is 1.3.1',
    (joe) => renameSync(vdb(joe, 'sys-libs/zlib-1.3'), vdb(joe, 'sys-libs/zlib-1.3.1')),
  ],
  [
    'it was made with sys-libs/zlib-1.3, which is not installed here',
    (joe) => rmSync(vdb(joe, 'sys-libs/zlib-1.3'), { recursive: true }),
  ],
  [
    'it was made with sys-libs/zlib-1.3 with USE="-minizip", which is the other way round here',
    (joe) => appendFileSync(join(vdb(joe, 'sys-libs/zlib-1.3'), 'USE'), 'minizip\n'),
  ],
  [
    'it was made with sys-libs/zlib-1.3, which has other files here',
    (joe) => appendFileSync(join(vdb(joe, 'sys-libs/zlib-1.3'), 'CONTENTS'), contentsOf(['/usr/x'])),
  ],
  [
    'it was made without sys-libs/zlib-1.2, which is here',
    (joe) => install(joe, 'sys-libs/zlib-1.2', [], { SLOT: '1/1' }),
  ],
  [
    'it was made with app-misc/hidden-1, which is not installed here',
    (joe) => rmSync(vdb(joe, 'app-misc/hidden-1'), { recursive: true }),
  ],
  [
    'files/foo.patch is another one here',
    (joe) => appendFileSync(join(joe.overlay, 'media-gfx/foo/files/foo.patch'), 'x'),
  ],
  [
    'the eclass gentoo:toy is another one here',
    (joe) => appendFileSync(join(joe.root, 'var/db/repos/gentoo/eclass/toy.eclass'), 'x'),
  ],
  [
    'it was made without the eclass toys:toy, which is here',
    (joe) => write(join(joe.overlay, 'eclass/toy.eclass'), ''),
  ],
  [
    'the distfile foo-1.tar.gz is another one here',
    (joe) => write(join(joe.overlay, 'media-gfx/foo/Manifest'), ''),
  ],
  [
    '/etc/portage/make.conf is another one here',
    (joe) => appendFileSync(join(joe.root, 'etc/portage/make.conf'), 'USE="x"\n'),
  ],
  [
    'it was made without /etc/portage/package.use, which is here',
    (joe) => write(join(joe.root, 'etc/portage/package.use/mine'), '*/* x\n'),
  ],
  [
    'it was made without other files of /etc/portage, which is here',
    (joe) => write(join(joe.root, 'etc/portage/of-joe'), 'x\n'),
  ],
  [
    'gentoo:profiles is another one here',
    (joe) => write(join(joe.root, 'var/db/repos/gentoo/profiles/use.mask'), 'x\n'),
  ],
  [
    'its build did not find /usr/include/png.h of media-libs/libpng-1, which is here',
    (joe) => install(joe, 'media-libs/libpng-1', ['/usr/include/png.h']),
  ],
  [
    'files of the system that its build named, and that no package owns, are others here',
    (joe) => appendFileSync(join(joe.root, 'usr/local/include/own.h'), 'x'),
  ],
  [
    'files of the system that its build named, and that no package owns, are others here',
    (joe) => write(join(joe.root, 'usr/local/include/more.h'), 'x'),
  ],
  [
    'files of the system that its build named, and that no package owns, are others here',
    (joe) => appendFileSync(join(joe.root, 'etc/ld.so.conf'), 'x'),
  ],
])('a difference is named: %s', async (clause, change) => {
  const [jane, joe] = [makeMachine(folder, 'jane'), makeMachine(folder, 'joe')];
  change(joe);
  const basis = await readBasis(jane);
  const made = await readOn(jane, basis);
  expect(findDifference(made.inputs, await readOn(joe, basis))).toBe(clause);
});

test('a package that the build did not see may be another one', async () => {
  const [jane, joe] = [makeMachine(folder, 'jane'), makeMachine(folder, 'joe')];
  install(joe, 'app-misc/unrelated-1', ['/usr/bin/unrelated']);
  cpSync(join(joe.root, 'usr/bin/env'), join(joe.root, 'usr/bin/own-program'));
  const basis = await readBasis(jane);
  const made = await readOn(jane, basis);
  expect(findDifference(made.inputs, await readOn(joe, basis))).toBeUndefined();
});
