import { describe, expect, test } from 'vitest';
import type { FileChange } from '../../server/src/review/git.ts';
import { findScope, isReviewed, MOST_INHERITING } from '../../server/src/review/scope.ts';

interface Trees {
  readonly base?: readonly string[];
  readonly head?: readonly string[];
  /** The ebuilds that inherit an eclass. */
  readonly inheriting?: Readonly<Record<string, readonly string[]>>;
}

const scopeOf = (changes: readonly FileChange[], { base = [], head = [], inheriting = {} }: Trees = {}) => {
  const list = (tree: readonly string[]) => (folder: string) =>
    tree.filter((path) => path.startsWith(`${folder}/`) && path.endsWith('.ebuild'));
  return findScope(changes, {
    listBase: list(base),
    listHead: list(head),
    listInheriting: (repository, name) => inheriting[repository + name] ?? [],
  });
};
const foo = (version: string) => `dev-libs/foo/foo-${version}.ebuild`;
const added = (path: string): FileChange => ({ status: 'added', path });
const changed = (path: string): FileChange => ({ status: 'changed', path });
const removed = (path: string): FileChange => ({ status: 'removed', path });
/** What each ebuild is compared with. */
const pairs = (...input: Parameters<typeof scopeOf>) =>
  scopeOf(...input).ebuilds.map(({ path, from }) => [path, from]);

describe('an ebuild is compared with', () => {
  test('itself', () => {
    expect(scopeOf([changed(foo('1'))]).ebuilds).toEqual([
      {
        path: foo('1'),
        from: foo('1'),
        package: 'dev-libs/foo',
        cause: { kind: 'changed' },
        isOriginKept: true,
        isManifestChanged: false,
      },
    ]);
  });

  test('the one that it is renamed from, even of another package', () => {
    const from = 'dev-libs/bar/bar-3.ebuild';
    const { ebuilds } = scopeOf([{ status: 'renamed', from, path: foo('1') }], { base: [foo('0')] });
    expect(ebuilds).toMatchObject([
      { path: foo('1'), from, cause: { kind: 'renamed' }, isOriginKept: false },
    ]);
  });

  test('the nearest lower version of the base, which need not be in the head', () => {
    expect(pairs([added(foo('2')), removed(foo('1'))], { base: [foo('1'), foo('0.5')] })).toEqual([
      [foo('2'), foo('1')],
    ]);
  });

  test('nothing in a new package, nor if a file that is no ebuild became one', () => {
    const template: FileChange = { status: 'renamed', from: 'templates/x', path: foo('1') };
    expect(pairs([added('a/b/b-1.ebuild'), template])).toEqual([
      ['a/b/b-1.ebuild', undefined],
      [foo('1'), undefined],
    ]);
  });

  test('that of its own repository', () => {
    const base = ['one/dev-libs/foo/foo-1.ebuild', 'two/dev-libs/foo/foo-2.ebuild'];
    expect(pairs([added('one/dev-libs/foo/foo-3.ebuild')], { base })).toEqual([
      ['one/dev-libs/foo/foo-3.ebuild', 'one/dev-libs/foo/foo-1.ebuild'],
    ]);
  });
});

test('removed ebuilds are counted, also one that becomes something else', () => {
  const scope = scopeOf([
    removed(foo('1')),
    removed('dev-libs/foo/Manifest'),
    { status: 'renamed', from: foo('2'), path: 'attic/foo' },
  ]);
  expect(scope).toEqual({ ebuilds: [], eclasses: [], removed: 2 });
});

describe('a file of a package', () => {
  const head = [foo('1'), foo('2'), foo('10')];
  test.each(['files/a.patch', 'files/deep/b', 'Manifest', 'metadata.xml'])(
    '%s pulls in its ebuilds if none of them changes',
    (name) => {
      const path = `dev-libs/foo/${name}`;
      expect(scopeOf([changed(path)], { base: [foo('1')], head }).ebuilds).toMatchObject([
        { path: foo('1'), from: foo('1'), cause: { kind: 'file', path } },
        { path: foo('2'), from: undefined },
        { path: foo('10'), from: undefined },
      ]);
    },
  );

  test('pulls in no other version with a new one, unless it was there before', () => {
    const bump = [added(foo('10')), changed('dev-libs/foo/Manifest'), added('dev-libs/foo/files/10.patch')];
    expect(pairs(bump, { base: [foo('1'), foo('2')], head })).toEqual([[foo('10'), foo('2')]]);
    const patch = changed('dev-libs/foo/files/1.patch');
    expect(pairs([...bump, patch], { base: [foo('1'), foo('2')], head })).toEqual([
      [foo('1'), foo('1')],
      [foo('2'), foo('2')],
      [foo('10'), foo('2')],
    ]);
  });

  test('is none of another folder', () => {
    expect(scopeOf([changed('metadata/md5-cache/Manifest'), changed('README')], { head }).ebuilds).toEqual(
      [],
    );
  });
});

describe('a changed eclass', () => {
  const of = (count: number, version: string) =>
    Array.from({ length: count }, (_, at) => `a/p${at}/p${at}-${version}.ebuild`);

  test('pulls in the ebuilds that inherit it, the newest of each package first, and says how many', () => {
    const inheriting = { tiny: [...of(8, '1'), ...of(8, '2')] };
    const { ebuilds, eclasses } = scopeOf([changed('eclass/tiny.eclass')], {
      inheriting,
      base: inheriting.tiny,
    });
    expect(eclasses).toEqual([{ name: 'tiny', inheriting: 16, taken: MOST_INHERITING }]);
    expect(ebuilds.map(({ path }) => path)).toEqual(
      [...of(8, '2'), 'a/p0/p0-1.ebuild', 'a/p1/p1-1.ebuild'].sort(),
    );
    expect(ebuilds[0]).toMatchObject({ from: 'a/p0/p0-1.ebuild', cause: { kind: 'eclass', name: 'tiny' } });
  });

  test('counts those that change themselves, and looks at ten others', () => {
    const inheriting = { tiny: of(12, '1') };
    const changes = [changed('eclass/tiny.eclass'), changed('a/p11/p11-1.ebuild')];
    const { ebuilds, eclasses } = scopeOf(changes, { inheriting });
    expect(ebuilds).toHaveLength(11);
    expect(eclasses).toEqual([{ name: 'tiny', inheriting: 12, taken: 11 }]);
  });

  test('that nothing inherits is listed', () => {
    expect(scopeOf([removed('sub/eclass/gone.eclass')]).eclasses).toEqual([
      { name: 'gone', inheriting: 0, taken: 0 },
    ]);
  });
});

describe('the old ebuild is built at the head', () => {
  const isKept = (changes: readonly FileChange[], from = foo('1')) =>
    scopeOf(changes, { base: [from] }).ebuilds.findLast((ebuild) => ebuild.package === 'dev-libs/foo')
      ?.isOriginKept;
  test.each([
    ['if only the text changes', [changed(foo('1'))], true],
    ['if a version is added', [added(foo('2'))], true],
    ['if another package changes', [changed(foo('1')), changed('a/b/files/x')], true],
    ['not if it is gone', [added(foo('2')), removed(foo('1'))], false],
    ['not if it is renamed', [{ status: 'renamed', from: foo('1'), path: foo('2') } as const], false],
    ['not if it changes too', [added(foo('2')), changed(foo('1'))], false],
    ['not if a patch changes', [changed(foo('1')), changed('dev-libs/foo/files/x')], false],
    ['not if a patch is added', [changed(foo('1')), added('dev-libs/foo/files/x')], false],
    ['not if an eclass changes', [changed(foo('1')), changed('eclass/x.eclass')], false],
    ['not if the profile changes', [changed(foo('1')), changed('profiles/base/use.mask')], false],
    ['not if the masters change', [changed(foo('1')), changed('metadata/layout.conf')], false],
  ])('%s', (_, changes, expected) => {
    expect(isKept(changes)).toBe(expected);
  });
});

test.each([
  [foo('1'), true],
  ['eclass/a.eclass', true],
  ['dev-libs/foo/Manifest', true],
  ['dev-libs/foo/files/a', true],
  ['profiles/package.mask', false],
  ['README.md', false],
])('%s matters: %s', (path, expected) => {
  expect(isReviewed(changed(path))).toBe(expected);
});
