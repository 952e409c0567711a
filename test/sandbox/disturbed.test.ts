import { type ChildProcess, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { DEFAULT_LIMITS } from '../../server/src/sandbox/limits.ts';
import { processesWith, waitUntilGone } from '../support/processes.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { isRoot, mostly, type who } from '../support/user.ts';
import type { RunnerReport } from './runner.ts';
import { type Bench, missing, openBench } from './setup.ts';

const MIB = 2 ** 20;
/** Keeps so many MiB in memory. */
const fill = (size: number) => `head -c ${size}M /dev/zero | tail -c ${size}M | cat > /dev/null`;

/** Sends a signal to one thread: tgkill PROCESS THREAD SIGNAL. */
const TGKILL = `#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(int n, char **v) { return n < 4 || syscall(SYS_tgkill, atoi(v[1]), atoi(v[2]), atoi(v[3])) != 0; }
`;

let bench: Bench;
let count = 0;
beforeAll(async () => {
  if (missing !== undefined) return;
  bench = await openBench();
  bench.compile('tgkill', TGKILL);
});
afterAll(() => bench?.remove());

interface Started {
  readonly child: ChildProcess;
  readonly marker: string;
  readonly ended: Promise<RunnerReport>;
}

/** Starts a run and waits until its command has said "ready". */
async function start(as: (typeof who)[number], script: string, container?: Container): Promise<Started> {
  const marker = `disturbed-${as}-${process.pid}-${++count}-end`;
  const spec = bench.spec({
    command: ['/bin/sh', '-c', `echo ready; ${script}`],
    environment: { PATH: '/usr/bin:/bin', MARKER: marker },
    limits: DEFAULT_LIMITS,
  });
  const child = bench.start(as, bench.request(spec, { announce: 'ready' }));
  container?.join(child);
  const ended = bench.report(child);
  await new Promise((resolve) => child.stderr?.once('data', resolve));
  return { child, marker, ended };
}

/** Expects one sentence, no status, and nothing that goes on. */
async function expectDisturbed({ marker, ended }: Started, sentence: RegExp): Promise<void> {
  const report = await ended;
  expect(report.status).toBeUndefined();
  expect(report.reason).toMatch(/^(?:failed|disturbed)$/);
  expect(report.message).toMatch(sentence);
  expect(report.message).toMatch(/^[^.]*\.$/);
  expect(await waitUntilGone(marker, 1000)).toEqual([]);
  expect(report.children).toBe('');
}

describe.each(mostly('root'))('a part of the helper that is killed alone, as %s', (as) => {
  const can = requireOrSkip(missing);
  /** The supervisor, the relay and the watcher, in the order in which they start. */
  const parts = (marker: string) =>
    processesWith(marker, `${bench.helper}\0run\0`)
      .map(Number)
      .sort((left, right) => left - right);
  const WAITS = 'sleep 20; echo "the build went on"';

  can('the relay: the output is lost', async () => {
    const run = await start(as, WAITS);
    process.kill(parts(run.marker)[1] ?? 0, 'SIGKILL');
    await expectDisturbed(run, /^The output of the build is lost .*: try again\.$/);
  });

  can('the watcher: no limit would hold', async () => {
    const run = await start(as, WAITS);
    for (let i = 0; i < 100 && parts(run.marker).length < 3; i++) await sleep(10);
    process.kill(parts(run.marker)[2] ?? 0, 'SIGKILL');
    await expectDisturbed(run, /^The limits of the trial cannot be watched/);
  });

  can('bubblewrap: the status is not that of the command', async () => {
    const run = await start(as, WAITS);
    const [outer = 0] = processesWith(run.marker, 'bwrap\0')
      .map(Number)
      .sort((left, right) => left - right);
    process.kill(outer, 'SIGKILL');
    await expectDisturbed(run, /^bubblewrap was killed by signal 9 \(SIGKILL\) and not by us/);
  });

  can(
    'a thread of the supervisor is part of the whole, and a signal to one alone changes nothing',
    async () => {
      const run = await start(
        as,
        'for i in 1 2 3 4 5 6 7 8 9 10; do test -e /probe/$i; sleep 0.1; done; sleep 4',
      );
      const threads = new Set<string>();
      for (let i = 0; i < 8; i++) {
        const pid = `${parts(run.marker)[0]}`;
        for (const thread of readdirSync(`/proc/${pid}/task`)) {
          threads.add(thread);
          execFileSync(join(bench.folder, 'fixture/tgkill'), [pid, thread, `${constants.signals.SIGUSR1}`]);
        }
        await sleep(20);
      }
      const { status, events } = await run.ended;
      expect(status).toBe(0);
      const probed = events.filter((event) => event.kind === 'access' && event.path.startsWith('/probe/'));
      expect(probed).toHaveLength(10);
      expect(threads.size).toBeGreaterThan(1);
    },
  );
});

/** A cgroup that counts memory and has a limit of its own, as a container has around the product. */
interface Container {
  join(child: ChildProcess): void;
  remove(): void;
}

/** The place for such a cgroup: of version 2 if that counts memory here, else of version 1. */
const place = ['/sys/fs/cgroup', '/sys/fs/cgroup/memory'].find(
  (path) => existsSync(join(path, 'memory.limit_in_bytes')) || listWords(path).includes('memory'),
);

function listWords(path: string): string[] {
  const file = join(path, 'cgroup.subtree_control');
  return existsSync(file) ? readFileSync(file, 'utf8').split(/\s+/) : [];
}

function openContainer(memory: number): Container {
  const path = join(place ?? '', `disturbed-${process.pid}`);
  mkdirSync(path);
  const set = (name: string, value: number) => {
    if (existsSync(join(path, name))) writeFileSync(join(path, name), `${value}`);
  };
  for (const name of ['memory.max', 'memory.limit_in_bytes']) set(name, memory);
  set('memory.swap.max', 0);
  return {
    join: ({ pid }) => writeFileSync(join(path, 'cgroup.procs'), `${pid}`),
    remove: () => rmdirSync(path),
  };
}

describe('the memory around a run', () => {
  const can = requireOrSkip(
    missing ??
      (!isRoot
        ? 'only root can make such a cgroup'
        : place === undefined
          ? 'no cgroup counts memory here (mount -t cgroup2 none /sys/fs/cgroup)'
          : undefined),
  );

  can('a container that is full ends the run, and the build is not blamed', async () => {
    const container = openContainer(300 * MIB);
    try {
      // The command goes on after its pipe was killed, as make -k does, and ends well.
      const run = await start('root', `sleep 0.3; ${fill(600)}; exit 0`, container);
      await expectDisturbed(run, /^The kernel ended a process of the build because .* ran out of memory: /);
    } finally {
      container.remove();
    }
  });
});
