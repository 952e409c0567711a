import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findOwner, listAbandoned, nameForOwner, type Owner } from '../../server/src/host/process-owner.ts';

describe('trial folders of processes that are gone', () => {
  let trials: string;
  const own = findOwner();
  beforeEach(() => {
    trials = mkdtempSync(join(tmpdir(), 'ebuild-audit-owner-'));
  });
  afterEach(() => rmSync(trials, { recursive: true }));
  const make = (owner: Owner) => {
    const path = join(trials, `${nameForOwner('foo-1.2.3-r1', owner)}aB3xyZ`);
    mkdirSync(path);
    return path;
  };
  const ownerOf = (pid: number): Owner => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return { ...own, pid, start: stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '' };
  };

  test('those of a live process are kept, and found when it has ended', async () => {
    const child = spawn('sleep', ['1000']);
    await once(child, 'spawn');
    const path = make(ownerOf(child.pid ?? 0));
    make(own);
    expect(listAbandoned(trials, own)).toEqual([]);
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(listAbandoned(trials, own)).toEqual([path]);
  });

  test('a pid that is used again does not keep a folder', () => {
    const path = make({ ...own, start: '1' });
    expect(listAbandoned(trials, own)).toEqual([path]);
  });

  test('a zombie is gone', async () => {
    // The shell is replaced by a program that never waits for its child.
    const parent = spawn('sh', ['-c', 'sleep 0.05 & echo $!; exec sleep 1000'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const path = make(ownerOf(Number(line.toString())));
    expect(listAbandoned(trials, own)).toEqual([]);
    await expect.poll(() => listAbandoned(trials, own)).toEqual([path]);
    parent.kill('SIGKILL');
    await once(parent, 'close');
  });

  test('after a power cut all that lay there before is of processes that are gone', () => {
    // The same pid in the same namespace, but from before a reboot.
    const path = make({ ...own, boot: '00000000' });
    // A folder that is younger than this boot may belong to another machine that shares the state folder.
    expect(listAbandoned(trials, own)).toEqual([]);
    utimesSync(path, 1_000_000_000, 1_000_000_000);
    expect(listAbandoned(trials, own)).toEqual([path]);
  });

  test('what cannot be judged is left alone', () => {
    make({ ...own, pid: 999_999_999, start: '1', namespace: '1' });
    for (const name of ['foo-1-aB3xyZ', 'foo-1.2.3.4', 'foo-1.1.1.1.aB3xyZ', 'precious'])
      mkdirSync(join(trials, name));
    expect(listAbandoned(trials, own)).toEqual([]);
  });
});
