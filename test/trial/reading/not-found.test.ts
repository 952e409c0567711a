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
  const notFound = readNotFoundLines([layer], chooseNotFoundSources(denials));
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
