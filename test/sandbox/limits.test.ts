import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  DEFAULT_LIMITS,
  describeExceeded,
  LIMIT_NAMES,
  parseAmount,
  parseLimit,
  printAmount,
} from '../../server/src/sandbox/limits.ts';
import type { SandboxLimits, SandboxSpec } from '../../server/src/sandbox/sandbox.ts';
import { type GivenCgroup, giveCgroup, noCgroups } from '../support/cgroups.ts';
import { processesWith } from '../support/processes.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { isRoot, mostly, NOBODY } from '../support/user.ts';
import { type Bench, missing, openBench } from './setup.ts';

const can = requireOrSkip(missing);
const MIB = 1024 * 1024;

/** A build that uses up one resource for each word. Without a limit, each would go on forever. */
const GREEDY = `
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

static char block[1 << 20];

static void *wait_for_ever(void *unused) { pause(); return unused; }

static void fill(int fd, int most)
{
	memset(block, 'x', sizeof block);
	for (int i = 0; most == 0 || i < most; i++)
		if (write(fd, block, sizeof block) != sizeof block)
			usleep(1000);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	struct rlimit all;
	/* A hostile program would begin with this. */
	getrlimit(RLIMIT_NPROC, &all);
	all.rlim_cur = all.rlim_max;
	setrlimit(RLIMIT_NPROC, &all);
	if (strcmp(what, "bomb") == 0) {
		for (int i = 1; i < 65; i++)
			signal(i, SIG_IGN);
		for (;;)
			if (fork() == 0) {
				setsid();
				if (fork() != 0)
					_exit(0);
			}
	}
	if (strcmp(what, "stopped") == 0)
		for (;;)
			if (fork() == 0)
				raise(SIGSTOP);
	if (strcmp(what, "threads") == 0)
		for (pthread_t t;;)
			if (pthread_create(&t, NULL, wait_for_ever, NULL) != 0)
				usleep(1000);
	if (strcmp(what, "heap") == 0)
		for (;;) {
			char *p = malloc(sizeof block);
			if (p)
				memset(p, 1, sizeof block);
		}
	if (strcmp(what, "memfd") == 0)
		fill(memfd_create("flood", 0), 0);
	if (strcmp(what, "segment") == 0)
		for (int i = 0;; i++) {
			int id = shmget(IPC_PRIVATE, sizeof block, IPC_CREAT | 0600);
			void *p = id < 0 ? (void *)-1 : shmat(id, NULL, 0);
			if (p == (void *)-1)
				usleep(1000);
			else {
				memset(p, 1, sizeof block);
				shmdt(p);
			}
		}
	if (strcmp(what, "file") == 0)
		fill(open(argv[2], O_WRONLY | O_CREAT, 0600), 0);
	if (strcmp(what, "nameless") == 0)
		for (;;) {
			int fd = open(argv[2], O_WRONLY | O_CREAT, 0600);
			unlink(argv[2]);
			if (fd < 0)
				usleep(1000);
			else
				fill(fd, 4);
		}
	if (strcmp(what, "tiny") == 0)
		for (int i = 0;; i++) {
			char name[4096];
			snprintf(name, sizeof name, "%s/%d", argv[2], i);
			if (mknod(name, S_IFREG | 0600, 0) != 0)
				usleep(1000);
		}
	if (strcmp(what, "deep") == 0)
		for (;;)
			if (mkdir("d", 0700) != 0 || chdir("d") != 0)
				usleep(1000);
	if (strcmp(what, "output") == 0)
		fill(1, 0);
	pause();
}
`;

/** The state of a process in one letter (proc_pid_stat(5)). */
function stateOf(pid: string): string {
  return /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1] ?? '';
}

/** Continues a stopped process after all its children have ended. `file` will hold its number. */
async function continueAfterChildren(file: string): Promise<void> {
  while (!existsSync(file)) await sleep(10);
  const pid = readFileSync(file, 'utf8').trim();
  const states = () =>
    readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(stateOf).join('');
  while (stateOf(pid) !== 'T' || !/^Z+$/.test(states())) await sleep(10);
  process.kill(Number(pid), 'SIGCONT');
}

describe.each(mostly('user'))('a run that takes too much, as %s', (as) => {
  let bench: Bench;
  let count = 0;
  let work: string;
  /** Root has a cgroup for its runs, the ordinary user has none. */
  let given: GivenCgroup | undefined;
  beforeAll(async () => {
    if (missing) return;
    bench = await openBench();
    bench.compile('greedy', GREEDY);
    if (as === 'root' && !noCgroups) given = giveCgroup(as, 'limits');
  });
  afterAll(() => {
    // Node cannot remove folders that are this deep.
    for (const name of bench ? readdirSync(bench.folder) : []) {
      if (name.startsWith('work-')) execFileSync('rm', ['-rf', join(bench.folder, name)]);
    }
    bench?.remove();
    given?.remove();
  });

  /** Runs it with one low limit, and defaults for the others. */
  async function run(
    words: readonly string[],
    limits: Partial<SandboxLimits>,
    more: Partial<SandboxSpec> = {},
    options: { readonly bwrap?: string; readonly meanwhile?: () => Promise<void> } = {},
  ) {
    work = join(bench.folder, `work-${++count}`);
    mkdirSync(work);
    if (as === 'user' && isRoot) chownSync(work, NOBODY, NOBODY);
    const marker = `marker-limits-${as}-${process.pid}-${count}`;
    const spec = bench.spec({
      command: ['/fixture/greedy', ...words],
      binds: [
        { source: join(bench.folder, 'fixture'), target: '/fixture', writable: false },
        { source: work, target: '/build', writable: true },
      ],
      workingDirectory: '/build',
      environment: { PATH: '/usr/bin:/bin', MARKER: marker },
      limits: { ...DEFAULT_LIMITS, ...limits },
      // The tracer is needed only to answer every fork.
      trace: limits.processes !== undefined,
      ...more,
    });
    const sandbox = { helper: bench.helper, ...(options.bwrap && { bwrap: options.bwrap }) };
    const child = bench.start(as, bench.request(spec, { options: sandbox }));
    given?.join(child);
    const [report] = await Promise.all([bench.report(child), options.meanwhile?.()]);
    expect({ cgroups: given?.list() ?? [], processes: processesWith(marker) }).toEqual({
      cgroups: [],
      processes: [],
    });
    expect(report.children).toBe('');
    expect(report.mounts).not.toContain(spec.staging);
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(spec.staging);
    expect(readdirSync(spec.staging)).toEqual([]);
    return report;
  }

  const cases: readonly (readonly [string, readonly string[], Partial<SandboxLimits>])[] = [
    ['a fork bomb of daemons that ignore every signal', ['bomb'], { processes: 300 }],
    ['processes that have stopped themselves', ['stopped'], { processes: 100 }],
    ['threads', ['threads'], { processes: 200 }],
    ['memory', ['heap'], { memory: 200 * MIB }],
    ['memory in files without a name', ['memfd'], { memory: 200 * MIB }],
    ['memory in segments that nobody is attached to', ['segment'], { memory: 200 * MIB }],
    ['an in-memory folder', ['file', '/tmp/flood'], { memory: 200 * MIB }],
    ['shared memory', ['file', '/dev/shm/flood'], { memory: 200 * MIB }],
    ['the disk', ['file', '/build/flood'], { disk: 200 * MIB }],
    ['the disk with files that have no name any more', ['nameless', '/build/flood'], { disk: 200 * MIB }],
    ['tiny files', ['tiny', '/build'], { files: 5000 }],
    ['tiny files in memory', ['tiny', '/tmp'], { files: 5000 }],
    ['folders in folders', ['deep'], { files: 5000 }],
    ['output', ['output'], { output: 3 * MIB }],
    ['time', ['sleep'], { time: 700 }],
  ];
  for (const [title, words, limits] of cases) {
    can(`is ended: ${title}`, async () => {
      const report = await run(words, limits);
      expect(report.exceeded).toBe(Object.keys(limits)[0]);
      // The status is that of SIGKILL, or of SIGXFSZ or SIGPIPE if the command failed to write first.
      expect([137, 141, 153]).toContain(report.status);
      if (limits.output !== undefined) expect(report.output.length).toBe(limits.output);
    });
  }

  can('is ended within a second of the moment that it is too much', async () => {
    const { exceeded, elapsed } = await run(['sleep'], { time: 1000 });
    expect(exceeded).toBe('time');
    expect(elapsed).toBeLessThan(2000);
  });

  can('is not ended while it keeps within the limits', async () => {
    const { exceeded, status, output } = await run(
      [],
      {},
      {
        command: [
          '/bin/sh',
          '-c',
          'head -c 50000000 /dev/zero > big; for i in 1 2 3 4 5; do sleep 0.2 & done; wait; echo fine',
        ],
      },
    );
    expect({ exceeded, status, output }).toEqual({ status: 0, output: 'fine\n' });
  });

  can('what lay in its folders before does not count', async () => {
    const shared = join(bench.folder, `shared-${as}`);
    mkdirSync(shared);
    if (as === 'user' && isRoot) chownSync(shared, NOBODY, NOBODY);
    const again = (script: string) =>
      run(
        [],
        { disk: 40 * MIB, files: 50 },
        {
          command: ['/bin/sh', '-c', `${script}`],
          binds: [{ source: shared, target: '/build', writable: true }],
        },
      );
    const fill = (name: string) =>
      `head -c 30000000 /dev/urandom > ${name}; mkdir d${name}; for i in $(seq 40); do : > d${name}/$i; done`;
    expect((await again(fill('a'))).exceeded).toBeUndefined();
    expect((await again(fill('b'))).exceeded).toBeUndefined();
    expect((await again(`${fill('c')}; ${fill('d')}`)).exceeded).toMatch(/disk|files/);
  });

  can('what a layered folder takes is counted', async () => {
    const [lower = '', upper = '', kernelWork = ''] = ['lower', 'upper', 'kernel'].map((name) => {
      const folder = join(bench.folder, `${name}-${as}`);
      mkdirSync(folder);
      if (as === 'user' && isRoot) chownSync(folder, NOBODY, NOBODY);
      return folder;
    });
    const layered = [{ target: '/layered', lower: [lower], upper, kernelWork }];
    const { exceeded } = await run(['file', '/layered/flood'], { disk: 100 * MIB }, { layered });
    expect(exceeded).toBe('disk');
  });

  can('what a command took that had ended before the supervisor heard of it is counted', async () => {
    const folder = join(bench.folder, `stopped-${as}`);
    mkdirSync(folder);
    if (as === 'user' && isRoot) chownSync(folder, NOBODY, NOBODY);
    const bwrap = join(bench.folder, `bwrap-${as}`);
    const stop = `#!/bin/sh\necho $PPID > ${folder}/new && mv ${folder}/new ${folder}/pid && kill -STOP $PPID && exec bwrap "$@"\n`;
    writeFileSync(bwrap, stop, { mode: 0o755 });
    // The command writes a file as large as the kernel allows, and is then killed by the kernel.
    const { exceeded } = await run(
      ['file', '/build/flood'],
      { disk: 100 * MIB },
      {},
      { bwrap, meanwhile: () => continueAfterChildren(join(folder, 'pid')) },
    );
    expect(exceeded).toBe('disk');
  });

  can('finds no memory to fill that is not counted', async () => {
    const script =
      'for f in $(find / -xdev -type d 2> /dev/null) /dev /run /dev/pts /proc /tmp; do : 2> /dev/null > $f/new && echo $f; done';
    const { output } = await run(
      [],
      {},
      { command: ['/bin/bash', '-c', `(${script}) 2> /dev/null | sort -u`], scratch: [] },
    );
    expect(output).toBe('/build\n/tmp\n');
  });

  can('the first process that the kernel would kill when memory is short', async () => {
    const { output } = await run([], {}, { command: ['/bin/cat', '/proc/self/oom_score_adj'] });
    expect(Number(output)).toBeGreaterThanOrEqual(500);
  });
});

describe('the value of a limit', () => {
  test.each([
    ['processes', '4096', 4096],
    ['files', '2M', 2_000_000],
    ['files', '50 k', 50_000],
    ['memory', '8G', 8 * 1024 * MIB],
    ['memory', '1.5 GiB', 1536 * MIB],
    ['disk', '512mb', 512 * MIB],
    ['output', '1000', 1000],
    ['time', '90m', 5_400_000],
    ['time', '1h30m', 5_400_000],
    ['time', '90', 90_000],
    ['time', '250ms', 250],
    ['time', 'none', 0],
  ] as const)('%s=%s', (limit, text, value) => {
    expect(parseLimit(`${limit}=${text}`)).toEqual({ limit, value });
  });

  test.each([
    ['memory', /^"memory" is no|^"" is no value for the limit "memory": write for example memory=8G\.$/],
    ['memory=', /"" is no value/],
    ['memory=8X', /"8X" is no value for the limit "memory": write for example memory=8G\.$/],
    ['memory=-1', /is no value/],
    ['memory=8G8G', /is no value/],
    ['memory=0', /is no value/],
    ['processes=4G', /write for example processes=4096/],
    ['time=1h30', /write for example time=90m/],
    ['time=99999999999999999d', /is no value/],
    ['speed=1', /"speed" is no limit: .* processes, memory, disk, files, output, time\.$/],
    ['', /is no limit/],
  ])('%j is refused', (text, sentence) => {
    const parsed = parseLimit(text);
    expect('problem' in parsed && parsed.problem).toMatch(sentence);
  });

  test('is read again as it was printed in the advice', () => {
    fc.assert(
      fc.property(fc.constantFrom(...LIMIT_NAMES), fc.integer({ min: 1, max: 2 ** 40 }), (limit, value) => {
        const limits = { ...DEFAULT_LIMITS, [limit]: value };
        const advice = /--limit (\S+)"\.$/.exec(describeExceeded(limit, limits))?.[1] ?? '';
        expect(parseLimit(advice)).toEqual({ limit, value: value * 2 });
      }),
    );
  });

  test('any text at all is a value or none', () => {
    fc.assert(
      fc.property(fc.constantFrom(...LIMIT_NAMES), fc.string(), (limit, text) => {
        const value = parseAmount(limit, text);
        expect(value === undefined || (Number.isSafeInteger(value) && value >= 0)).toBe(true);
      }),
    );
  });

  test('is told in units of people', () => {
    const limits: SandboxLimits = {
      processes: 4096,
      memory: 18 * 1024 * MIB,
      disk: 20 * 1024 * MIB,
      files: 2_000_000,
      output: 256 * MIB,
      time: 4 * 3_600_000,
    };
    expect(LIMIT_NAMES.map((limit) => printAmount(limit, limits[limit]))).toEqual([
      '4,096',
      '18 GiB',
      '20 GiB',
      '2,000,000',
      '256 MiB',
      '4 h',
    ]);
    expect(printAmount('time', 0)).toBe('none');
    expect(describeExceeded('memory', limits)).toBe(
      'The build was stopped because it used more than 18 GiB of memory: if it needs that, raise the setting "ebuildAudit.limits.memory" or give "--limit memory=36G".',
    );
  });

  test('leaves a quarter of the memory alone', () => {
    expect(DEFAULT_LIMITS.memory).toBeGreaterThan(0);
    expect(Object.keys(DEFAULT_LIMITS)).toEqual([...LIMIT_NAMES]);
  });
});
