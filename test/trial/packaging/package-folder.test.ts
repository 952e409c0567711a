/** Folders of binary packages, and files in them that a build could have made. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  nextBuildId,
  openPackageFolder,
  pathOfPackage,
  storePackage,
} from '../../../server/src/trial/packaging/package-folder.ts';

const named = { category: 'dev-test', packageName: 'foo', packageAndVersion: 'foo-2-r1' };
let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'ebuild-audit-packages-'));
});
afterEach(() => rmSync(place, { recursive: true }));

const put = (...names: readonly string[]) => {
  mkdirSync(join(place, 'dev-test/foo'), { recursive: true });
  for (const name of names) writeFileSync(join(place, 'dev-test/foo', name), name);
};

test('the next BUILD_ID is above those of the same version, in whichever form', () => {
  expect(nextBuildId(place, named)).toBe(1);
  put(
    'foo-2-r1-1.gpkg.tar',
    'foo-2-r1-7.xpak',
    'foo-2-r1-x.gpkg.tar',
    'foo-2-r10-9.gpkg.tar',
    'foo-2-8.gpkg.tar',
  );
  expect(nextBuildId(place, named)).toBe(8);
  expect(pathOfPackage(named, 8)).toBe('dev-test/foo/foo-2-r1-8.gpkg.tar');
});

test('a package is stored whole, beside those of the same version or in place of them', async () => {
  put('foo-2-r1-1.gpkg.tar', 'foo-2-1.gpkg.tar');
  const content = Buffer.alloc(9 * 2 ** 20, 'package');
  writeFileSync(join(place, 'source'), content);
  const stored = await storePackage(join(place, 'source'), place, named, { buildId: 2, replaces: false });
  expect(stored).toBe(join(place, 'dev-test/foo/foo-2-r1-2.gpkg.tar'));
  expect(readFileSync(stored).equals(content)).toBe(true);
  expect(readdirSync(join(place, 'dev-test/foo'))).toHaveLength(3);
  await storePackage(join(place, 'source'), place, named, { buildId: 3, replaces: true });
  expect(readdirSync(join(place, 'dev-test/foo')).sort()).toEqual([
    'foo-2-1.gpkg.tar',
    'foo-2-r1-3.gpkg.tar',
  ]);
});

test('a link in place of the package is not followed', async () => {
  writeFileSync(join(place, 'secret'), 'secret');
  symlinkSync('secret', join(place, 'source'));
  await expect(
    storePackage(join(place, 'source'), place, named, { buildId: 1, replaces: true }),
  ).rejects.toThrow(/^The folder of binary packages \S+ cannot be written \(ELOOP\): /);
  expect(readdirSync(join(place, 'dev-test/foo'))).toEqual([]);
});

test('a folder is made, and one sentence says if that is not possible', () => {
  openPackageFolder(join(place, 'a/b'));
  expect(readdirSync(join(place, 'a'))).toEqual(['b']);
  writeFileSync(join(place, 'file'), '');
  expect(() => openPackageFolder(join(place, 'file/b'))).toThrow(
    `The folder of binary packages ${join(place, 'file/b')} cannot be written (ENOTDIR): give --buildpkg=FOLDER, on a disk with room.`,
  );
});
