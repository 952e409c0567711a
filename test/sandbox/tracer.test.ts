import { afterAll, beforeAll, describe, expect } from 'vitest';
import type { ProcessEvent } from '../../server/src/sandbox/event.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { who } from '../support/user.ts';
import type { RunnerReport } from './runner.ts';
import { about, type Bench, execs, gaps, missing, openBench } from './setup.ts';

const CALLS = String.raw`
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
static void *in_thread(void *name) { open(name, O_RDONLY); return NULL; }
static char *low(const char *text) {
  char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
  return strcpy(p, text);
}
int main(int argc, char **argv) {
  const char *mode = argv[1];
  struct stat st;
  if (!strcmp(mode, "open")) {
    open("/probe/open", O_RDONLY); stat("/probe/stat", &st); access("/probe/access", R_OK);
    char b[9]; readlink("/probe/readlink", b, sizeof b);
    open("/probe/write", O_WRONLY);
    struct { unsigned long long flags, mode, resolve; } how = { O_RDWR, 0, 0 };
    syscall(437, AT_FDCWD, "/probe/openat2", &how, sizeof how);
    syscall(332, AT_FDCWD, "/probe/statx", 0, 0, b);
    syscall(439, AT_FDCWD, "/probe/faccessat2", 0, 0);
    syscall(85, "/probe/creat", 0644);
  } else if (!strcmp(mode, "threads")) {
    char names[8][32]; pthread_t t[8];
    for (int i = 0; i < 8; i++) { sprintf(names[i], "/probe/thread-%d", i); pthread_create(&t[i], NULL, in_thread, names[i]); }
    for (int i = 0; i < 8; i++) pthread_join(t[i], NULL);
  } else if (!strcmp(mode, "vfork")) {
    pid_t p = vfork();
    if (p == 0) { execl("/fixture/calls", "calls", "open", NULL); _exit(1); }
    waitpid(p, NULL, 0); access("/probe/after-vfork", F_OK);
  } else if (!strcmp(mode, "paths")) {
    mkdir("sub", 0755); access("probe-relative", F_OK); chdir("sub"); access("probe-after-chdir", F_OK); access("../probe-up", F_OK);
    int fd = open("/usr/include", O_RDONLY | O_DIRECTORY); fstatat(fd, "probe-dirfd", &st, 0); openat(fd, "", O_RDONLY);
    symlink("/usr/include", "link"); access("link/probe-through-link", F_OK);
    access("probe-\xff\xfe", F_OK);
    char long_path[5000]; memset(long_path, 'a', sizeof long_path); long_path[4999] = 0; access(long_path, F_OK);
    access((char *)1, F_OK); access(NULL, F_OK); syscall(SYS_openat, 12345, "probe-bad-fd", 0);
    close(fd);
  } else if (!strcmp(mode, "changes")) {
    mkdir("probe-d", 0755); close(open("probe-d/f", O_CREAT | O_WRONLY, 0644)); rename("probe-d/f", "probe-d/g");
    link("probe-d/g", "probe-d/h"); symlink("x", "probe-d/s"); unlink("probe-d/s"); unlink("probe-d/h"); unlink("probe-d/g"); rmdir("probe-d");
  } else if (!strcmp(mode, "fstat")) {
    for (int i = 0; i < 1000; i++) fstat(0, &st);
  } else if (!strcmp(mode, "edge")) {
    /* A path that ends exactly at the end of a mapping, and one that runs into the hole behind it. */
    char *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); munmap(p + 4096, 4096);
    memset(p, 'z', 4096); access(p + 4000, F_OK);
    strcpy(p + 4096 - 12, "/probe/edge"); access(p + 4096 - 12, F_OK);
  } else if (!strcmp(mode, "int80")) {
    char *name = low("/probe/int80"); long r;
    __asm__ volatile("int $0x80" : "=a"(r) : "a"(5), "b"(name), "c"(0), "d"(0) : "memory");
    char *made = low("/probe/int80-stat");
    __asm__ volatile("int $0x80" : "=a"(r) : "a"(195), "b"(made), "c"(name + 2048) : "memory");
    printf("%ld\n", r);
  } else if (!strcmp(mode, "uring")) {
    printf("%d\n", (int)syscall(425, 8, 0));
  } else if (!strcmp(mode, "namespace")) {
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) perror("unshare");
  } else if (!strcmp(mode, "orphan")) {
    /* A middle process that makes no traced call and leaves before its child does anything. */
    if (fork() == 0) { if (fork() == 0) { usleep(200000); execl("/fixture/calls", "calls", "open", NULL); } _exit(0); }
    wait(NULL); sleep(1);
  } else if (!strcmp(mode, "forks")) {
    for (int i = 0; i < 300; i++) { if (fork() == 0) { char n[40]; sprintf(n, "/probe/fork-%d", i); access(n, F_OK); _exit(0); } wait(NULL); }
  } else if (!strcmp(mode, "hostile")) {
    /* A path that another thread keeps changing, and processes killed in the middle of their calls. */
    for (int i = 0; i < 40; i++) { pid_t p = fork(); if (p == 0) for (;;) access("/probe/hostile", F_OK); usleep(1000); kill(p, 9); waitpid(p, NULL, 0); }
  }
  return 0;
}`;

const can = requireOrSkip(missing);

/** The chain of programs from the sandbox's first process down to the process that executed `path`. */
function ancestry(report: RunnerReport, serial: number): number[] {
  const parents = new Map(
    report.events
      .filter((event): event is ProcessEvent => event.kind === 'process')
      .map((event) => [event.serial, event.parent]),
  );
  const chain: number[] = [];
  for (let at: number | undefined = serial; at !== undefined && at > 0; at = parents.get(at))
    chain.unshift(at);
  return chain;
}

describe.each(who)('the tracer as %s', (as) => {
  let bench: Bench;
  const trace = (...command: string[]) => bench.run(as, bench.request(bench.spec({ command })));

  beforeAll(async () => {
    if (missing) return;
    bench = await openBench();
    bench.compile('calls', CALLS, ['-static']);
    bench.compile('dynamic', CALLS);
    bench.write('one', '#! /fixture/two -x\n', 0o755);
    bench.write('two', '#!/usr/bin/env sh\nexit 0\n', 0o755);
  });
  afterAll(() => bench?.remove());

  can('sees every family of calls of a static binary', async () => {
    const report = await trace('/fixture/calls', 'open');
    expect(report.status).toBe(0);
    expect(about(report, '/probe/')).toEqual([
      'open /probe/open',
      'stat /probe/stat',
      'access /probe/access',
      'readlink /probe/readlink',
      'write /probe/write',
      'write /probe/openat2',
      'stat /probe/statx',
      'access /probe/faccessat2',
      'write /probe/creat',
    ]);
    expect(gaps(report)).toEqual([]);
  });

  can('sees the libraries of a dynamic binary', async () => {
    expect(about(await trace('/fixture/dynamic', 'fstat'), 'libc.so')).toContainEqual(
      expect.stringMatching(/^open \/.*libc\.so/),
    );
  });

  can('counts threads to their process', async () => {
    const report = await trace('/fixture/calls', 'threads');
    expect(about(report, '/probe/').sort()).toEqual(
      [0, 1, 2, 3, 4, 5, 6, 7].map((i) => `open /probe/thread-${i}`),
    );
    expect(report.events.filter((event) => event.kind === 'process')).toHaveLength(1);
  });

  can('follows vfork and exec', async () => {
    const report = await trace('/fixture/calls', 'vfork');
    expect(execs(report).map(({ argv, serial }) => [serial, ...argv])).toEqual([
      [1, '/fixture/calls', 'vfork'],
      [2, 'calls', 'open'],
    ]);
    const after = report.events.find(
      (event) => event.kind === 'access' && event.path === '/probe/after-vfork',
    );
    expect(after).toMatchObject({ serial: 1 });
    expect(ancestry(report, 2)).toEqual([1, 2]);
  });

  can('makes relative paths absolute and survives bad ones', async () => {
    const report = await trace('/fixture/calls', 'paths');
    expect(report.status).toBe(0);
    expect(about(report, 'probe-')).toEqual([
      'access /work/probe-relative',
      'access /work/sub/probe-after-chdir',
      'access /work/sub/../probe-up',
      'stat /usr/include/probe-dirfd',
      'access /work/sub/link/probe-through-link',
      'access /work/sub/probe-\udcff\udcfe',
    ]);
  });

  can('reports mutations one by one and in order', async () => {
    expect(about(await trace('/fixture/calls', 'changes'), 'probe-d')).toEqual([
      'mkdir /work/probe-d',
      'write /work/probe-d/f',
      'rename /work/probe-d/f',
      'rename /work/probe-d/g',
      'link /work/probe-d/g',
      'link /work/probe-d/h',
      'link /work/probe-d/s',
      'unlink /work/probe-d/s',
      'unlink /work/probe-d/h',
      'unlink /work/probe-d/g',
      'unlink /work/probe-d',
    ]);
  });

  can('reads a path up to the edge of a mapping and not beyond', async () => {
    const report = await trace('/fixture/calls', 'edge');
    expect(report.status).toBe(0);
    expect(about(report, 'probe')).toEqual(['access /probe/edge']);
    expect(about(report, 'zzz')).toEqual([]);
  });

  can('sees 32-bit calls of a 64-bit program', async () => {
    const report = await trace('/fixture/calls', 'int80');
    expect(report.status).toBe(0);
    expect(about(report, 'int80')).toEqual(['open /probe/int80', 'stat /probe/int80-stat']);
  });

  can('does not report fstat, nor the same look-up twice', async () => {
    const report = await trace('/bin/sh', '-c', 'for i in 1 2 3 4 5 6 7 8 9; do test -e /probe/same; done');
    expect(about(report, '/probe/')).toHaveLength(1);
    expect((await trace('/fixture/calls', 'fstat')).events.length).toBeLessThan(10);
  });

  can('answers io_uring with ENOSYS and says so', async () => {
    const report = await trace('/fixture/calls', 'uring');
    expect(report.output).toBe('-1\n');
    expect(gaps(report)).toEqual([expect.stringContaining('io_uring')]);
  });

  can('says when a process makes its own mounts', async () => {
    expect(gaps(await trace('/fixture/calls', 'namespace'))).toEqual([
      expect.stringContaining('changed its root folder'),
    ]);
  });

  can('keeps the children of silent subshells on the right parent', async () => {
    const report = await trace(
      '/bin/sh',
      '-c',
      'x=$(y=$(/bin/true; /bin/true); /bin/true); (/bin/true; :); exec /fixture/calls orphan',
    );
    const names = execs(report).map(({ serial, path }) => [path, ancestry(report, serial).length]);
    expect(names).toEqual([
      ['/bin/sh', 1],
      ['/bin/true', 4],
      ['/bin/true', expect.any(Number)],
      ['/bin/true', expect.any(Number)],
      ['/bin/true', 3],
      ['/fixture/calls', 1],
      ['/fixture/calls', 3],
    ]);
    expect(gaps(report)).toEqual([]);
  });

  can('gives every process its own serial', async () => {
    const report = await trace('/fixture/calls', 'forks');
    const serials = new Set(
      report.events.flatMap((event) =>
        event.kind === 'access' && event.path.startsWith('/probe/fork-') ? [event.serial] : [],
      ),
    );
    expect(serials.size).toBe(300);
  });

  can('survives processes that die within their calls', async () => {
    const report = await trace('/fixture/calls', 'hostile');
    expect(report.status).toBe(0);
    expect(new Set(about(report, '/probe/'))).toEqual(new Set(['access /probe/hostile']));
  });

  can('follows #! lines and tells missing programs', async () => {
    const report = await trace('/bin/sh', '-c', '/fixture/one a b; /nowhere/tool; true');
    const byPath = new Map(execs(report).map((event) => [event.path, event]));
    expect(byPath.get('/fixture/one')).toMatchObject({
      argv: ['/fixture/one', 'a', 'b'],
      interpreters: ['/fixture/two', '/usr/bin/env'],
      found: true,
    });
    expect(byPath.get('/nowhere/tool') ?? { found: false }).toMatchObject({ found: false });
  });

  can('cuts arguments after 64 and 4 KiB', async () => {
    const many = Array.from({ length: 100 }, (_, i) => String(i));
    const [first] = execs(await trace('/bin/true', ...many));
    expect(first?.argv).toHaveLength(64);
    const [long] = execs(await trace('/bin/true', 'x'.repeat(10000), 'y'));
    expect(long?.argv.join('').length).toBe(4096);
  });

  can('reports the status of the command, or 128 and the signal', async () => {
    expect((await trace('/bin/sh', '-c', 'exit 7')).status).toBe(7);
    expect((await trace('/bin/sh', '-c', 'kill -9 $$')).status).toBe(137);
    expect((await trace('/bin/sh', '-c', 'exit 1')).events.at(-1)).toEqual({ kind: 'end', status: 1 });
  });
});
