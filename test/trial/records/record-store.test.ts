import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NOTHING_NAMED } from '../../../server/src/host/named-paths.ts';
import { encodeRecord } from '../../../server/src/trial/records/record-file.ts';
import { openRecordStore } from '../../../server/src/trial/records/record-store.ts';
import { makeRecord, NOTHING_DECLARED } from '../../support/trial-record.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-store-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const stored = () => readdirSync(folder);

describe('the store of records', () => {
  const put = (name: string, age: number) => {
    const store = openRecordStore(folder);
    const path = store.write({
      question: { root: '/', file: name, packageManager: '', productVersion: '', bareText: '' },
      extent: { quick: false, matrix: 'none' },
      ended: 0,
      basis: {
        inherited: [],
        distfiles: [],
        states: [],
        dependencies: NOTHING_DECLARED,
        system: [],
        programs: [],
        probed: [],
        packages: 'all',
        named: NOTHING_NAMED,
        installed: undefined,
      },
      inputs: {
        'the folder of the package': '',
        'an eclass': '',
        'a distfile': '',
        'the configuration': '',
        'an installed package': '',
        'a file of the system': '',
      },
      record: makeRecord(name),
    });
    const time = new Date(Date.now() - age);
    utimesSync(join(folder, path), time, time);
    return path;
  };
  const size = (name: string) => readFileSync(join(folder, name)).length;

  test('removes the least recently used records first', () => {
    const [oldest = '', older = '', newest = ''] = [
      ['a', 3000],
      ['b', 2000],
      ['c', 1000],
    ].map(([name, age]) => put(name as string, age as number));
    const store = openRecordStore(folder);
    store.touch(oldest);
    expect(store.prune(size(oldest) + size(newest))).toEqual({ files: 1, bytes: expect.any(Number) });
    expect(stored().sort()).toEqual([oldest, newest].sort());
    expect(store.read(older)).toBeUndefined();
    expect(store.prune(0).files).toBe(2);
    expect(stored()).toEqual([]);
  });

  test('does not list the half record of a killed process, and removes it later', () => {
    const name = put('a', 0);
    const half = join(folder, `${name}.1.tmp`);
    const read = openRecordStore(folder).read(name);
    if (read?.kind !== 'whole') throw new Error('not written');
    writeFileSync(half, encodeRecord(read.stored).subarray(0, 100));
    const store = openRecordStore(folder);
    expect(store.list('')).toEqual([name]);
    store.prune(2 ** 20);
    expect(stored()).toHaveLength(2);
    utimesSync(half, new Date(0), new Date(0));
    store.prune(2 ** 20);
    expect(stored()).toEqual([name]);
  });
});
