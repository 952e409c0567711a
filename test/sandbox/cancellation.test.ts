import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { processesWith, waitUntilGone } from '../support/processes.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { who } from '../support/user.ts';
import { type Bench, missing, openBench } from './setup.ts';

const can = requireOrSkip(missing);

/** A tree of processes that do not want to end. */
const STUBBORN =
  "trap '' TERM INT HUP; (setsid sh -c 'trap \"\" TERM HUP; while :; do test -e /probe; sleep 0.01; done' &); echo ready; while :; do sleep 0.05; done";

describe.each(who)('a run that is stopped, as %s', (as) => {
  let bench: Bench;
  let count = 0;
  const stubborn = () => {
    const marker = `marker-${as}-${process.pid}-${++count}`;
    const spec = bench.spec({
      command: ['/bin/sh', '-c', STUBBORN],
      environment: { PATH: '/usr/bin:/bin', MARKER: marker },
    });
    return { marker, request: bench.request(spec, { abortAfter: 'ready' }), staging: spec.staging };
  };

  beforeAll(async () => {
    if (!missing) bench = await openBench();
  });
  afterAll(() => bench?.remove());

  can('ends within a second and leaves no process and no mount', async () => {
    const { marker, request, staging } = stubborn();
    const report = await bench.run(as, request);
    expect(report.aborted).toBe(true);
    expect(report.delay).toBeLessThan(1000);
    expect(report.children).toBe('');
    expect(report.mounts).not.toContain(staging);
    expect(await waitUntilGone(marker, 0)).toEqual([]);
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(staging);
  });

  can('by kill -9 of its Node leaves no process and no mount', async () => {
    const { marker, request, staging } = stubborn();
    const child = bench.start(as, { ...request, abortAfter: 'never-abort' });
    // Wait until the command really runs.
    for (let i = 0; i < 200 && processesWith(marker).length < 4; i++) await sleep(20);
    expect(processesWith(marker).length).toBeGreaterThanOrEqual(4);
    child.kill('SIGKILL');
    expect(await waitUntilGone(marker, 2000)).toEqual([]);
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(staging);
  });

  can('by kill -9 of the helper leaves no process', async () => {
    const { marker, request } = stubborn();
    const done = bench.run(as, { ...request, abortAfter: 'never-abort' });
    for (let i = 0; i < 200 && processesWith(marker).length < 4; i++) await sleep(20);
    const helpers = processesWith(marker, `${bench.helper}\0run\0`);
    expect(helpers.length).toBeGreaterThan(0);
    process.kill(Math.min(...helpers.map(Number)), 'SIGKILL');
    const report = await done;
    expect(report.reason).toBe('failed');
    expect(report.message).toMatch(/^The run of the sandbox is lost/);
    expect(await waitUntilGone(marker, 2000)).toEqual([]);
  });

  can('what the command leaves running ends with it', async () => {
    const marker = `marker-${as}-${process.pid}-left`;
    const report = await bench.run(
      as,
      bench.request(
        bench.spec({
          command: ['/bin/sh', '-c', '(setsid sleep 1000 > /dev/null 2>&1 &); exit 3'],
          environment: { PATH: '/usr/bin:/bin', MARKER: marker },
        }),
      ),
    );
    expect(report.status).toBe(3);
    expect(await waitUntilGone(marker, 0)).toEqual([]);
  });
});
