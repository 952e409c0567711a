import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { pruneKept, readParts } from '../../server/src/cli/prune-command.ts';
import { linkLastLog, nameLog } from '../../server/src/host/log-folder.ts';

const LOCATION = {
  repository: '/r',
  category: 'app-misc',
  packageName: 'foo',
  packageAndVersion: 'foo-1.2-r1',
};
let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'ebuild-audit-prune-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const fill = () => {
  mkdirSync(join(home, 'records'));
  writeFileSync(join(home, 'records/a.record'), 'x'.repeat(2048));
  const log = nameLog(home, LOCATION);
  writeFileSync(log, 'a line\n');
  linkLastLog(log);
};

test('what is within its limit stays, and all of it goes when asked to', () => {
  fill();
  expect(pruneKept(home, [], false)).toEqual([
    'records: 0 removed, 0 bytes freed',
    'snapshots: 0 removed, 0 bytes freed',
    'logs: 0 removed, 0 bytes freed',
    'roots: 0 removed, 0 bytes freed',
    'layers: 0 removed, 0 bytes freed',
  ]);
  expect(pruneKept(home, readParts({ records: true }), true)).toEqual(['records: 1 removed, 2 KiB freed']);
  expect(pruneKept(home, [], true)).toEqual([
    'records: 0 removed, 0 bytes freed',
    'snapshots: 0 removed, 0 bytes freed',
    'logs: 1 removed, 7 bytes freed',
    'roots: 0 removed, 0 bytes freed',
    'layers: 0 removed, 0 bytes freed',
  ]);
  expect(readdirSync(join(home, 'logs'))).toEqual([]);
});

test('a state folder in which nothing has been kept yet is no error', () => {
  expect(pruneKept(join(home, 'absent'), [], true)).toHaveLength(5);
});

test('each trial has a log of its own, and one link leads to the last', () => {
  const logs = [nameLog(home, LOCATION), nameLog(home, LOCATION)];
  expect(new Set(logs).size).toBe(2);
  const link = join(home, 'logs/app-misc-foo-1.2-r1.log');
  for (const log of logs) {
    writeFileSync(log, log);
    linkLastLog(log);
    expect(existsSync(link)).toBe(true);
  }
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readdirSync(join(home, 'logs'))).toHaveLength(3);
});
