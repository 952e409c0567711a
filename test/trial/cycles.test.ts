import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { judge } from '../../server/src/audit/judge.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import type { InstalledPackage } from '../../server/src/installed/vdb.ts';
import { groupByName } from '../../server/src/installed/visible-set.ts';
import { findCycles } from '../../server/src/trial/cycles.ts';
import { need } from '../audit/observed.ts';
import { bash } from '../ebuild/bash.ts';
import { installed as makeInstalled } from '../support/installed-package.ts';
import { makeRecord } from '../support/trial-record.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ebuild-audit-cycles-'));
});
afterEach(() => rmSync(root, { recursive: true }));

/** Installs packages, each with its build-time and its run-time dependency. */
function cyclesOf(
  packages: Readonly<Record<string, readonly [string, string, ...string[]]>>,
  wanted: string,
) {
  const installed = Object.entries(packages).map(([name, [depend, rdepend, ...use]]): InstalledPackage => {
    const folder = join(root, 'var/db/pkg', `${name}-1.6.43`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'DEPEND'), `${depend}\n`);
    return { ...makeInstalled(`${name}-1.6.43`), rdepend, use };
  });
  const layout = { path: root, folders: [], links: [] };
  const lookup = groupByName(installed);
  return findCycles({ layout, lookup }, 'app-misc/foo', {
    needs: [need('DEPEND', wanted)],
    probes: [],
    uses: [],
  });
}

test.each([
  ['it needs the package itself', { 'a/lib': ['>=app-misc/foo-1', ''] }, true],
  [
    'what it needs needs the package to run',
    { 'a/lib': ['a/tool', ''], 'a/tool': ['', 'app-misc/foo'] },
    true,
  ],
  ['the flag is on', { 'a/lib': ['doc? ( app-misc/foo )', '', 'doc'] }, true],
  ['the flag is off', { 'a/lib': ['doc? ( app-misc/foo )', ''] }, false],
  ['it needs the package only to run', { 'a/lib': ['', 'app-misc/foo'] }, false],
  ['it blocks the package', { 'a/lib': ['!app-misc/foo', ''] }, false],
  ['another package needs it', { 'a/lib': ['', ''], 'a/tool': ['app-misc/foo', ''] }, false],
] as const)(
  'a package closes a cycle if it needs the audited one to be built: %s',
  (_, packages, isCycle) => {
    expect(cyclesOf(packages, 'a/lib')).toEqual(isCycle ? { cycles: ['a/lib'] } : {});
  },
);

test('the message of a finding says so', () => {
  const text = 'EAPI=8\nDEPEND=""\n';
  const messages = (cycles: readonly string[]) =>
    judge(
      makeRecord(text, { needs: [need('DEPEND', 'a/lib')], cycles }),
      parseEbuild(text, bash),
    ).findings.map(({ message }) => message);
  const plain =
    'Add a/lib to DEPEND: the build fails without /usr/include/png.h of a/lib, and passes with it';
  expect(messages(['a/lib'])).toEqual([
    `${plain} (this closes a cycle, because a/lib needs media-gfx/foo-1 to be built).`,
  ]);
  expect(messages(['a/other'])).toEqual([`${plain}.`]);
});
