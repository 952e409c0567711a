import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NOTHING_NAMED } from '../../../server/src/host/named-paths.ts';
import { readLastDurations } from '../../../server/src/trial/records/last-durations.ts';
import type { TrialExtent } from '../../../server/src/trial/records/record-file.ts';
import { openRecordStore } from '../../../server/src/trial/records/record-store.ts';
import { makeRecord, NOTHING_DECLARED } from '../../support/trial-record.ts';

let home: string;
beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'ebuild-audit-durations-')));
});
afterEach(() => rmSync(home, { recursive: true }));

const QUICK: TrialExtent = { quick: true, matrix: 'none' };
const FULL: TrialExtent = { quick: false, matrix: 'none' };

function store(file: string, ended: number, took: number | undefined, extent = QUICK, root = '/'): void {
  openRecordStore(join(home, 'records')).write({
    question: { root, file, packageManager: '', productVersion: '', bareText: `${ended}` },
    extent,
    ended,
    ...(took !== undefined && { time: { took, phases: [] } }),
    basis: {
      ...{ inherited: [], distfiles: [], states: [], dependencies: NOTHING_DECLARED, system: [] },
      ...{ programs: [], probed: [], packages: 'all', named: NOTHING_NAMED, installed: undefined },
    },
    inputs: {
      'the folder of the package': '',
      'an eclass': '',
      'a distfile': '',
      'the configuration': '',
      'an installed package': '',
      'a file of the system': '',
    },
    record: makeRecord('x'),
  });
}

const read = (file: string, extent = QUICK) => readLastDurations({ home, rootPath: '/' }, extent)(file);

test('the newest trial of the same extent and root counts', () => {
  expect(read('/r/a/b/b-1.ebuild')).toBeUndefined();
  store('/r/a/b/b-1.ebuild', 1, 1000);
  store('/r/a/b/b-1.ebuild', 3, 3000);
  store('/r/a/b/b-1.ebuild', 2, 2000);
  store('/r/a/b/b-1.ebuild', 4, undefined);
  store('/r/a/b/b-1.ebuild', 5, 5000, FULL);
  store('/r/a/b/b-1.ebuild', 6, 6000, QUICK, '/other');
  store('/r/a/c/c-1.ebuild', 7, 7000);
  expect(read('/r/a/b/b-1.ebuild')).toBe(3000);
  expect(read('/r/a/b/b-1.ebuild', FULL)).toBe(5000);
  expect(read('/r/a/c/c-1.ebuild')).toBe(7000);
  expect(read('/r/a/d/d-1.ebuild')).toBeUndefined();
});

test('a link leads to the trial of its file, and a damaged record is left out', () => {
  const file = join(home, 'b-1.ebuild');
  writeFileSync(file, '');
  mkdirSync(join(home, 'linked'));
  symlinkSync(file, join(home, 'linked/b-1.ebuild'));
  store(file, 1, 1000);
  expect(read(join(home, 'linked/b-1.ebuild'))).toBe(1000);
  const records = join(home, 'records');
  for (const name of openRecordStore(records).list('')) writeFileSync(join(records, name), 'nonsense');
  expect(read(file)).toBeUndefined();
});
