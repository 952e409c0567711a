import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import type { ProcessEvent } from '../../server/src/trace/event.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { mostly } from '../support/user.ts';
import type { RunnerReport } from './runner.ts';
import { about, accesses, type Bench, execs, gaps, missing, openBench } from './setup.ts';

const CALLS = String.raw`
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <dirent.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
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
  } else if (!strcmp(mode, "x32")) {
    /* The filter sees the call even if the kernel has no x32. */
    long r; char *name = low("/probe/x32");
    __asm__ volatile("syscall" : "=a"(r) : "a"(0x40000000 | 2), "D"(name), "S"(0), "d"(0) : "rcx", "r11", "memory");
  } else if (!strcmp(mode, "links")) {
    symlink("/usr/include", "to-root"); symlink("to-root", "twice"); mkdir("d", 0755); symlink("../twice", "d/up");
    access("to-root/probe-x", F_OK); access("twice/stdio.h", F_OK); access("d/up/probe-y", F_OK); lstat("twice", &st);
    unlink("to-root"); symlink("/nowhere", "to-root"); access("twice/probe-late", F_OK);
  } else if (!strcmp(mode, "results")) {
    access("/usr/include", F_OK); access("/usr/include/stdio.h", F_OK); access("/usr/include/probe-none", F_OK);
    access("later", F_OK); close(open("later", O_CREAT | O_WRONLY, 0644)); stat("later", &st); access("/proc/self/maps", F_OK);
    lstat("/bin", &st); stat("/bin", &st);
  } else if (!strcmp(mode, "readdir")) {
    closedir(opendir("/usr/include")); close(open("/usr/share", O_RDONLY)); close(open("/usr/lib", O_PATH | O_DIRECTORY));
    if (chdir("/usr/include/probe-nowhere") == 0) return 1;
  } else if (!strcmp(mode, "connect")) {
    struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = "/probe/socket" };
    struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(53), .sin_addr.s_addr = inet_addr("192.0.2.7") };
    struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(443), .sin6_addr = IN6ADDR_LOOPBACK_INIT };
    connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&un, sizeof un);
    un.sun_path[0] = 0; connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&un, 2 + 14);
    connect(socket(AF_INET6, SOCK_STREAM, 0), (void *)&in6, sizeof in6);
    int udp = socket(AF_INET, SOCK_DGRAM, 0);
    sendto(udp, "x", 1, 0, (void *)&in, sizeof in);
    struct iovec io = { "x", 1 }; struct mmsghdr m = { .msg_hdr = { .msg_name = &in, .msg_namelen = sizeof in, .msg_iov = &io, .msg_iovlen = 1 } };
    in.sin_port = htons(54); sendmsg(udp, &m.msg_hdr, 0); in.sin_port = htons(55); sendmmsg(udp, &m, 1, 0);
    int pair[2]; socketpair(AF_UNIX, SOCK_STREAM, 0, pair); send(pair[0], "x", 1, 0); connect(udp, (void *)1, 16); connect(udp, (void *)&in, 100000);
  } else if (!strcmp(mode, "execveat")) {
    int fd = open("/bin/true", O_PATH); char *args[] = { "true", NULL };
    if (fork() == 0) { syscall(322, fd, "", args, args + 1, 0x1000); _exit(1); }
    wait(NULL);
    symlink("/fixture/one", "my-link");
    if (fork() == 0) { execl("my-link", "my-link", NULL); _exit(1); }
    wait(NULL);
  } else if (!strcmp(mode, "clone3")) {
    struct { unsigned long long flags, pidfd, child, parent, signal, rest[6]; } a = { .signal = 17 };
    long p = syscall(435, &a, sizeof a);
    if (p == 0) { access("/probe/clone3", F_OK); syscall(SYS_exit_group, 0); }
    waitpid(p, NULL, 0);
  } else if (!strcmp(mode, "listener")) {
    struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW); struct sock_fprog program = { 1, &allow };
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    printf("%ld\n", syscall(317, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program));
    /* Every process may add a filter of its own, and that changes nothing. */
    printf("%ld\n", syscall(317, SECCOMP_SET_MODE_FILTER, 0, &program)); access("/probe/filtered", F_OK);
  } else if (!strcmp(mode, "distinct")) {
    char n[64]; for (int i = 0; i < atoi(argv[2]); i++) { sprintf(n, "/usr/include/probe/%d", i); access(n, F_OK); }
  } else if (!strcmp(mode, "fifo")) {
    mkfifo("pipe", 0755); execl("pipe", "pipe", NULL); access("/probe/after-fifo", F_OK);
  } else if (!strcmp(mode, "uring")) {
    printf("%d\n", (int)syscall(425, 8, 0));
  } else if (!strcmp(mode, "namespace")) {
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) perror("unshare");
  } else if (!strcmp(mode, "orphan")) {
    /* A process in the middle that makes no traced call and ends before its child does anything. */
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

/** The serials from the sandbox's first process down to the given process. */
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

/** Records the peak memory, in KiB, of each helper below a process (proc_pid_status(5)). */
function readPeaks(parent: number, peaks: Map<string, number>): void {
  try {
    for (const pid of readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').split(' ')) {
      const status = pid === '' ? '' : readFileSync(`/proc/${pid}/status`, 'utf8');
      const peak = Number(/^Name:\s*ebuild-audit[\s\S]*^VmHWM:\s*(\d+)/m.exec(status)?.[1] ?? 0);
      if (peak > 0) peaks.set(pid, peak);
    }
  } catch {
    // The process ended between two of these lines.
  }
}

describe.each(mostly('user'))('the tracer as %s', (as) => {
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

  can('sees what a script asks of readlink(1) and realpath(1), whose calls are let through', async () => {
    const report = await trace(
      'sh',
      '-c',
      'cd /usr/lib; readlink -f /probe/a; realpath -e probe-b ../lib/probe-c; env readlink -e -- /usr/include/stdio.h',
    );
    expect(about(report, 'probe')).toEqual([
      'stat /probe/a',
      'stat /usr/lib/probe-b',
      'stat /usr/lib/../lib/probe-c',
    ]);
    const programs = new Map(execs(report).map(({ serial, argv }) => [serial, argv[0]]));
    const asked = accesses(report).filter(({ path }) => /probe|stdio/.test(path));
    expect(asked.map(({ serial, result }) => [programs.get(serial), result])).toEqual([
      ['readlink', 'missing'],
      ['realpath', 'missing'],
      ['realpath', 'missing'],
      ['readlink', 'file'],
    ]);
    expect(gaps(report)).toEqual([]);
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

  can('tells of a program that was started before as it did at first', async () => {
    const report = await trace(
      'sh',
      '-c',
      'for i in 1 2 3; do /fixture/dynamic fstat; /fixture/calls fstat; cat </dev/null; cp /bin/true t; ./t; done',
    );
    const rounds = new Map<string, unknown[]>();
    for (const { kind, serial, argv, ...rest } of execs(report).slice(1)) {
      const name = argv[0] ?? '';
      rounds.set(name, [...(rounds.get(name) ?? []), rest]);
    }
    expect([...rounds.keys()].sort()).toEqual(['./t', '/fixture/calls', '/fixture/dynamic', 'cat', 'cp']);
    for (const [name, [first, ...others]] of rounds) expect(others, name).toEqual([first, first]);
    expect(rounds.get('cat')?.[0]).toMatchObject({ loader: { path: expect.stringContaining('/ld-') } });
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
    const report = await trace('/fixture/calls', 'changes');
    const pairs = accesses(report).filter(({ to }) => to !== undefined);
    expect(pairs.map(({ to }) => to)).toEqual(['/work/probe-d/g', '/work/probe-d/h', 'x']);
    expect(about(report, 'probe-d')).toEqual([
      'mkdir /work/probe-d',
      'write /work/probe-d/f',
      'rename /work/probe-d/f',
      'link /work/probe-d/g',
      'symlink /work/probe-d/s',
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

  can('sees x32 calls', async () => {
    if (process.arch !== 'x64') return;
    expect(about(await trace('/fixture/calls', 'x32'), '/probe/')).toEqual(['open /probe/x32']);
  });

  can('sees the processes of clone3', async () => {
    const report = await trace('/fixture/calls', 'clone3');
    expect(accesses(report).find(({ path }) => path === '/probe/clone3')).toMatchObject({ serial: 2 });
  });

  can('follows the links that the build has made, as they were at the call', async () => {
    const found = accesses(await trace('/fixture/calls', 'links'));
    const hopsOf = (part: string) => found.find(({ path }) => path.endsWith(part))?.hops;
    expect(hopsOf('probe-x')).toEqual(['/usr/include/probe-x']);
    expect(hopsOf('stdio.h')).toEqual(['/work/to-root/stdio.h', '/usr/include/stdio.h']);
    expect(hopsOf('probe-y')).toEqual([
      '/work/d/../twice/probe-y',
      '/work/to-root/probe-y',
      '/usr/include/probe-y',
    ]);
    expect(hopsOf('probe-late')).toEqual(['/work/to-root/probe-late', '/nowhere/probe-late']);
    expect(found.find(({ operation, path }) => operation === 'stat' && path === '/work/twice')).toMatchObject(
      {
        hops: [],
        result: 'file',
      },
    );
  });

  can('says what the view held', async () => {
    const found = accesses(await trace('/fixture/calls', 'results'));
    const results = found
      .filter(({ path }) => /include|later|maps|^.bin$/.test(path))
      .map(({ operation, path, result }) => `${operation} ${path} ${result}`);
    const links = results.splice(-2);
    expect(results).toEqual([
      'access /usr/include folder',
      'access /usr/include/stdio.h file',
      'access /usr/include/probe-none missing',
      'access /work/later missing',
      'write /work/later unknown',
      'stat /work/later file',
      'access /proc/self/maps unknown',
    ]);
    expect(links[1]).toBe('stat /bin folder');
  });

  can('tells the reading of folders and the entering of them', async () => {
    const report = await trace('/fixture/calls', 'readdir');
    expect(report.status).toBe(0);
    expect(about(report, '/usr/')).toEqual([
      'readdir /usr/include',
      'readdir /usr/share',
      'stat /usr/lib',
      'chdir /usr/include/probe-nowhere',
    ]);
  });

  can('tells the addresses of sockets', async () => {
    const report = await trace('/fixture/calls', 'connect');
    expect(report.status).toBe(0);
    const named = report.events.flatMap((event) =>
      event.kind === 'connect' ? [`${event.operation} ${event.family} ${event.path} ${event.port}`] : [],
    );
    expect(named).toEqual([
      'connect unix /probe/socket 0',
      'connect abstract probe/socket\0 0',
      'connect inet6 ::1 443',
      'send inet 192.0.2.7 53',
      'send inet 192.0.2.7 54',
      'send inet 192.0.2.7 55',
    ]);
  });

  can('tells what a descriptor or a link of the build executes', async () => {
    const programs = execs(await trace('/fixture/calls', 'execveat'));
    expect(programs.slice(1, 3)).toMatchObject([
      { path: expect.stringMatching(/\/bin\/true$/), found: true, argv: ['true'] },
      { path: '/work/my-link', hops: ['/fixture/one'], interpreters: [{ path: '/fixture/two' }, {}] },
    ]);
  });

  can('says when a process asks for a listener, and sees on under filters of its own', async () => {
    const report = await trace('/fixture/calls', 'listener');
    expect(report.output).toBe('-1\n0\n');
    expect(about(report, '/probe/')).toEqual(['access /probe/filtered']);
    expect(gaps(report)).toEqual([expect.stringContaining('listener of its own')]);
  });

  can('does not wait for a pipe that is executed', async () => {
    expect(about(await trace('/fixture/calls', 'fifo'), '/probe/')).toEqual(['access /probe/after-fifo']);
  });

  can('loses nothing of many accesses and takes little memory for them', async () => {
    const request = bench.request(bench.spec({ command: ['/fixture/calls', 'distinct', '60000'] }));
    const child = bench.start(as, request);
    const peaks = new Map<string, number>();
    const watch = setInterval(() => readPeaks(child.pid ?? 0, peaks), 20);
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    await new Promise((resolve) => child.on('close', resolve));
    clearInterval(watch);
    const report = JSON.parse(text) as RunnerReport;
    expect(new Set(about(report, '/usr/include/probe/')).size).toBe(60000);
    const most = Math.max(...peaks.values());
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThan(24 * 1024);
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
      interpreters: [
        { path: '/fixture/two', hops: [] },
        { path: '/usr/bin/env', hops: [] },
      ],
      loader: { path: expect.stringMatching(/ld-linux/), hops: [] },
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
