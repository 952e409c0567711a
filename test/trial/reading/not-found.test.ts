import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Denial } from '../../../server/src/trace/denial.ts';
import { listProbes } from '../../../server/src/trial/comparing/probes.ts';
import { chooseNotFoundSources, readNotFoundLines } from '../../../server/src/trial/reading/not-found.ts';

let layer: string;
beforeEach(() => {
  layer = mkdtempSync(join(tmpdir(), 'ebuild-audit-not-found-'));
});
afterEach(() => rmSync(layer, { recursive: true }));

/** The denial of a name that the list of a folder lacked. */
function unlisted(name: string, kind: 'build-module' | 'cmake', path: string): Denial {
  return {
    package: { category: 'cat', name, version: '1', slot: '0', subslot: '0', use: [] },
    phase: 'compile',
    variable: 'BDEPEND',
    evidence: [
      { phase: 'compile', program: '', chain: [], operation: 'look-up', path, result: 'denied', count: 1 },
    ],
    first: 0,
    last: 0,
    kinds: [kind],
    bounds: [],
    weak: true,
  };
}

const DENIALS = [
  unlisted('setuptools', 'build-module', '/usr/lib/python3.12/site-packages/setuptools'),
  unlisted('yaml', 'build-module', '/usr/lib/python3.12/site-packages/yaml'),
  unlisted('libfmt', 'cmake', '/usr/lib64/cmake/fmt'),
];

function probesOf(files: Readonly<Record<string, string>>, denials: readonly Denial[] = DENIALS): string[] {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(layer, path)), { recursive: true });
    writeFileSync(join(layer, path), text);
  }
  const sources = chooseNotFoundSources(denials);
  const notFound = sources === undefined ? '' : readNotFoundLines([layer], sources);
  return listProbes(denials, notFound).map((probe) => probe.package.name);
}

test('a module that setup.py imports is a probe, although Python only lists its folder', () => {
  const text =
    'try:\n  from setuptools import setup\nexcept ImportError:\n  from distutils.core import setup\n';
  expect(probesOf({ 'work/p-1/setup.py': text })).toEqual(['setuptools']);
});

test('a package that the cache of CMake names as not found is a probe', () => {
  expect(probesOf({ 'work/p-1_build/CMakeCache.txt': 'fmt_DIR:PATH=fmt_DIR-NOTFOUND\n' })).toEqual([
    'libfmt',
  ]);
});

test('names elsewhere in these files, and in other files, are not probes', () => {
  expect(
    probesOf({
      'work/p-1/setup.py': 'setup(name = "yaml")\n',
      'work/p-1/CMakeCache.txt': 'fmt_DIR:PATH=/usr/lib64/cmake/fmt\n',
      'work/p-1/lib.py': 'import setuptools\n',
    }),
  ).toEqual([]);
});

/** The denial of libraries that the list of a library folder lacked. */
function unlistedLibraries(name: string, ...files: readonly string[]): Denial {
  const [first, ...others] = files.map((file) =>
    unlisted(name, 'cmake', `/usr/lib/x86_64-linux-gnu/${file}`),
  ) as [Denial, ...Denial[]];
  const evidence = [first, ...others].flatMap((denial) => denial.evidence);
  return { ...first, kinds: ['library'], evidence };
}

const LIBRARIES = [
  unlistedLibraries('jansson', 'libjansson.so', 'libjansson.a'),
  unlistedLibraries('giflib', 'libgif.so'),
  unlistedLibraries('boost', 'libboost_a.so', 'libboost_b.so', 'libboost_c.so'),
  unlistedLibraries('fmt', 'libfmt.so'),
];

test.each([
  ['one name', 'find_library(THING jansson)', 'THING', ['jansson']],
  ['one name, then a folder', 'find_library(THING jansson fmt)', 'THING', ['jansson']],
  ['several names', 'find_library(THING NAMES fmt "gif" PATHS jansson REQUIRED)', 'THING', ['giflib', 'fmt']],
  ['a whole file name', 'find_library(THING NAMES libjansson.so.4)', 'THING', ['jansson']],
  ['another variable', 'find_library(OTHER jansson)', 'THING', []],
  ['a name with a variable', 'find_library(${x}_LIB NAMES jansson)', 'A_LIB', ['jansson']],
  ['a name that is only in a variable', 'find_library(${x} jansson)', 'THING', []],
  ['a comment', '# find_library(THING jansson)', 'THING', []],
  ['names in a variable', 'find_library(JANSSON_LIB NAMES ${names})', 'JANSSON_LIB', ['jansson']],
  ['a call in a module of CMake', '', 'Jansson_LIBRARY_RELEASE', ['jansson']],
  ['a path', '', 'JANSSON_PATH', []],
  ['an unclosed call', 'find_library(THING jansson', 'THING', ['jansson']],
])('a library that find_library did not find is a probe: %s', (_, call, variable, expected) => {
  const found = probesOf(
    {
      'work/p-1/CMakeLists.txt': `project(p)\n${call}\n`,
      'work/p-1_build/CMakeCache.txt': `${variable}:FILEPATH=${variable}-NOTFOUND\n`,
    },
    LIBRARIES,
  );
  expect(found.toSorted()).toEqual([...expected].sort());
});

test('a library that find_library found is not a probe', () => {
  expect(
    probesOf(
      {
        'work/p-1/sub/CMakeLists.txt': 'find_library(THING jansson)\n',
        'work/p-1_build/CMakeCache.txt': 'THING:FILEPATH=/usr/lib/libjansson.so\n',
      },
      LIBRARIES,
    ),
  ).toEqual([]);
});

test('the evidence of a probe is the library that was wanted', () => {
  mkdirSync(join(layer, 'work/p-1'), { recursive: true });
  writeFileSync(join(layer, 'work/p-1/FindB.cmake'), 'find_library(B_LIB boost_c)');
  writeFileSync(join(layer, 'work/p-1/CMakeCache.txt'), 'B_LIB:FILEPATH=B_LIB-NOTFOUND\n');
  const sources = chooseNotFoundSources(LIBRARIES);
  const notFound = sources === undefined ? '' : readNotFoundLines([layer], sources);
  const probes = listProbes(LIBRARIES, notFound);
  expect(probes.flatMap(({ evidence }) => evidence.map(({ path }) => path))).toEqual([
    '/usr/lib/x86_64-linux-gnu/libboost_c.so',
  ]);
});

test('a module is a probe if the script that listed its folder imports it in some way', () => {
  const denials = DENIALS.map((denial) => ({
    ...denial,
    evidence: denial.evidence.map((found) => ({ ...found, chain: ['src_configure', 'gen.py'] })),
  }));
  const files = {
    'work/p-1/gen.py': "have = importlib.util.find_spec('yaml') is not None\n",
    'work/p-1/other.py': 'import setuptools\n',
  };
  expect(probesOf(files, denials)).toEqual(['yaml']);
});
