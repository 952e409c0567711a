import { type ChildProcess, execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { DEFAULT_LIMITS } from '../../server/src/sandbox/limits.ts';
import { type GivenCgroup, giveCgroup, noCgroups } from '../support/cgroups.ts';
import { processesWith, waitUntilGone } from '../support/processes.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { mostly, NOBODY } from '../support/user.ts';
import type { RunnerRequest } from './runner.ts';
import { type Bench, missing, openBench } from './setup.ts';

const can = requireOrSkip(missing);

/** Processes that resist being ended. Each prints "ready" after it has started. */
const INSIDE: Readonly<Record<string, string>> = {
  'a tree that ignores signals':
    "trap '' TERM INT HUP; (setsid sh -c 'trap \"\" TERM HUP; while :; do test -e /probe; sleep 0.01; done' &); echo ready; while :; do sleep 0.05; done",
  'processes that are stopped':
    'for i in 1 2 3 4 5 6; do sh -c \'setsid sh -c "kill -STOP \\$\\$" & kill -STOP $$\' & done; sleep 0.2; echo ready; kill -STOP $$',
  // Fewer than the limit, because a run that exceeds a limit ends by itself.
  'processes that fork without end':
    'for i in $(seq 60); do (while :; do (:) & wait; done) & done; echo ready; wait',
};

/** The things that a run must not leave on the machine. */
function traces(marker: string, staging: string) {
  return {
    processes: processesWith(marker),
    mounts: readFileSync('/proc/self/mountinfo', 'utf8').includes(staging),
    files: readdirSync(staging),
  };
}

const NOTHING = { processes: [], mounts: false, files: [] };

describe.each(mostly('user'))('a run that is stopped, as %s', (as) => {
  let bench: Bench;
  let given: GivenCgroup | undefined;
  let count = 0;
  beforeAll(async () => {
    if (missing) return;
    bench = await openBench();
    if (!noCgroups) given = giveCgroup(as, 'cancellation');
  });
  afterAll(() => {
    bench?.remove();
    given?.remove();
  });

  /** Starts a run that reports the start of its command on standard error. */
  function start(script: string, more: Partial<RunnerRequest> = { announce: 'ready' }) {
    const marker = `marker-${as}-${process.pid}-${++count}-end`;
    const spec = bench.spec({
      command: ['/bin/sh', '-c', script],
      environment: { PATH: '/usr/bin:/bin', MARKER: marker },
      limits: { ...DEFAULT_LIMITS, processes: 1500 },
    });
    const child = bench.start(as, bench.request(spec, more));
    given?.join(child);
    return { child, marker, staging: spec.staging };
  }
  const untilReady = (child: ChildProcess) => new Promise((resolve) => child.stderr?.once('data', resolve));

  /** Waits at most a second until nothing of a run is left, except possibly a cgroup. */
  async function untilGone(marker: string, staging: string) {
    const until = Date.now() + 1000;
    await waitUntilGone(marker, 1000);
    while (readdirSync(staging).length > 0 && Date.now() < until) await sleep(10);
    expect(traces(marker, staging)).toEqual(NOTHING);
  }

  for (const [title, script] of Object.entries(INSIDE)) {
    can(`ends within a second and leaves nothing: ${title}`, async () => {
      const { child, marker, staging } = start(script, { abortAfter: 'ready' });
      const report = await bench.report(child);
      expect(report.aborted).toBe(true);
      expect(report.delay).toBeLessThan(1000);
      expect(report.children).toBe('');
      expect(report.mounts).not.toContain(staging);
      expect(traces(marker, staging)).toEqual(NOTHING);
      expect(given?.list() ?? []).toEqual([]);
    });

    can(`by kill -9 of its Node leaves nothing: ${title}`, async () => {
      const { child, marker, staging } = start(script);
      await untilReady(child);
      child.kill('SIGKILL');
      await untilGone(marker, staging);
      // The helper removes its cgroup last.
      for (let i = 0; i < 50 && (given?.list() ?? []).length > 0; i++) await sleep(10);
      expect(given?.list() ?? []).toEqual([]);
    });

    can(
      `by kill -9 of the helper leaves nothing but a cgroup, which the next run removes: ${title}`,
      async () => {
        const { child, marker, staging } = start(script);
        const ended = bench.report(child);
        await untilReady(child);
        const helpers = processesWith(marker, `${bench.helper}\0run\0`);
        expect(helpers.length).toBeGreaterThan(0);
        process.kill(Math.min(...helpers.map(Number)), 'SIGKILL');
        const report = await ended;
        expect(report.reason).toBe('disturbed');
        expect(report.message).toMatch(/^The run of the sandbox is lost/);
        await untilGone(marker, staging);
        await bench.report(start('true').child);
        expect(given?.list() ?? []).toEqual([]);
      },
    );
  }

  can('what the command leaves running ends with it', async () => {
    const { child, marker, staging } = start('(setsid sleep 1000 > /dev/null 2>&1 &); exit 3');
    expect((await bench.report(child)).status).toBe(3);
    expect(traces(marker, staging)).toEqual(NOTHING);
  });

  const canGive = requireOrSkip(missing ?? noCgroups);

  canGive('all of its processes are in a cgroup of their own', async () => {
    const { child } = start('echo ready; sleep 0.5');
    const ended = bench.report(child);
    await untilReady(child);
    const [name = '', ...others] = given?.list() ?? [];
    expect(name).toMatch(/^ebuild-audit-\d+-\d+-\d+$/);
    expect(others).toEqual([]);
    const members = readFileSync(join(given?.path ?? '', name, 'cgroup.procs'), 'utf8')
      .trim()
      .split('\n');
    // Bubblewrap, its init, and the shell.
    expect(members.length).toBeGreaterThanOrEqual(3);
    await ended;
    expect(given?.list()).toEqual([]);
  });

  canGive('removes the cgroups of runs that are dead, and no others', async () => {
    const { start: since, namespace } = self();
    const path = given?.path ?? '';
    const stale = [`ebuild-audit-999999-1-${namespace}`, `ebuild-audit-${process.pid}-1-${namespace}`];
    const kept = [
      `ebuild-audit-${process.pid}-${since}-${namespace}`,
      'ebuild-audit-999999-1-1',
      'ebuild-audit-mine',
    ].sort();
    const make = (name: string) => {
      mkdirSync(join(path, name));
      if (as === 'user') chownSync(join(path, name), NOBODY, NOBODY);
    };
    try {
      for (const name of [...stale, ...kept]) make(name);
      await bench.report(start('true').child);
      expect(given?.list()).toEqual(kept);
      for (const name of stale) make(name);
      execFileSync('sh', ['-c', 'echo $$ > "$1/cgroup.procs"; exec "$2" clean', 'sh', path, bench.helper]);
      expect(given?.list()).toEqual(kept);
    } finally {
      for (const name of given?.list() ?? []) rmdirSync(join(path, name));
    }
  });
});

/** The start time in clock ticks and the PID namespace of this process (proc_pid_stat(5)). */
function self(): { readonly start: string; readonly namespace: string } {
  const stat = readFileSync('/proc/self/stat', 'latin1');
  return {
    start: stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '',
    namespace: /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '',
  };
}
