import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NOTHING_NAMED } from '../../../../server/src/host/named-paths.ts';
import { findOwner, nameForOwner } from '../../../../server/src/host/process-owner.ts';
import type { Manifest } from '../../../../server/src/trial/builder/snapshots/manifest.ts';
import { pruneSnapshots } from '../../../../server/src/trial/builder/snapshots/prune-snapshots.ts';
import {
  openSnapshotStore,
  type Snapshot,
} from '../../../../server/src/trial/builder/snapshots/snapshot-store.ts';

const KNOWN = {
  observations: { denials: [], uses: [], incidents: [], gaps: ['a gap'] },
  footprint: { packages: ['cat/foo-1'], builtAgainst: [], folders: [], listed: [], managerState: [] },
  fingerprint: 'f'.repeat(64),
  installed: 'i'.repeat(64),
  root: 'r'.repeat(64),
  named: NOTHING_NAMED,
  state: 's'.repeat(64),
};
const always = () => true;
const unchanged = async () => true;

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'ebuild-audit-snapshots-'));
});
afterEach(() => rmSync(home, { recursive: true }));

/** Makes the folder that a step leaves behind. */
function makePlace(content: string): string {
  const place = mkdtempSync(join(home, 'step-'));
  mkdirSync(join(place, 'files/portage'), { recursive: true });
  mkdirSync(join(place, 'kernel/work'), { recursive: true });
  writeFileSync(join(place, 'files/portage/main.o'), content);
  return place;
}

/** Keeps a snapshot as a trial does, and ends the trial. */
async function keep(key: string, content = 'object', fingerprint = KNOWN.fingerprint): Promise<Snapshot> {
  const store = openSnapshotStore(home, false);
  const snapshot = await store.keep(key, makePlace(content), { ...KNOWN, fingerprint }, true);
  store.close();
  return snapshot;
}

const find = async (
  key: string,
  suits: (manifest: Manifest) => boolean = always,
  isCurrent: (manifest: Manifest) => Promise<boolean> = unchanged,
) => {
  const store = openSnapshotStore(home, false);
  const found = await store.find(key, suits, isCurrent);
  store.close();
  return found;
};
const kept = () => (existsSync(join(home, 'snapshots')) ? readdirSync(join(home, 'snapshots')) : []);
const makeOlder = (snapshot: Snapshot, seconds: number) =>
  utimesSync(join(dirname(snapshot.files), 'manifest'), seconds, seconds);

describe('snapshots of steps', () => {
  test('a snapshot of one trial is found by another one, with its observations', async () => {
    const made = await keep('key');
    expect(await find('key')).toEqual(made);
    expect(made.files.startsWith(join(home, 'snapshots/'))).toBe(true);
    expect(readFileSync(join(made.files, 'portage/main.o'), 'utf8')).toBe('object');
    expect(made.manifest.observations).toEqual(KNOWN.observations);
    expect(existsSync(join(dirname(made.files), 'kernel'))).toBe(false);
  });

  test('another step, another view and a trial from the beginning find nothing', async () => {
    await keep('key');
    expect(await find('ke')).toBeUndefined();
    expect(await find('key', ({ footprint }) => footprint.packages.includes('cat/bar-1'))).toBeUndefined();
    expect(await openSnapshotStore(home, true).find('key', always, unchanged)).toBeUndefined();
  });

  test('a file that the step named is another one: nothing is found, except by the trial that kept it', async () => {
    await keep('key');
    expect(await find('key', always, async () => false)).toBeUndefined();
    const store = openSnapshotStore(home, false);
    const made = await store.keep('other', makePlace('object'), KNOWN, true);
    expect(await store.find('other', always, async () => false)).toEqual(made);
    store.close();
  });

  test('a step that named other files has another id, so that no step after it is found', async () => {
    const first = await keep('key');
    const store = openSnapshotStore(home, false);
    const second = await store.keep('key', makePlace('other'), { ...KNOWN, state: 'another' }, true);
    store.close();
    expect(second.id).not.toBe(first.id);
  });

  test('a step that must not last is found by its own trial only', async () => {
    const store = openSnapshotStore(home, false);
    const made = await store.keep('key', makePlace('object'), KNOWN, false);
    expect(await store.find('key', always, unchanged)).toEqual(made);
    store.close();
    expect(await find('key')).toBeUndefined();
    expect(kept()).toEqual([]);
  });

  test('a trial from the beginning replaces an earlier snapshot', async () => {
    await keep('key', 'old');
    const store = openSnapshotStore(home, true);
    await store.keep('key', makePlace('new'), KNOWN, true);
    store.close();
    expect(readFileSync(join((await find('key'))?.files ?? '', 'portage/main.o'), 'utf8')).toBe('new');
  });

  test('the same step in two views is kept twice', async () => {
    await keep('key', 'one', '1'.repeat(64));
    await keep('key', 'two', '2'.repeat(64));
    const found = await find('key', ({ fingerprint }) => fingerprint.startsWith('2'));
    expect(readFileSync(join(found?.files ?? '', 'portage/main.o'), 'utf8')).toBe('two');
  });

  test('two trials at once keep the same step: both go on, one is kept', async () => {
    const [first, second] = [openSnapshotStore(home, false), openSnapshotStore(home, false)];
    const ofFirst = await first.keep('key', makePlace('one'), KNOWN, true);
    const ofSecond = await second.keep('key', makePlace('two'), KNOWN, true);
    expect(ofSecond.id).toBe(ofFirst.id);
    const contents = [ofFirst, ofSecond].map(({ files }) =>
      readFileSync(join(files, 'portage/main.o'), 'utf8'),
    );
    expect(contents).toEqual(['one', 'two']);
    expect(kept()).toHaveLength(1);
    // Its own trial also finds a snapshot that could not be moved.
    expect((await second.find('key', always, unchanged))?.files).toBe(ofSecond.files);
    first.close();
    second.close();
  });

  test('if there is no store, or it cannot be written, a snapshot stays in the folder of its trial', async () => {
    writeFileSync(join(home, 'snapshots'), 'no folder');
    for (const store of [openSnapshotStore(home, false), openSnapshotStore(undefined, false)]) {
      const place = makePlace('object');
      const snapshot = await store.keep('key', place, KNOWN, true);
      expect(snapshot.files).toBe(join(place, 'files'));
      expect(await store.find('key', always, unchanged)).toEqual(snapshot);
      store.close();
    }
  });
});

describe('damage', () => {
  test.each([
    ['no manifest', (path: string) => rmSync(join(path, 'manifest'))],
    ['half a manifest', (path: string) => truncateSync(join(path, 'manifest'), 100)],
    ['an empty manifest', (path: string) => truncateSync(join(path, 'manifest'), 0)],
    [
      'another form',
      (path: string) => {
        const text = readFileSync(join(path, 'manifest'), 'utf8');
        writeFileSync(join(path, 'manifest'), text.replace(/snapshot \d+/, 'snapshot 999'));
      },
    ],
    [
      'one letter changed',
      (path: string) => {
        const text = readFileSync(join(path, 'manifest'), 'utf8');
        writeFileSync(join(path, 'manifest'), text.replace('a gap', 'a gup'));
      },
    ],
  ])('%s: the snapshot is not used, and is replaced', async (_, damage) => {
    const path = dirname((await keep('key')).files);
    damage(path);
    expect(await find('key')).toBeUndefined();
    expect(kept()).toEqual([]);
    await keep('key', 'again');
    expect(readFileSync(join((await find('key'))?.files ?? '', 'portage/main.o'), 'utf8')).toBe('again');
  });

  test.each([
    ['cut', (file: string) => truncateSync(file, 0)],
    ['flipped', (file: string) => writeFileSync(file, 'objecu')],
    [
      'flipped, with its time set back',
      (file: string) => {
        const { atime, mtime } = statSync(file);
        writeFileSync(file, 'objecu');
        utimesSync(file, atime, mtime);
      },
    ],
    ['removed', (file: string) => rmSync(file)],
    ['another one', (file: string) => writeFileSync(`${file}.more`, '')],
  ])('a file of the step that is %s: the snapshot is not used', async (_, damage) => {
    const { files } = await keep('key');
    expect(await find('key')).toBeDefined();
    // The kernel stamps files with a clock that ticks.
    await sleep(20);
    damage(join(files, 'portage/main.o'));
    expect(await find('key')).toBeUndefined();
    expect(kept()).toEqual([]);
  });
});

describe('pruning', () => {
  test('the least recently used are removed first', async () => {
    const [old, middle, young] = [await keep('old'), await keep('middle'), await keep('young')] as [
      Snapshot,
      Snapshot,
      Snapshot,
    ];
    makeOlder(old, 1000);
    makeOlder(middle, 2000);
    makeOlder(young, 3000);
    const { bytes } = young.manifest;
    expect(pruneSnapshots(home, 3 * bytes)).toEqual({ snapshots: 0, bytes: 0 });
    // A snapshot that is found is used.
    await find('old');
    expect(pruneSnapshots(home, 2 * bytes)).toEqual({ snapshots: 1, bytes });
    expect(kept().sort()).toEqual([old.id, young.id].sort());
    expect(pruneSnapshots(home, 0)).toEqual({ snapshots: 2, bytes: 2 * bytes });
    expect(kept()).toEqual([]);
  });

  test('the first step is removed last, because the later ones are useless without it', async () => {
    const store = openSnapshotStore(home, false);
    const first = await store.keep('first', makePlace('1'), KNOWN, true);
    await store.keep('second', makePlace('2'), KNOWN, true);
    store.close();
    pruneSnapshots(home, first.manifest.bytes);
    expect(kept()).toEqual([first.id]);
  });

  test('a snapshot that a trial uses stays until the trial ends or is killed', async () => {
    await keep('key');
    const store = openSnapshotStore(home, false);
    const snapshot = await store.find('key', always, unchanged);
    expect(pruneSnapshots(home, 0)).toEqual({ snapshots: 0, bytes: 0 });
    expect(existsSync(snapshot?.files ?? '')).toBe(true);
    store.close();

    const leases = join(dirname(snapshot?.files ?? ''), 'leases');
    expect(readdirSync(leases)).toEqual([]);
    const killed = spawnSync('true').pid;
    writeFileSync(join(leases, `${nameForOwner('trial', { ...findOwner(), pid: killed })}abcdef`), '');
    expect(pruneSnapshots(home, 0).snapshots).toBe(1);
  });

  test('damaged ones are always removed', async () => {
    rmSync(join(dirname((await keep('key')).files), 'manifest'));
    expect(pruneSnapshots(home, Number.MAX_SAFE_INTEGER).snapshots).toBe(1);
    expect(kept()).toEqual([]);
  });

  test('an empty store has nothing to remove', async () => {
    expect(pruneSnapshots(home, 0)).toEqual({ snapshots: 0, bytes: 0 });
  });
});
