import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { machineFiles } from '../../server/src/installed/file-tree.ts';
import { parseContents, readInstalledPackages, splitPackageName } from '../../server/src/installed/vdb.ts';

const root = mkdtempSync(join(tmpdir(), 'vdb-'));
afterAll(() => rmSync(root, { recursive: true }));

function put(path: string, text: string): void {
  const file = join(root, 'var/db/pkg', path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

describe('CONTENTS', () => {
  test('paths with spaces, arrows and trailing fields are read from the right end', () => {
    const md5 = '0123456789abcdef0123456789abcdef';
    const text = [
      'dir /usr/share/a b',
      `obj /usr/share/a b/c d ${md5} 1700000000`,
      'sym /usr/lib/libz.so -> libz.so.1 1700000000',
      `obj /usr/share/x -> y ${md5} 1`,
      'fif /run/pipe',
      'dev /dev/null0',
    ].join('\n');
    expect(parseContents(text)).toEqual([
      { type: 'dir', path: '/usr/share/a b' },
      { type: 'obj', path: '/usr/share/a b/c d' },
      { type: 'sym', path: '/usr/lib/libz.so' },
      { type: 'obj', path: '/usr/share/x -> y' },
      { type: 'fif', path: '/run/pipe' },
      { type: 'dev', path: '/dev/null0' },
    ]);
  });

  test('lines of another form are passed over', () => {
    expect(
      parseContents(
        'obj /usr/a\n\nxyz /usr/b\nobj relative 0123456789abcdef0123456789abcdef 1\n\u0000\u0001',
      ),
    ).toEqual([]);
  });

  test('is total', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseContents(text)));
  });
});

describe('PF', () => {
  test.each([
    ['zlib-1.3.1', 'zlib', '1.3.1'],
    ['foo-bar-1.2_p3-r4', 'foo-bar', '1.2_p3-r4'],
    ['gtk+-3.24', 'gtk+', '3.24'],
    ['font-100dpi-1a_beta2', 'font-100dpi', '1a_beta2'],
  ])('%s', (pf, name, version) => {
    expect(splitPackageName(pf)).toEqual({ name, version });
  });

  test('what has no version is no package', () => {
    expect(splitPackageName('zlib')).toBeUndefined();
    expect(splitPackageName('zlib-1.0beta')).toBeUndefined();
  });
});

test('a VDB is read; leftovers are passed over and broken entries are named', async () => {
  put('sys-libs/zlib-1.3.1-r1/CONTENTS', 'obj /usr/include/zlib.h 0123456789abcdef0123456789abcdef 1\n');
  put('sys-libs/zlib-1.3.1-r1/SLOT', '0/1\n');
  put('sys-libs/zlib-1.3.1-r1/USE', 'amd64 static-libs\n');
  put('sys-libs/zlib-1.3.1-r1/RDEPEND', '>=sys-libs/glibc-2\n');
  put('sys-libs/-MERGING-foo-1/CONTENTS', '');
  put('sys-libs/unversioned/CONTENTS', '');
  put('sys-libs/torn-1/SLOT', '0');
  const { packages, problems } = await readInstalledPackages(machineFiles, root);
  expect(packages).toHaveLength(1);
  expect(packages[0]).toMatchObject({
    category: 'sys-libs',
    name: 'zlib',
    version: '1.3.1-r1',
    slot: '0',
    subslot: '1',
    use: ['amd64', 'static-libs'],
    rdepend: '>=sys-libs/glibc-2',
  });
  expect(problems.map((problem) => problem.replace(root, ''))).toEqual([
    '/var/db/pkg/sys-libs/torn-1 is skipped: its CONTENTS cannot be read; reinstall sys-libs/torn-1.',
    '/var/db/pkg/sys-libs/unversioned is skipped: its name does not end in a version (PMS 3.2).',
  ]);
});
