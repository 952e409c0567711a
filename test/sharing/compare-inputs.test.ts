import { expect, test } from 'vitest';
import { findDifference } from '../../server/src/sharing/compare-inputs.ts';
import type { PortableInputs } from '../../server/src/sharing/portable-inputs.ts';
import { makeInputs, ZLIB } from './made-records.ts';

const compare = (
  theirs: Partial<PortableInputs>,
  here: Partial<PortableInputs> = {},
  installed: readonly string[] = [ZLIB.id],
  appeared: readonly string[] = [],
) => findDifference(makeInputs(theirs), { inputs: makeInputs(here), installed, appeared });
const zlib = (change: Partial<typeof ZLIB>) => ({ packages: [{ ...ZLIB, ...change }] });
const { question, system } = makeInputs();
const OTHER = '0'.repeat(64);

test('the same inputs have no difference', () => {
  expect(compare({})).toBeUndefined();
});

test.each<[string, Partial<PortableInputs>]>([
  ['it was made with sys-libs/zlib-1.2.13, and here is 1.3', zlib({ id: 'sys-libs/zlib-1.2.13' })],
  [
    'it was made with dev-libs/openssl-3.0.13, which is not installed here',
    { packages: [ZLIB, { ...ZLIB, id: 'dev-libs/openssl-3.0.13' }] },
  ],
  [
    'it was made with sys-libs/zlib-1.3 with USE="static-libs -minizip", which is the other way round here',
    zlib({ use: ['static-libs'] }),
  ],
  ['it was made with sys-libs/zlib-1.3 in slot 0/0, and here it is in 0/1', zlib({ slot: '0/0' })],
  ['it was made with sys-libs/zlib-1.3, which has other files here', zlib({ files: OTHER })],
  [
    'it was made with sys-libs/zlib-1.3, which other packages need in another way here',
    zlib({ roles: ['x'] }),
  ],
  ['it was made without sys-libs/zlib-1.3, which is here', { packages: [] }],
  [
    'it was made with the distfile foo-1.tar.gz, which is not here',
    { distfiles: [...makeInputs().distfiles, { name: 'a.zip', digest: 'x' }].reverse() },
  ],
  ['files/foo.patch is another one here', { folder: [{ name: 'files/foo.patch', digest: OTHER }] }],
  ['it was made without the eclass gentoo:cmake, which is here', { eclasses: [] }],
  [
    '/etc/portage/make.conf is another one here',
    { configuration: [{ name: '/etc/portage/make.conf', digest: OTHER }] },
  ],
  [
    'files of the system that its build named, and that no package owns, are others here',
    { system: { ...system, digest: OTHER } },
  ],
  ['it is of another kind of trial', { extent: { quick: true, matrix: 'none' } }],
  ['it is a record of media-gfx/foo-2', { question: { ...question, packageAndVersion: 'foo-2' } }],
  ['it was made with another text of the ebuild', { question: { ...question, text: OTHER } }],
  [
    'it was made with the repository gentoo, and here is overlay',
    { question: { ...question, repository: 'gentoo' } },
  ],
  [
    'it was made with portage 2, and here is portage 3.0',
    { question: { ...question, packageManager: 'portage 2' } },
  ],
  ['it was made with Ebuild Audit 0.0.9, and here is 0.1.0', { question: { ...question, product: '0.0.9' } }],
])('%s', (clause, theirs) => {
  if (clause.startsWith('it was made with the distfile'))
    expect(compare(theirs)).toBe(clause.replace('foo-1.tar.gz', 'a.zip'));
  else expect(compare(theirs)).toBe(clause);
});

test('a package that is installed and not used here is told apart from a missing one', () => {
  const packages = [ZLIB, { ...ZLIB, id: 'app-misc/x-1' }];
  expect(compare({ packages }, {}, [ZLIB.id, 'app-misc/x-1'])).toBe(
    'it was made with app-misc/x-1, which is not used here',
  );
});

test('a name that the build did not find, and that is here, is given with its owner', () => {
  expect(compare({}, {}, [ZLIB.id], ['/usr/include/png.h of media-libs/libpng-1.6'])).toBe(
    'its build did not find /usr/include/png.h of media-libs/libpng-1.6, which is here',
  );
});
