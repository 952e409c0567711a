import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { judge } from '../../server/src/audit/judge.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import type { OwnerIndex } from '../../server/src/installed/owner-index/owner-index.ts';
import type { VisiblePackage } from '../../server/src/installed/visible-set.ts';
import { findSuffixedPrograms } from '../../server/src/trial/suffixed-programs.ts';
import { bash } from '../ebuild/bash.ts';
import { installed } from '../support/installed-package.ts';
import { makeRecord } from '../support/trial-record.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-suffixed-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function programsOf(output: string, paths: readonly string[], reason: VisiblePackage['reason'] = 'declared') {
  const log = join(folder, 'log');
  writeFileSync(log, output);
  const tcl = installed('dev-lang/tcl-8.6.13');
  const files = paths.map((path) => ({ path, name: path.slice(path.lastIndexOf('/') + 1) }));
  const index = { filesOf: () => files } as unknown as OwnerIndex;
  return findSuffixedPrograms(
    { index },
    new Map([[tcl, { visibility: 'full', reason, broughtBy: [] }]]),
    log,
  );
}

const PATHS = ['/usr/bin/tclsh8.6', '/usr/lib64/libtcl8.6.so'];

test.each([
  ['checking for tclsh8... no\n', 'tclsh8'],
  ['checking for tclsh... not found\n', 'tclsh'],
  ['Program tclsh found: NO\n', 'tclsh'],
  ['/bin/sh: 1: tclsh: not found\n', 'tclsh'],
  ['make.sh: line 3: tclsh: command not found\n', 'tclsh'],
  ['checking for tclsh... yes\n', undefined],
  ['checking for tcl... no\n', undefined],
  // The build knows that name as well.
  ['checking for tclsh... no\nchecking for tclsh8.6... no\n', undefined],
])('a program that was looked for in vain is found with its version: %j', (output, wanted) => {
  const { suffixedPrograms } = programsOf(output, PATHS);
  expect(suffixedPrograms?.map((found) => [found.wanted, found.path])).toEqual(
    wanted === undefined ? undefined : [[wanted, '/usr/bin/tclsh8.6']],
  );
});

test('only programs of declared packages count', () => {
  expect(programsOf('checking for tclsh8... no\n', PATHS, 'system')).toEqual({});
});

test('the hint names both programs', () => {
  const text = 'EAPI=8\nBDEPEND="dev-lang/tcl"\n';
  const record = makeRecord(text, {
    outcome: 'failed',
    failure: { phase: 'install', firstError: 'no' },
    ...programsOf('checking for tclsh8... no\n', PATHS),
  });
  const { findings } = judge(record, parseEbuild(text, bash));
  expect(findings.map(({ severity, message, fix }) => [severity, message, fix])).toEqual([
    [
      'hint',
      'Tell the build to run tclsh8.6: it looked for tclsh8 in vain, and dev-lang/tcl, which is declared, has tclsh8.6.',
      undefined,
    ],
  ]);
});
