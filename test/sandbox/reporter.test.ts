import { afterAll, beforeAll, describe, expect } from 'vitest';
import type { AccessEvent } from '../../server/src/trace/event.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { mostly } from '../support/user.ts';
import type { RunnerReport } from './runner.ts';
import { accesses, type Bench, gaps, missing, openBench } from './setup.ts';

/** A program that opens files in many ways. It is run under the name of a compiler, which gets a reporter, and under another. */
const OPENS = String.raw`
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
static int try(const char *path, int flags) { int fd = open(path, flags); if (fd >= 0) close(fd); return fd < 0 ? errno : 0; }
static void *in_thread(void *name) {
  char path[64];
  for (int i = 0; i < 200; i++) { sprintf(path, "/usr/include/%s-%d.h", (char *)name, i); try(path, O_RDONLY); }
  return NULL;
}
static void find_line(const char *word, unsigned long *from, unsigned long *to) {
  char line[512]; FILE *maps = fopen("/proc/self/maps", "r"); *from = *to = 0;
  while (fgets(line, sizeof line, maps)) if (strstr(line, word)) sscanf(line, "%lx-%lx", from, to);
  fclose(maps);
}
int main(int argc, char **argv) {
  const char *mode = argv[1];
  unsigned long from, to;
  if (!strcmp(mode, "ways")) {
    mkdir("d", 0755); symlink("/usr/include", "link"); symlink("/usr/include/lost.h", "dangling");
    int all[] = {
      try("/usr/include/stdio.h", O_RDONLY | O_NOCTTY), try("/usr/include/none.h", O_RDONLY), try("/usr/include", O_RDONLY),
      try("/usr/include/stdio.h/x", O_RDONLY), try("link/stdio.h", O_RDONLY), try("link/none-by-link.h", O_RDONLY), try("dangling", O_RDONLY),
      try("here", O_CREAT | O_WRONLY), try("here", O_RDONLY | O_CLOEXEC), try("./d/../here", O_RDONLY), try("", O_RDONLY),
      try("d", O_RDONLY | O_DIRECTORY), try("../usr/include/by-up.h", O_RDONLY), try("here", O_RDONLY | O_NOFOLLOW),
      chdir("d"), try("../here", O_RDONLY), try("../../usr/include/by-two-ups.h", O_RDONLY), chdir("/usr"), try("include/stdlib.h", O_RDONLY),
      try("include/none-from-usr.h", O_RDONLY), try("/proc/self/status", O_RDONLY), try("/dev/null", O_RDONLY), chdir("/"),
      try("usr/include/none-from-root.h", O_RDONLY),
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) printf("%d ", all[i]);
    char deep[4200]; memset(deep, 'a', sizeof deep); deep[4199] = 0; printf("%d ", try(deep, O_RDONLY));
    deep[4095] = 0; printf("%d ", try(deep, O_RDONLY));
    chdir("/work"); struct stat st;
    const char *looked[] = { "/usr/include/stdio.h", "/usr/include/none-to-stat.h", "/usr/include", "link", "link/", "link/stdio.h", "dangling", "here", "",
      "link/none-to-stat-by-link.h", "/usr/include/stdio.h/x", "d/../../usr/include/none-to-stat-by-up.h", "/dev/null", "/proc/self", "/proc/self/maps" };
    for (size_t i = 0; i < sizeof looked / sizeof *looked; i++) {
      int by_stat = stat(looked[i], &st), e1 = by_stat ? errno : st.st_mode, by_lstat = lstat(looked[i], &st), e2 = by_lstat ? errno : st.st_mode;
      int e3 = access(looked[i], F_OK) ? errno : 0, e4 = access(looked[i], W_OK) ? errno : 0; printf("%o %o %d %d\n", e1, e2, e3, e4);
    }
    FILE *file = fopen("/usr/include/errno.h", "r"); printf("%d\n", file != NULL);
  } else if (!strcmp(mode, "many")) {
    char path[64]; for (int i = 0; i < 5000; i++) { sprintf(path, "/usr/include/many-%d.h", i); try(path, O_RDONLY); }
  } else if (!strcmp(mode, "threads")) {
    char names[4][8]; pthread_t t[4];
    for (int i = 0; i < 4; i++) { sprintf(names[i], "t%d", i); pthread_create(&t[i], NULL, in_thread, names[i]); }
    for (int i = 0; i < 4; i++) pthread_join(t[i], NULL);
  } else if (!strcmp(mode, "children")) {
    try("/usr/include/parent-1.h", O_RDONLY);
    if (fork() == 0) { try("/usr/include/child.h", O_RDONLY); _exit(0); } wait(NULL);
    if (vfork() == 0) { try("/usr/include/vfork-child.h", O_RDONLY); _exit(0); } wait(NULL);
    try("/usr/include/parent-2.h", O_RDONLY);
  } else if (!strcmp(mode, "killed")) {
    try("/usr/include/last.h", O_RDONLY); kill(getpid(), SIGKILL);
  } else if (!strcmp(mode, "crashes")) {
    try("/usr/include/last.h", O_RDONLY); *(volatile int *)8 = 1;
  } else if (!strcmp(mode, "executes")) {
    try("/usr/include/before.h", O_RDONLY); execl("/nowhere/clang", "clang", NULL); try("/usr/include/between.h", O_RDONLY);
    execl("/fixture/plain", "plain", "late", NULL);
  } else if (!strcmp(mode, "late")) {
    try("/usr/include/late.h", O_RDONLY);
  } else if (!strcmp(mode, "traces")) {
    find_line("3a00000000-", &from, &to); printf("%s\n", to ? "reports" : "stops");
    int fds = 0; DIR *folder = opendir("/proc/self/fd"); while (readdir(folder)) fds++; printf("%d %s %d\n", fds, getenv("LD_PRELOAD") ? "" : "none", access("/etc/ld.so.preload", R_OK));
    printf("%d %d\n", try("/run/ebuild-audit/reporter.so", O_RDONLY), try("/etc/ld.so.preload", O_RDONLY));
  } else if (!strcmp(mode, "overwrites")) {
    try("/usr/include/before.h", O_RDONLY); find_line("memfd:reports", &from, &to);
    if (to) memset((void *)from, 0xff, to - from);
    try("/usr/include/after.h", O_RDONLY); printf("%d\n", to != 0);
  }
}
`;

const can = requireOrSkip(missing);

/** Everything that an access says but for the process. Names that are missing where only the build writes are left out: reporters leave them out. */
function summarize(report: RunnerReport): string[] {
  const isOwn = ({ path, hops, result }: AccessEvent) =>
    result === 'missing' && hops.length === 0 && new URL(`file://${path}`).pathname.startsWith('/work/');
  const all = accesses(report)
    .filter((event) => !isOwn(event) && !/\/(ld\.so|libc\.so|plain|cc1)/.test(event.path))
    .map(({ operation, result, path, hops }) => `${operation} ${result} ${path} ${hops.join(' ')}`);
  return [...new Set(all)].sort();
}

const serialsOf = (report: RunnerReport, path: string): number[] =>
  accesses(report).flatMap((event) => (event.path === path ? [event.serial] : []));

describe.each(mostly('user'))('a compiler reports what it opens, as %s', (as) => {
  let bench: Bench;
  beforeAll(async () => {
    if (missing !== undefined) return;
    bench = await openBench();
    for (const name of ['cc1', 'plain']) bench.compile(name, OPENS, ['-w']);
    bench.compile('clang-static', OPENS, ['-w', '-static']);
  });
  afterAll(() => bench?.remove());

  const run = (...command: string[]): Promise<RunnerReport> =>
    bench.run(as, bench.request(bench.spec({ command: [`/fixture/${command[0]}`, ...command.slice(1)] })));

  can(
    'and nothing else differs: its descriptors, its environment, what it sees of the way there',
    async () => {
      const [reporting, plain, still] = [
        await run('cc1', 'traces'),
        await run('plain', 'traces'),
        await run('clang-static', 'traces'),
      ];
      expect(reporting.output).toBe(plain.output.replace('stops', 'reports'));
      expect(plain.output).toMatch(/^stops\n\d+ none -1\n2 2\n$/);
      expect(still.output).toBe(plain.output);
    },
  );

  can('the trace is the same, whatever it opens, and so are the errors', async () => {
    const [reporting, plain] = [await run('cc1', 'ways'), await run('plain', 'ways')];
    expect(reporting.output).toBe(plain.output);
    expect(summarize(reporting)).toEqual(summarize(plain));
    expect(summarize(plain)).toEqual(
      expect.arrayContaining([
        'open file /usr/include/stdio.h ',
        'open missing /usr/include/none.h ',
        'readdir folder /usr/include ',
        'open missing /work/dangling /usr/include/lost.h',
        'open missing /work/link/none-by-link.h /usr/include/none-by-link.h',
        'open missing /work/../usr/include/by-up.h ',
        'open missing /work/d/../../usr/include/by-two-ups.h ',
        'open file /usr/include/stdlib.h ',
        'open missing /usr/include/none-from-usr.h ',
        'open missing /usr/include/none-from-root.h ',
        'stat file /usr/include/stdio.h ',
        'stat folder /usr/include ',
        'stat missing /usr/include/none-to-stat.h ',
        'stat missing /work/d/../../usr/include/none-to-stat-by-up.h ',
        'access missing /usr/include/none-to-stat.h ',
        'access file /usr/include/stdio.h ',
      ]),
    );
    expect(gaps(reporting)).toEqual(gaps(plain));
  });

  can('more than its memory holds, and from several threads', async () => {
    const many = summarize(await run('cc1', 'many')).filter((line) => line.includes('/many-'));
    expect(many).toHaveLength(5000);
    const threads = summarize(await run('cc1', 'threads')).filter((line) => /\/t\d-\d+\.h/.test(line));
    expect(threads).toHaveLength(800);
  });

  can('and its children for themselves', async () => {
    const report = await run('cc1', 'children');
    const [parent] = serialsOf(report, '/usr/include/parent-1.h');
    expect(parent).toBeGreaterThan(0);
    expect(serialsOf(report, '/usr/include/parent-2.h')).toEqual([parent]);
    for (const path of ['/usr/include/child.h', '/usr/include/vfork-child.h']) {
      expect(serialsOf(report, path)).toHaveLength(1);
      expect(serialsOf(report, path)).not.toContain(parent);
    }
  });

  can('also if it is killed, or crashes', async () => {
    for (const mode of ['killed', 'crashes'])
      expect(summarize(await run('cc1', mode))).toContain('open missing /usr/include/last.h ');
  });

  can('before it becomes another program, and after it could not', async () => {
    const { events } = await run('cc1', 'executes');
    const at = (path: string) => events.findIndex((event) => event.kind === 'access' && event.path === path);
    const became = events.findIndex((event) => event.kind === 'exec' && event.path === '/fixture/plain');
    expect(at('/usr/include/before.h')).toBeGreaterThan(0);
    expect(at('/usr/include/between.h')).toBeGreaterThan(at('/usr/include/before.h'));
    expect(became).toBeGreaterThan(at('/usr/include/between.h'));
    expect(at('/usr/include/late.h')).toBeGreaterThan(became);
  });

  can('and if it overwrites its reports, that is said', async () => {
    const report = await run('cc1', 'overwrites');
    expect(report).toMatchObject({ status: 0, output: '1\n' });
    expect(gaps(report)).toEqual(['the memory in which a compiler reports what it opens was overwritten']);
  });
});
