import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { InstalledImage, TrialRecord } from '../../server/src/audit/record.ts';
import { compareInstalled } from '../../server/src/review/image-changes.ts';
import { makeRecord } from '../support/trial-record.ts';

function record(version: string, files: readonly string[], elf: InstalledImage['elf'] = []): TrialRecord {
  return makeRecord('', { packageAndVersion: `foo-${version}`, installed: { files, elf } });
}

const NOTHING = { added: [], removed: [], sonames: [], newlyLinked: [], noLongerLinked: [] };

test('a path in which only the version is another one is the same', () => {
  const files = (version: string, library: string) => [
    `/usr/lib/python3.12/site-packages/foo-${version}.dist-info/METADATA`,
    `/usr/lib64/libfoo.so.${library}`,
    `/usr/share/doc/foo-${version}-r1/README`,
    `/usr/share/foo/${version}/data`,
  ];
  expect(
    compareInstalled(record('1.2-r1', files('1.2', '4.0.1')), record('1.3-r1', files('1.3', '4.0.2'))),
  ).toBe(undefined);
});

test('a short version changes no other number of a path', () => {
  const files = ['/usr/share/man/man1/foo.1', '/usr/include/foo-1.2/foo.h', '/usr/bin/foo1'];
  expect(compareInstalled(record('1', files), record('2', files))).toBe(undefined);
  const changed = compareInstalled(
    record('1', files),
    record('2', ['/usr/bin/foo1', '/usr/share/man/man2/foo.2']),
  );
  expect(changed).toEqual({
    ...NOTHING,
    added: [{ path: '/usr/share/man/man2/foo.2' }],
    removed: [{ path: '/usr/share/man/man1/foo.1' }, { path: '/usr/include/foo-1.2/foo.h' }],
  });
});

test('a new folder with many files stands for them, and a file in a known folder for itself', () => {
  const themes = ['a', 'b', 'c', 'd', 'e'].map((name) => `/usr/share/foo/themes/dark/${name}`);
  const before = record('1', ['/usr/bin/foo', '/usr/share/foo/data']);
  const after = record('2', ['/usr/bin/foo', '/usr/bin/foo-tool', '/usr/share/foo/data', ...themes]);
  expect(compareInstalled(before, after)).toEqual({
    ...NOTHING,
    added: [{ path: '/usr/bin/foo-tool' }, { path: '/usr/share/foo/themes/', files: 5 }],
  });
});

test('libraries that are linked are compared for the image, without its own', () => {
  const elf = (own: string, ...needed: string[]): InstalledImage['elf'] => [
    { path: '/usr/bin/foo', needed: [own, ...needed] },
    { path: `/usr/lib64/${own}`, soname: own, needed: ['libc.so.6'] },
  ];
  const files = ['/usr/bin/foo', '/usr/lib64/libfoo.so'];
  expect(
    compareInstalled(
      record('1', files, elf('libfoo-1.0.so.0', 'libpng16.so.16')),
      record('2', files, elf('libfoo-2.0.so.0', 'libc.so.6', 'libz.so.1')),
    ),
  ).toEqual({
    ...NOTHING,
    sonames: [{ before: 'libfoo-1.0.so.0', after: 'libfoo-2.0.so.0' }],
    newlyLinked: [{ soname: 'libz.so.1', path: '/usr/bin/foo' }],
    noLongerLinked: [{ soname: 'libpng16.so.16', path: '/usr/bin/foo' }],
  });
});

test('without the files of both nothing is said', () => {
  expect(compareInstalled(makeRecord(''), record('1', ['/usr/bin/foo']))).toBe(undefined);
});

test('every file that only one image has is in exactly one place', () => {
  const path = fc
    .array(fc.constantFrom('a', 'b', 'c', 'x-1', 'x-2'), { minLength: 1, maxLength: 4 })
    .map((names) => `/${names.join('/')}`);
  fc.assert(
    fc.property(fc.uniqueArray(path), fc.uniqueArray(path), (old, now) => {
      const { added = [] } = compareInstalled(record('7', old), record('8', now)) ?? {};
      const counted = added.reduce((sum, { files = 1 }) => sum + files, 0);
      const folders = old.flatMap((name) => name.split('/').map((_, at, all) => all.slice(0, at).join('/')));
      // A path that is a folder in the other image is not told.
      expect(counted).toBe(now.filter((name) => !old.includes(name) && !folders.includes(name)).length);
    }),
  );
});
