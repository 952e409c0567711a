import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { readInherits, readStates } from '../../server/src/review/states.ts';

test.each([
  ['inherit a b', ['a', 'b']],
  ['\tinherit a # b', ['a']],
  ['inherit a \\\n\tb', ['a', 'b']],
  ['inherit "a" \'b\'', ['a', 'b']],
  ['[[ ${PV} == 9999 ]] && inherit git-r3', ['git-r3']],
  ['if x; then inherit a; fi', ['a']],
  ['# inherit a', []],
  ['myinherit a', []],
  ['inherits a', []],
  ['', []],
])('%j inherits %j', (text, expected) => {
  expect(readInherits(text)).toEqual(expected);
});

test('the ebuilds that inherit an eclass are found, also through others and with a circle', ({
  onTestFinished,
}) => {
  const folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-states-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  write('sub/eclass/low.eclass', 'inherit high\n');
  write('sub/eclass/high.eclass', 'inherit low\n');
  write('sub/eclass/other.eclass', '');
  write('sub/a/one/one-1.ebuild', 'inherit low\n');
  write('sub/a/two/two-1.ebuild', 'inherit high other\n');
  write('sub/a/three/three-1.ebuild', 'inherit other\n');
  write('sub/a/three/Manifest', '');
  // A link that leads out is not read.
  write('outside', 'inherit low\n');
  symlinkSync(join(folder, 'outside'), join(folder, 'sub/a/three/three-2.ebuild'));
  const states = readStates(join(folder, 'nowhere'), folder);
  expect(states.listInheriting('sub/', 'low')).toEqual(['sub/a/one/one-1.ebuild', 'sub/a/two/two-1.ebuild']);
  expect(states.listInheriting('sub/', 'other')).toEqual([
    'sub/a/three/three-1.ebuild',
    'sub/a/two/two-1.ebuild',
  ]);
  expect(states.listInheriting('', 'low')).toEqual([]);
  expect(states.listHead('sub/a/three')).toEqual([
    'sub/a/three/three-1.ebuild',
    'sub/a/three/three-2.ebuild',
  ]);
  expect(states.listBase('sub/a/three')).toEqual([]);
});
