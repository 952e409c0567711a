import { describe, expect, test } from 'vitest';
import { isHidden, listHiddenPaths, listWhiteouts } from '../../server/src/installed/hidden-paths.ts';
import { createOwnerIndex } from '../../server/src/installed/owner-index/owner-index.ts';
import { createTableBuilder } from '../../server/src/installed/owner-index/table-builder.ts';
import { createPathResolver } from '../../server/src/installed/path-resolver.ts';
import {
  computeVisibleSet,
  isDevelopmentFile,
  type RevealedPackage,
} from '../../server/src/installed/visible-set.ts';
import { parseDependency } from '../../server/src/pms/dependency.ts';
import { packageId } from '../../server/src/pms/package-id.ts';
import { contentsOf, installed } from '../support/installed-package.ts';

const glibc = installed('sys-libs/glibc-2.40');
const libc = installed('virtual/libc-1', { rdepend: 'sys-libs/glibc' });
const gcc = installed('sys-devel/gcc-14', { rdepend: 'sys-libs/zlib sys-libs/glibc' });
const zlib = installed('sys-libs/zlib-1.3');
const png = installed('media-libs/libpng-1.6', { rdepend: 'tools? ( sys-libs/ncurses ) sys-libs/zlib' });
const ncurses = installed('sys-libs/ncurses-6');
const python = installed('dev-lang/python-3.12', { rdepend: 'dev-libs/expat' });
const expat = installed('dev-libs/expat-2');
const packageManagerVirtual = installed('virtual/package-manager-1', { rdepend: 'dev-lang/python' });
const paths = new Map([
  [glibc, ['/usr/include/stdio.h']],
  [gcc, ['/usr/bin/gcc', '/usr/share/collision']],
  [zlib, ['/usr/include/zlib.h', '/usr/lib/libz.so.1', '/usr/lib/libz.so -> libz.so.1']],
  [png, ['/usr/include/libpng16/', '/usr/include/libpng16/png.h', '/usr/bin/pngfix', '/usr/share/collision']],
  [ncurses, ['/usr/include/curses.h']],
  [python, ['/usr/bin/python3.12']],
  [expat, ['/usr/include/expat.h']],
]);
const plugin = installed('media-libs/plugin-1', { rdepend: 'media-libs/libpng' });
const all = [glibc, libc, gcc, zlib, png, ncurses, python, expat, packageManagerVirtual, plugin];

interface Shown {
  readonly depend?: string;
  readonly bdepend?: string;
  readonly revealed?: readonly RevealedPackage[];
  readonly itself?: string;
}

function show({ depend = '', bdepend = '', revealed = [], itself = 'app-misc/foo' }: Shown) {
  const visible = computeVisibleSet({
    packages: all,
    declared: { depend: parseDependency(depend).nodes, bdepend: parseDependency(bdepend).nodes },
    system: ['virtual/libc', 'sys-devel/gcc', 'virtual/package-manager'],
    packageManager: [python],
    revealed,
    itself,
  });
  return Object.fromEntries(
    [...visible].map(([installed, { visibility, reason }]) => [
      packageId(installed),
      `${visibility} ${reason}`,
    ]),
  );
}

test('what an app-alternatives chooses is declared for it, unless an atom names it too', () => {
  const flex = installed('sys-devel/flex-2.6', { rdepend: 'sys-devel/m4' });
  const m4 = installed('sys-devel/m4-1.4');
  const lex = installed('app-alternatives/lex-0', { rdepend: 'sys-devel/flex' });
  const standInOfFlex = (bdepend: string, revealed: readonly RevealedPackage[] = []) => {
    const visible = computeVisibleSet({
      packages: [flex, m4, lex],
      declared: { depend: [], bdepend: parseDependency(bdepend).nodes },
      system: [],
      packageManager: [],
      revealed,
      itself: 'app-misc/foo',
    });
    expect(visible.get(m4)?.standIn).toBeUndefined();
    const { reason, standIn } = visible.get(flex) ?? {};
    return [reason, standIn?.name];
  };
  expect(standInOfFlex('app-alternatives/lex')).toEqual(['declared', 'lex']);
  expect(standInOfFlex('app-alternatives/lex sys-devel/flex')).toEqual(['declared', undefined]);
  expect(standInOfFlex('', [{ package: lex, isBuiltAgainst: false }])).toEqual(['revealed', undefined]);
});

describe('the variables that bring a package', () => {
  test('are those whose packages are it or need it', () => {
    const visible = computeVisibleSet({
      packages: all,
      declared: {
        depend: parseDependency('media-libs/libpng').nodes,
        bdepend: parseDependency('dev-libs/expat media-libs/plugin').nodes,
      },
      system: ['virtual/libc', 'dev-lang/python'],
      packageManager: [],
      revealed: [],
      itself: 'app-misc/foo',
    });
    const broughtBy = new Map([...visible].map(([installed, how]) => [installed.name, how.broughtBy]));
    expect(broughtBy.get('zlib')).toEqual(['DEPEND', 'BDEPEND']);
    expect(broughtBy.get('libpng')).toEqual(['DEPEND', 'BDEPEND']);
    // What @system needs itself brings nothing: it may be another package tomorrow.
    expect(broughtBy.get('expat')).toEqual(['BDEPEND']);
    expect(broughtBy.get('python')).toEqual(['DEPEND', 'BDEPEND']);
    expect(broughtBy.get('libc')).toEqual(['DEPEND', 'BDEPEND']);
    expect(broughtBy.get('ncurses')).toEqual([]);
  });
});

describe('the visible set', () => {
  test('without declarations, shows @system, its closure for running, and the package manager', () => {
    expect(show({})).toEqual({
      'sys-libs/glibc-2.40': 'full system',
      'virtual/libc-1': 'full system',
      'sys-devel/gcc-14': 'full system',
      'sys-libs/zlib-1.3': 'runtime system-closure',
      'media-libs/libpng-1.6': 'hidden undefined',
      'sys-libs/ncurses-6': 'hidden undefined',
      'dev-lang/python-3.12': 'runtime package-manager',
      'dev-libs/expat-2': 'runtime package-manager',
      'virtual/package-manager-1': 'hidden undefined',
      'media-libs/plugin-1': 'hidden undefined',
    });
  });

  test('shows the packages of DEPEND in full, with the closure that they were built with', () => {
    expect(show({ depend: 'media-libs/libpng' })).toMatchObject({
      'media-libs/libpng-1.6': 'full declared',
      'sys-libs/zlib-1.3': 'full depend-closure',
      'sys-libs/ncurses-6': 'hidden undefined',
    });
  });

  test('shows nothing for an atom that no installed version satisfies, or for a blocker', () => {
    expect(show({ depend: '>=media-libs/libpng-2 !sys-libs/ncurses' })).toMatchObject({
      'media-libs/libpng-1.6': 'hidden undefined',
      'sys-libs/ncurses-6': 'hidden undefined',
    });
  });

  test('shows all installed alternatives of a group', () => {
    expect(show({ bdepend: '|| ( sys-libs/ncurses media-libs/libpng )' })).toMatchObject({
      'media-libs/libpng-1.6': 'full declared',
      'sys-libs/ncurses-6': 'full declared',
    });
  });

  test('an app-alternatives declares the provider that it selects', () => {
    const bison = installed('sys-devel/bison-3.8.2');
    const packages = [
      bison,
      installed('sys-devel/byacc-2'),
      installed('app-alternatives/yacc-1', {
        rdepend: 'bison? ( sys-devel/bison ) byacc? ( sys-devel/byacc )',
        use: ['bison'],
      }),
    ];
    const visible = computeVisibleSet({
      packages,
      declared: { depend: [], bdepend: parseDependency('app-alternatives/yacc').nodes },
      system: [],
      packageManager: [],
      revealed: [],
      itself: 'app-misc/foo',
    });
    expect(packages.map((installed) => visible.get(installed)?.reason)).toEqual([
      'declared',
      undefined,
      'declared',
    ]);
    expect(visible.get(bison)?.visibility).toBe('full');
  });

  test('shows what packages of BDEPEND need for running only, also if DEPEND names another that needs it', () => {
    expect(show({ bdepend: 'media-libs/libpng' })).toMatchObject({
      'media-libs/libpng-1.6': 'full declared',
      'sys-libs/zlib-1.3': 'runtime bdepend-closure',
    });
    expect(show({ bdepend: 'media-libs/libpng', depend: 'media-libs/libpng' })).toMatchObject({
      'sys-libs/zlib-1.3': 'full depend-closure',
    });
  });

  test('a package can be revealed, to run it or to build against it', () => {
    expect(show({ revealed: [{ package: png, isBuiltAgainst: false }] })).toMatchObject({
      'media-libs/libpng-1.6': 'full revealed',
      'sys-libs/zlib-1.3': 'runtime bdepend-closure',
    });
    expect(show({ revealed: [{ package: png, isBuiltAgainst: true }] })).toMatchObject({
      'media-libs/libpng-1.6': 'full revealed',
      'sys-libs/zlib-1.3': 'full revealed-closure',
    });
  });

  test('an installed version of the ebuild itself brings nothing to build against', () => {
    const depend = 'virtual/package-manager';
    expect(show({ depend })).toMatchObject({ 'dev-libs/expat-2': 'full depend-closure' });
    expect(show({ depend: 'media-libs/plugin', itself: 'media-libs/libpng' })).toMatchObject({
      'media-libs/plugin-1': 'full declared',
      'media-libs/libpng-1.6': 'runtime bdepend-closure',
      'sys-libs/zlib-1.3': 'runtime bdepend-closure',
    });
  });
});

describe('hidden paths', () => {
  const resolver = createPathResolver(
    { path: '/', folders: [{ target: '/usr', source: '/usr' }], links: [] },
    () => undefined,
  );
  const builder = createTableBuilder(resolver);
  for (const installed of all) builder.add(contentsOf(paths.get(installed) ?? []));
  const index = createOwnerIndex([{ table: builder.finish(), packages: all }]);
  const visible = computeVisibleSet({
    packages: all,
    declared: { depend: [], bdepend: [] },
    system: ['sys-devel/gcc', 'virtual/libc'],
    packageManager: [],
    revealed: [],
    itself: 'app-misc/foo',
  });

  test('all files of a hidden package, and the development files of one shown for running', () => {
    const hidden = listHiddenPaths(index, visible, (path) =>
      path === '/usr/include/libpng16' ? ['png.h'] : [],
    );
    expect(listWhiteouts(hidden, '/usr').sort()).toEqual([
      'bin/pngfix',
      'bin/python3.12',
      'include/curses.h',
      'include/expat.h',
      'include/libpng16',
      'include/zlib.h',
      'lib/libz.so',
    ]);
    expect(isHidden(hidden, '/usr/lib/libz.so.1')).toBe(false);
    // A visible package has the same path.
    expect(isHidden(hidden, '/usr/share/collision')).toBe(false);
  });

  test('a folder with an unowned file stays visible', () => {
    const hidden = listHiddenPaths(index, visible, (path) =>
      path === '/usr/include/libpng16' ? ['local.h', 'png.h'] : [],
    );
    expect(listWhiteouts(hidden, '/usr')).toContain('include/libpng16/png.h');
    expect(listWhiteouts(hidden, '/usr')).not.toContain('include/libpng16');
  });

  test('a folder is hidden if only its compiled Python modules are unowned, because it would be a namespace package', () => {
    const hidden = listHiddenPaths(index, visible, (path) =>
      path === '/usr/include/libpng16' ? ['__pycache__', 'png.h'] : [],
    );
    expect(listWhiteouts(hidden, '/usr')).toContain('include/libpng16');
  });
});

describe('development files', () => {
  test.each([
    ['/usr/include/zlib.h', false, true],
    ['/usr/lib/x86_64-linux-gnu/libz.so', true, true],
    ['/usr/lib64/libz.so.1', true, false],
    ['/usr/lib64/libprivate.so', false, false],
    ['/usr/lib64/pkgconfig/zlib.pc', false, true],
    ['/usr/lib64/cmake/PNG/PNGConfig.cmake', false, true],
    ['/usr/share/cmake/Modules/FindZLIB.cmake', false, false],
    ['/usr/share/aclocal/pkg.m4', false, true],
    ['/usr/share/autoconf/autoconf/general.m4', false, false],
    ['/usr/bin/gcc', false, false],
  ])('%s (link: %s): %s', (path, link, expected) => {
    expect(isDevelopmentFile(path, link)).toBe(expected);
  });
});
