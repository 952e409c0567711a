import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WorkFolder } from '../../../server/src/evaluation/work-folder.ts';
import { type BuildLog, openBuildLog } from '../../../server/src/trial/builder/build-log.ts';
import {
  countLanes,
  createLanes,
  type Lane,
  runSideBySide,
} from '../../../server/src/trial/builder/lanes.ts';

const GIB = 1024 ** 3;

describe('how many builds run side by side', () => {
  it.each([
    { jobs: 2, memory: 24 * GIB, count: 2 },
    { jobs: 16, memory: 64 * GIB, count: 2 },
    // Two builds of 16 processes may need 64 GiB.
    { jobs: 16, memory: 63 * GIB, count: 1 },
    { jobs: 2, memory: GIB, count: 1 },
    { jobs: 1, memory: 64 * GIB, count: 1 },
  ])('$count with $jobs jobs in $memory bytes', ({ jobs, memory, count }) => {
    expect(countLanes(jobs, memory)).toBe(count);
  });
});

describe('the lanes of a trial', () => {
  let place: string;
  let log: BuildLog;
  let folder: WorkFolder;
  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), 'lanes-'));
    for (const name of ['staging', 'work', 'steps']) mkdirSync(join(place, name));
    log = openBuildLog(join(place, 'log'));
    const [staging, work, steps] = ['staging', 'work', 'steps'].map((name) => join(place, name));
    folder = { path: place, staging, work, steps } as WorkFolder;
  });
  afterEach(() => rmSync(place, { recursive: true }));

  /** A build that begins at once and ends when it is told to. */
  const startBuild = (lanes: ReturnType<typeof createLanes>, title: string) => {
    let end: () => void = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    let begun: Lane | undefined;
    const done = lanes.run(async (lane) => {
      begun = lane;
      lane.log.startBuild(title);
      lane.log.note(`${title} works`);
      await ended;
      lane.log.note(`${title} ends with ${lane.log.tail().split('\n').length} lines`);
    });
    return {
      lane: () => begun,
      async end() {
        end();
        await done;
      },
    };
  };
  const turn = () => new Promise((resolve) => setImmediate(resolve));

  it('each have folders of their own, and a third build waits', async () => {
    const lanes = createLanes(folder, log, 2);
    const [first, second, third] = ['first', 'second', 'third'].map((title) => startBuild(lanes, title));
    await turn();
    expect(first?.lane()?.folder).toBe(folder);
    expect(second?.lane()?.folder.work).not.toBe(folder.work);
    expect(second?.lane()?.folder.staging).not.toBe(folder.staging);
    expect(second?.lane()?.folder.steps).toBe(folder.steps);
    expect([first, second].map((build) => build?.lane()?.isShown)).toEqual([true, false]);
    expect(third?.lane()).toBeUndefined();
    await first?.end();
    expect(third?.lane()).toBe(first?.lane());
    await third?.end();
    await second?.end();
    // The lane that is shown comes first again.
    const fourth = startBuild(lanes, 'fourth');
    await turn();
    expect(fourth.lane()).toBe(first?.lane());
    await fourth.end();
    await log.close();
  });

  it('with one lane, builds follow each other', async () => {
    const lanes = createLanes(folder, log, 1);
    const order: string[] = [];
    await runSideBySide(
      ['a', 'b'].map(
        (name) => () =>
          lanes.run(async () => {
            order.push(`${name} begins`);
            await turn();
            order.push(`${name} ends`);
          }),
      ),
    );
    expect(order).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
    await log.close();
  });

  it('write whole builds into one log, one after the other', async () => {
    const lanes = createLanes(folder, log, 2);
    const first = startBuild(lanes, 'first');
    const second = startBuild(lanes, 'second');
    await turn();
    await second.end();
    const third = startBuild(lanes, 'third');
    await turn();
    await first.end();
    await third.end();
    await log.close();
    const whole = ['first', 'second', 'third'].map(
      (title) => `=== ${title}\n${title} works\n${title} ends with 3 lines\n`,
    );
    expect(readFileSync(log.path, 'utf8')).toBe(whole.join(''));
  });

  it('are free again after an error, which comes when every build has ended', async () => {
    const lanes = createLanes(folder, log, 2);
    let isDone = false;
    const both = runSideBySide([
      () => lanes.run(() => Promise.reject(new Error('no view'))),
      () =>
        lanes.run(async () => {
          await turn();
          isDone = true;
        }),
    ]);
    await expect(both).rejects.toThrow('no view');
    expect(isDone).toBe(true);
    await expect(lanes.run(async () => 'built')).resolves.toBe('built');
    await log.close();
  });
});
