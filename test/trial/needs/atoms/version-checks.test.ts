import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RootState, readRootState, toRecorded } from '../../../../server/src/host/root-state.ts';
import type { InstalledPackage } from '../../../../server/src/installed/vdb.ts';
import type { Evidence } from '../../../../server/src/trace/evidence.ts';
import { createAtomWriter } from '../../../../server/src/trial/needs/atoms/atom-writer.ts';
import { isVersionOf, keepPackageBounds } from '../../../../server/src/trial/needs/atoms/version-bounds.ts';
import { checkVersions } from '../../../../server/src/trial/needs/atoms/version-checks.ts';
import { readCmakeCache, readCmakeChecks } from '../../../../server/src/trial/reading/cmake-checks.ts';
import { readDescribedVersions } from '../../../../server/src/trial/reading/described-versions.ts';
import { readMesonChecks } from '../../../../server/src/trial/reading/meson-checks.ts';
import { contentsOf, installed } from '../../../support/installed-package.ts';

const folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-atoms-'));
afterAll(() => rmSync(folder, { recursive: true }));

function put(path: string, text: string | Buffer): string {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

const LIB = '/usr/lib64';
const FILES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'media-libs/libpng-1.6.39-r1': {
    [`${LIB}/libpng16.so`]: '',
    [`${LIB}/pkgconfig/libpng16.pc`]: 'prefix=/usr\nName: libpng\nVersion: 1.6.39\n',
  },
  'dev-libs/glib-2.74.6': { [`${LIB}/pkgconfig/glib-2.0.pc`]: 'v=2.74.6\nVersion: ${v}\n' },
  'media-libs/libjpeg-turbo-2.1.5': { [`${LIB}/libjpeg.so`]: '' },
  'dev-cpp/tinyxml2-9.0.0': {
    [`${LIB}/cmake/tinyxml2/tinyxml2-config.cmake`]: '',
    [`${LIB}/cmake/tinyxml2/tinyxml2-config-version.cmake`]: 'set(PACKAGE_VERSION "9.0.0")\n',
  },
  'sys-apps/odd-3': { [`${LIB}/pkgconfig/odd.pc`]: 'Version: 252\n' },
};

let root: RootState;
const packageOf = (name: string) => root.lookup.get(name)?.[0] as InstalledPackage;

beforeAll(async () => {
  for (const [cpv, files] of Object.entries(FILES)) {
    const vdb = `root/var/db/pkg/${cpv}`;
    const links = cpv.startsWith('media-libs/libpng') ? [`${LIB}/pkgconfig/libpng.pc -> libpng16.pc`] : [];
    put(`${vdb}/CONTENTS`, contentsOf([`${LIB}/pkgconfig/`, ...Object.keys(files), ...links]));
    put(`${vdb}/SLOT`, cpv.startsWith('media-libs/libpng') ? '0/16\n' : '0\n');
    for (const [path, text] of Object.entries(files)) put(`root${path}`, text);
  }
  symlinkSync('libpng16.pc', join(folder, `root${LIB}/pkgconfig/libpng.pc`));
  root = await readRootState(join(folder, 'root'), join(folder, 'cache'));
});

const brief = (text: string) =>
  readMesonChecks(text).map(({ name, operator, version, line }) => `${line}: ${name} ${operator} ${version}`);

describe('meson.build', () => {
  test.each([
    ["png = dependency('libpng', version : '>= 1.2')", ['1: libpng >= 1.2']],
    [
      "\ndependency(\n  'glib-2.0',\n  version: ['>=2.40', '<3'],\n  required: get_option('x'))",
      ['2: glib-2.0 >= 2.40', '2: glib-2.0 < 3'],
    ],
    ["min = '2.50'\ndependency('a', version: '>=' + min)", ['2: a >= 2.50']],
    ["major = '1'\nmin = major + '.4'\ndependency('a', version: '>= @0@'.format(min))", ['3: a >= 1.4']],
    [
      "major = 2\nminor = 88\nmin = '>= @0@.@1@'.format(major, minor)\ndependency('glib-2.0', version: min)",
      ['4: glib-2.0 >= 2.88'],
    ],
    ["abi = 3\ndependency(f'x-@abi@', version: '>=1')", ['2: x-3 >= 1']],
    ["dependency(f'x-@unknown@', version: '>=1')", []],
    ["a = 1 + 2\ndependency('x', version: '>=@0@'.format(a))", []],
    ["dependency('a', 'b', version: '1.0')", ['1: a = 1.0', '1: b = 1.0']],
    ["# dependency('a', version: '>=1')", []],
    ["dependency('a', version: '!=1.3')", []],
    ["dependency('a', version: unknown)", []],
    ["min = '1'\nmin = '2'\ndependency('a', version: min)", []],
    ["other.dependency('a', version: '>=1')", []],
    ["x = '''dependency('a', version: '>=1')'''", []],
    ["dependency('a', default_options: ['b=(', ')'], version: '>=1.1')", ['1: a >= 1.1']],
  ])('%s', (text, checks) => {
    expect(brief(text)).toEqual(checks);
  });

  test('reading never throws', () => {
    const word = fc.constantFrom(
      "dependency('a', ",
      "version: '>=",
      ')',
      '(',
      "'",
      '[',
      '+',
      '.format(',
      'x = ',
      '\n',
      "'1'",
    );
    fc.assert(fc.property(fc.array(word), (words) => Array.isArray(readMesonChecks(words.join('')))));
  });
});

describe('cmake', () => {
  test('find_package with a version', () => {
    const text = [
      'find_package(ZLIB 1.2 REQUIRED)',
      '# find_package(PNG 1.1)',
      'find_package(PNG REQUIRED)',
      'find_package( "Qt5" 5.12...6.0 EXACT COMPONENTS Core )',
      'find_package(Boost ${MINIMUM})',
    ].join('\n');
    expect(readCmakeChecks(text)).toEqual([
      { name: 'ZLIB', operator: '>=', version: '1.2', line: 1 },
      { name: 'Qt5', operator: '=', version: '5.12', line: 4 },
    ]);
  });

  test('the packages that a cache names', () => {
    const cache = [
      'FIND_PACKAGE_MESSAGE_DETAILS_EXPAT:INTERNAL=[/usr/lib/libexpat.so][/usr/include][v2.5.0(2.1)]',
      'FIND_PACKAGE_MESSAGE_DETAILS_ZLIB:INTERNAL=[/usr/lib/libz.so][/usr/include][v1.2.13()]',
      'FIND_PACKAGE_MESSAGE_DETAILS_Threads:INTERNAL=[TRUE][v()]',
      'tinyxml2_DIR:PATH=/usr/lib64/cmake/tinyxml2',
      'Gone_DIR:PATH=Gone_DIR-NOTFOUND',
    ].join('\n');
    expect(readCmakeCache(cache)).toEqual([
      {
        name: 'tinyxml2',
        files: [
          '/usr/lib64/cmake/tinyxml2/tinyxml2Config.cmake',
          '/usr/lib64/cmake/tinyxml2/tinyxml2-config.cmake',
        ],
        version: undefined,
        wanted: undefined,
      },
      { name: 'EXPAT', files: ['/usr/lib/libexpat.so', '/usr/include'], version: '2.5.0', wanted: '2.1' },
      { name: 'ZLIB', files: ['/usr/lib/libz.so', '/usr/include'], version: '1.2.13', wanted: undefined },
      { name: 'Threads', files: [], version: undefined, wanted: undefined },
    ]);
  });
});

test.each([
  ['1.6.39', '1.6.39', true],
  ['2.1.12', '2.1.12-stable', true],
  ['6.4', '6.4.20221231', true],
  ['252.39', '252', true],
  ['6.0_p27-r1', '6.0', true],
  ['2.1.5', '62', false],
  ['2.1.5', '2.1.50', false],
  ['1.0', 'none', false],
])('a package of version %s has upstream’s version %s: %s', (version, upstream, same) => {
  expect(isVersionOf(installed(`dev-libs/x-${version}`), upstream)).toBe(same);
});

describe('in a root', () => {
  const readOf = (path: string): Evidence => ({
    phase: 'configure',
    program: '/usr/bin/pkg-config',
    chain: ['src_configure', 'pkg-config'],
    operation: 'read',
    path,
    result: 'seen',
    count: 1,
  });
  const bound = (module: string, version: string) => ({
    module,
    operator: '>=' as const,
    version,
    statedBy: 'x',
  });

  test('a bound on a module is one on the package if both count alike', () => {
    const kept = (name: string, ...bounds: ReturnType<typeof bound>[]) =>
      keepPackageBounds(packageOf(name), bounds, root).map(({ version }) => version);
    expect(
      kept('media-libs/libpng', bound('libpng', '1.2'), bound('libpng16', '1.6'), bound('zlib', '9')),
    ).toEqual(['1.2', '1.6']);
    expect(kept('dev-libs/glib', bound('glib-2.0', '2.40'))).toEqual(['2.40']);
    expect(kept('sys-apps/odd', bound('odd', '240'))).toEqual([]);
  });

  test('the checks of the build descriptions are found in the layers of a build', () => {
    const sources = join(folder, 'layer1');
    const layers = [sources, join(folder, 'layer2'), join(folder, 'no-layer')];
    put('layer1/work/p-1/meson.build', "png_min = '>=1.5'\ndependency('odd', version: '>=9')\n");
    put(
      'layer1/work/p-1/CMakeLists.txt',
      'find_package(tinyxml2 6.0)\nfind_package(JPEG 62)\nfind_package(Gone 1)\n',
    );
    put('layer1/work/p-1/src/meson.build', "dependency('libpng', version: png_min)\n");
    put('secret/meson.build', "dependency('glib-2.0', version: '>=2.1')");
    symlinkSync(join(folder, 'secret'), join(sources, 'work/p-1/linked'));
    symlinkSync(join(folder, 'secret/meson.build'), join(sources, 'work/meson.build'));
    put(
      'layer2/work/p-1_build/CMakeCache.txt',
      [
        'tinyxml2_DIR:PATH=/usr/lib64/cmake/tinyxml2',
        'FIND_PACKAGE_MESSAGE_DETAILS_JPEG:INTERNAL=[/usr/lib64/libjpeg.so][/usr/include][v62(62)]',
        'FIND_PACKAGE_MESSAGE_DETAILS_PNG:INTERNAL=[/usr/lib64/libpng16.so][/usr/include][v1.6.39(1.4)]',
      ].join('\n'),
    );
    const versions = readDescribedVersions(layers);
    const checks = checkVersions(versions, root);
    expect(
      checks.map(
        ({ package: { name }, bound: { operator, version, statedBy } }) =>
          `${name} ${operator} ${version} by ${statedBy}`,
      ),
    ).toEqual([
      'libpng >= 1.5 by src/meson.build:1',
      'tinyxml2 >= 6.0 by CMakeLists.txt:1',
      'libpng >= 1.4 by find_package(PNG 1.4)',
    ]);
    // CMake says nothing of a package that it refuses, but it has read the version file.
    const refused = checkVersions({ ...versions, found: [] }, root, [
      '/usr/lib64/cmake/tinyxml2/tinyxml2-config-version.cmake',
    ]);
    expect(refused.map(({ package: { name }, bound: { version } }) => `${name} ${version}`)).toContain(
      'tinyxml2 6.0',
    );
    const linked = packageOf('media-libs/libpng');
    const writer = createAtomWriter(
      {
        observed: [
          {
            package: toRecorded(linked),
            licence: 'declared',
            kinds: [{ kind: 'pkg-config', evidence: [readOf(`${LIB}/pkgconfig/libpng.pc`)] }],
            bounds: [bound('libpng', '1.2')],
          },
        ],
        linked: new Set([linked]),
        versions,
      },
      root,
    );
    expect(writer.boundsOf(linked).map(({ version }) => version)).toEqual(['1.2', '1.5', '1.4']);
    expect(writer.atomFor(linked)).toBe('>=media-libs/libpng-1.5:=');
    expect(writer.atomFor(linked, 'RDEPEND')).toBe('>=media-libs/libpng-1.5:=');
    // No program of it is run, so the checks are about the library.
    expect(writer.atomFor(linked, 'BDEPEND')).toBe('media-libs/libpng');
    expect(writer.atomFor(packageOf('dev-libs/glib'))).toBe('dev-libs/glib');
  });
});
