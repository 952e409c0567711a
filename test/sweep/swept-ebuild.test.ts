import { describe, expect, test } from 'vitest';
import { type Selection, selectEbuilds } from '../../server/src/sweep/swept-ebuild.ts';

const DEFAULT: Selection = { live: false, newest: false };

const filesOf = (
  paths: readonly string[],
  selection: Partial<Selection> = {},
  named: readonly string[] = [],
) =>
  selectEbuilds(
    paths.map((path) => ({ path, isNamed: named.includes(path) })),
    { ...DEFAULT, ...selection },
  ).map(({ file }) => file);

const FOO = ['1', '2', '10', '9999'].map((version) => `/r/a/foo/foo-${version}.ebuild`);

describe('the ebuilds of a sweep', () => {
  test('are all versions but live ones, each once', () => {
    expect(filesOf([...FOO, ...FOO])).toEqual([
      'a/foo/foo-1.ebuild',
      'a/foo/foo-2.ebuild',
      'a/foo/foo-10.ebuild',
    ]);
    expect(filesOf(FOO, { live: true })).toHaveLength(4);
  });

  test('have a live one that the user has named', () => {
    expect(filesOf(FOO, {}, ['/r/a/foo/foo-9999.ebuild'])).toContain('a/foo/foo-9999.ebuild');
  });

  test('are with --newest the newest of each package of each repository', () => {
    const paths = [...FOO, '/r/a/bar/bar-3.ebuild', '/s/a/foo/foo-1.ebuild', '/r/a/bar/other.ebuild'];
    expect(filesOf(paths, { newest: true })).toEqual([
      'a/foo/foo-10.ebuild',
      'a/bar/bar-3.ebuild',
      'a/foo/foo-1.ebuild',
    ]);
    expect(filesOf(paths, { newest: true, live: true })[0]).toBe('a/foo/foo-9999.ebuild');
  });

  test('have their repository and package from the path, also if they are misnamed', () => {
    expect(selectEbuilds([{ path: '/x/y/a/foo/bar-1.ebuild', isNamed: true }], DEFAULT)).toEqual([
      {
        path: '/x/y/a/foo/bar-1.ebuild',
        repository: '/x/y',
        file: 'a/foo/bar-1.ebuild',
        package: 'a/foo',
        version: undefined,
      },
    ]);
    expect(filesOf(['/foo.ebuild', '/a/foo/Manifest'])).toEqual([]);
  });
});
