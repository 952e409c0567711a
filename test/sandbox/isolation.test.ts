import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { requireOrSkip } from '../support/requirement.ts';
import { who } from '../support/user.ts';
import { type Bench, missing, openBench } from './setup.ts';

const can = requireOrSkip(missing);

describe.each(who)('the sandbox as %s', (as) => {
  let bench: Bench;
  const shell = (script: string, changes: Parameters<Bench['spec']>[0] | object = {}) =>
    bench.run(
      as,
      bench.request(bench.spec({ command: ['/bin/sh', '-c', script], trace: false, ...changes })),
    );
  /** Makes a writable bind that belongs to the user who runs the sandbox. */
  const owned = (name: string) => {
    const folder = join(bench.folder, name);
    mkdirSync(folder, { mode: 0o777 });
    // The umask reduces the mode of mkdir, and the user nobody must be able to write here.
    if (as === 'user') rmSync(folder, { recursive: true });
    return folder;
  };

  beforeAll(async () => {
    if (missing) return;
    bench = await openBench();
    const tree = join(bench.folder, 'tree');
    for (const folder of ['include', 'whole/deep', 'real/sub'])
      mkdirSync(join(tree, folder), { recursive: true });
    for (const file of [
      'include/gone.h',
      'include/stays.h',
      'whole/deep/x',
      'whole/y',
      'real/sub/f',
      'real/sub/g',
      'a,b:c\\d',
    ]) {
      writeFileSync(join(tree, file), file);
    }
  });
  afterAll(() => bench?.remove());

  const view = (hidden: string[], more: object = {}) => ({
    overlays: [
      ...bench.spec({ command: ['x'] }).overlays,
      { source: join(bench.folder, 'tree'), target: '/tree', hidden },
    ],
    ...more,
  });

  can('a hidden file is not there, its neighbour is', async () => {
    const { output } = await shell(
      'cat /tree/include/gone.h /tree/include/stays.h; ls /tree/include',
      view(['include/gone.h']),
    );
    expect(output).toContain('/tree/include/gone.h: No such file or directory');
    expect(output).toContain('include/stays.hstays.h\n');
  });

  can('a hidden folder is gone as a whole', async () => {
    const { output } = await shell(
      'ls /tree; ls /tree/whole; cat /tree/whole/deep/x',
      view(['whole', 'whole/deep/x']),
    );
    expect(output.split('\n').slice(0, 3)).toEqual(['a,b:c\\d', 'include', 'real']);
    expect(output).toContain("'/tree/whole': No such file");
    expect(output).toContain('/tree/whole/deep/x: No such file');
  });

  can('names with every separator of mount options are hidden', async () => {
    const { output } = await shell('ls /tree', view(['a,b:c\\d']));
    expect(output).toBe('include\nreal\nwhole\n');
  });

  can('what is not there needs no hiding and makes no folder', async () => {
    const { output, status } = await shell(
      'ls -R /tree/include /tree',
      view(['no/such/file', 'include/stays.h/odd']),
    );
    expect(status).toBe(0);
    expect(output).not.toContain('no');
  });

  can('a file of /usr is hidden with its neighbours kept', async () => {
    const { output } = await shell('ls -d /usr/bin/env /usr/bin/cat /usr/include', {
      overlays: bench
        .spec({ command: ['x'] })
        .overlays.map((overlay) =>
          overlay.target === '/usr' ? { ...overlay, hidden: ['bin/env'] } : overlay,
        ),
    });
    expect(output).toContain("'/usr/bin/env': No such file");
    expect(output).toContain('/usr/bin/cat\n');
  });

  can('things can be bound at places that the overlay does not have, even in hidden folders', async () => {
    const binds = [
      { source: join(bench.folder, 'fixture'), target: '/tree/new/place', writable: false },
      { source: join(bench.folder, 'tree/whole'), target: '/tree/real/sub/inner', writable: false },
      { source: join(bench.folder, 'tree/include/gone.h'), target: '/tree/whole/one.h', writable: false },
    ];
    const script = 'ls -d /tree/new/place && ls /tree/real/sub /tree/real/sub/inner && cat /tree/whole/one.h';
    const { output, status } = await shell(script, view(['real/sub'], { binds }));
    expect(output).toBe(
      '/tree/new/place\n/tree/real/sub:\ninner\n\n/tree/real/sub/inner:\ndeep\ny\ninclude/gone.h',
    );
    expect(status).toBe(0);
  });

  can('the view cannot be written to', async () => {
    const { output } = await shell(
      'for d in / /usr /tree /run /fixture; do touch $d/x; done',
      view(['whole']),
    );
    expect(output.match(/Read-only file system/g)).toHaveLength(5);
  });

  can('scratch, /tmp and /dev/shm can be written to and are gone afterwards', async () => {
    const { output, status } = await shell(
      'for d in /work /tmp /dev/shm; do echo x > $d/f || exit 1; cat $d/f; done',
    );
    expect([output, status]).toEqual(['x\nx\nx\n', 0]);
  });

  if (as === 'root') {
    can("a folder of root's can be written to, and what is made there is root's outside", async () => {
      const source = owned('given');
      writeFileSync(join(source, 'before'), 'old', { mode: 0o600 });
      const binds = [{ source, target: '/build', writable: true }];
      const { output, status } = await shell(
        'cd /build && cat before && echo new > after && stat -c %u after',
        { binds },
      );
      expect([output, status]).toEqual(['old0\n', 0]);
      expect(statSync(join(source, 'after')).uid).toBe(0);
      expect(readFileSync(join(source, 'after'), 'utf8')).toBe('new\n');
    });
    can('root outside has no power inside: files of root alone stay closed', async () => {
      writeFileSync(join(bench.folder, 'tree/secret'), 'secret', { mode: 0o600 });
      const { output } = await shell(
        'cat /tree/secret; echo 1 > /proc/sys/kernel/core_pattern',
        view(['whole']),
      );
      expect(output).not.toContain('secretsecret');
      expect(output).toMatch(/secret: Permission denied/);
      expect(output).toMatch(/core_pattern: (Permission denied|Read-only)/);
    });
  }

  can('is uid 0 inside, without any capability, and gains none', async () => {
    const { output } = await shell('id -u; id -g; grep -E "^(Cap|NoNew)" /proc/self/status');
    const [uid, gid, ...lines] = output.trim().split('\n');
    expect([uid, gid]).toEqual(['0', '0']);
    expect(lines.map((line) => line.replace(/\s+/, ' '))).toEqual([
      ...['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].map((name) => `${name}: 0000000000000000`),
      'NoNewPrivs: 1',
    ]);
  });

  can('sees no other processes, no home and nothing else of this machine', async () => {
    const home = homedir();
    const { output } = await shell(
      `ls /; ls -d /home /root ${home} ${process.cwd()}; ls /proc | grep -c '^[0-9]'`,
    );
    expect(output).toContain("cannot access '/root'");
    expect(output).toContain(`cannot access '${process.cwd()}'`);
    expect(Number(output.trim().split('\n').at(-1))).toBeLessThan(6);
    expect(output).not.toMatch(/^(home|root|boot|sys|opt)$/m);
  });

  can('has no network, not even the services of this machine', async () => {
    const server = createServer((socket) => socket.end('reached'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as { port: number };
      bench.compile(
        'connect',
        `#include <arpa/inet.h>
         #include <stdio.h>
         #include <stdlib.h>
         #include <ifaddrs.h>
         int main(int c, char **v) {
           struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(atoi(v[1])), .sin_addr.s_addr = htonl(0x7f000001) };
           if (connect(socket(AF_INET, SOCK_STREAM, 0), (void *)&a, sizeof a)) perror("connect"); else puts("reached");
           a.sin_addr.s_addr = htonl(0xc0000201);
           if (connect(socket(AF_INET, SOCK_STREAM, 0), (void *)&a, sizeof a)) perror("outside");
           return 0; }`,
      );
      const { output } = await shell(`/fixture/connect ${port}`);
      expect(output).toBe('connect: Connection refused\noutside: Network is unreachable\n');
    } finally {
      server.close();
    }
  });

  can('has the environment of the spec and nothing else', async () => {
    const report = await bench.run(
      as,
      bench.request(
        bench.spec({ command: ['/usr/bin/env'], trace: false, environment: { PATH: '/bin', A: 'ü =' } }),
      ),
      { ...process.env, SECRET_OF_THE_CALLER: '1' },
    );
    expect(Buffer.from(report.output, 'latin1').toString().trim().split('\n').sort()).toEqual([
      'A=ü =',
      'PATH=/bin',
    ]);
  });

  can('output keeps its order and can be opened by name', async () => {
    const { output } = await shell('echo 1; echo 2 >&2; echo 3 > /dev/stdout; echo 4 > /dev/stderr; cat');
    expect(output).toBe('1\n2\n3\n4\n');
  });

  can('much output arrives whole', async () => {
    const { output } = await shell('yes 0123456789abcde | head -c 3200000');
    expect(output.length).toBe(3200000);
  });
});
