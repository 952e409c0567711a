import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findHelper, helperPlaces } from '../../server/src/sandbox/helper.ts';
import { explainFailure } from '../../server/src/sandbox/sandbox-failure.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { mostly } from '../support/user.ts';
import { type Bench, missing, NATIVE, openBench } from './setup.ts';

const can = requireOrSkip(missing);
const { EPERM, ENOSPC, EINVAL, ENOSYS, EBUSY, ENODEV } = constants.errno;

describe.each(mostly('root'))('as %s, what cannot be built says what to do', (as) => {
  let bench: Bench;
  beforeAll(async () => {
    if (!missing) bench = await openBench();
  });
  afterAll(() => bench?.remove());
  const request = (more: object = {}, options: object = {}) => {
    const made = bench.request(bench.spec({ command: ['/bin/true'], ...more }));
    return { ...made, options: { ...made.options, ...options } };
  };

  can('no bubblewrap', async () => {
    const { reason, message } = await bench.run(as, request(), { PATH: '/nonexistent' });
    expect(reason).toBe('no-bwrap');
    expect(message).toContain('apt install bubblewrap');
    expect(message).toContain('emerge sys-apps/bubblewrap');
  });

  can('no user namespaces', async () => {
    // A new user namespace with the limit 0: inside it, user namespaces cannot be made.
    const asUser = request({}, { identity: { kind: 'user' } });
    const file = join(bench.folder, `limited-${as}.json`);
    writeFileSync(file, JSON.stringify(asUser));
    const script = `echo 0 > /proc/sys/user/max_user_namespaces && exec ${process.execPath} ${bench.folder}/runner.mjs ${file}`;
    const drop =
      as === 'user' && process.geteuid?.() === 0
        ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
        : [];
    const [program = 'unshare', ...words] = [...drop, 'unshare', '-Ur', 'sh', '-c', script];
    const { reason, message } = JSON.parse(execFileSync(program, words, { encoding: 'utf8' })) as Record<
      string,
      string
    >;
    expect(reason).toBe('no-user-namespaces');
    expect(message).toContain('user.max_user_namespaces');
    expect(message).toContain('kernel.unprivileged_userns_clone');
    expect(message).toContain('run as root');
  });

  can('a full disk', async () => {
    const hidden = Array.from({ length: 50 }, (_, i) => `bin/no-such-${i}`);
    const overlays = [{ source: '/usr', target: '/usr', hidden }];
    const { reason, message, mounts } = await bench.run(
      as,
      request({ overlays }, { stagingOptions: 'nr_inodes=20' }),
    );
    expect(reason).toBe('disk-full');
    expect(message).toMatch(/free memory or disk space/);
    expect(mounts).not.toContain(bench.folder);
  });

  can('a command that the view does not hold', async () => {
    const { reason, message } = await bench.run(as, request({ command: ['/nowhere/tool'] }));
    expect(reason).toBe('failed');
    expect(message).toBe(
      'The command /nowhere/tool cannot be started in the sandbox (ENOENT): check that the view holds it.',
    );
  });

  can('a folder, a bind and a working folder that are not there', async () => {
    const overlays = [{ source: '/nowhere', target: '/usr', hidden: ['x'] }];
    expect((await bench.run(as, request({ overlays }))).message).toMatch(
      /^The folder \/nowhere cannot be shown.*ENOENT/,
    );
    const binds = [{ source: '/nowhere', target: '/b', writable: false }];
    expect((await bench.run(as, request({ binds }))).message).toMatch(
      /^bubblewrap could not build the sandbox: .*\/nowhere/,
    );
    expect((await bench.run(as, request({ workingDirectory: '/nowhere' }))).message).toMatch(
      /^The working folder of/,
    );
  });

  can('a hidden path that leaves its folder', async () => {
    const overlays = [{ source: '/usr', target: '/usr', hidden: ['../etc'] }];
    expect((await bench.run(as, request({ overlays }))).reason).toBe('failed');
  });

  can('a spec that makes no sense', async () => {
    const { reason, message } = await bench.run(as, request({ command: [] }));
    expect([reason, message]).toEqual(['failed', 'The sandbox cannot be described: the command is empty.']);
    const limits = { processes: 1, memory: -1, disk: 1, files: 1, output: 1, time: 1 };
    expect((await bench.run(as, request({ limits }))).message).toBe(
      'The sandbox cannot be described: the limit "memory" is no number of 0 or more.',
    );
  });
});

describe('the sentence for each step', () => {
  const explain = (step: string, errno: number, kind: 'user' | 'root' = 'user') =>
    explainFailure(
      { kind: 'failure', step, errno, detail: '/d' },
      kind === 'user' ? { kind } : { kind, uid: 65534, gid: 65534 },
      'make',
      'bwrap: No luck\nmore\n',
    );
  test.each([
    ['overlay', ENODEV, 'no-overlay', /CONFIG_OVERLAY_FS.*5\.11/],
    ['overlay', EPERM, 'no-overlay', /CONFIG_OVERLAY_FS/],
    ['seccomp', EINVAL, 'no-seccomp', /CONFIG_SECCOMP_FILTER/],
    ['seccomp', ENOSYS, 'no-seccomp', /CONFIG_SECCOMP_FILTER/],
    ['seccomp', EBUSY, 'no-seccomp', /outside of any container/],
    ['user-namespace', ENOSPC, 'no-user-namespaces', /max_user_namespaces/],
    ['private-mounts', EPERM, 'no-user-namespaces', /apparmor_restrict_unprivileged_userns/],
    ['whiteout', ENOSPC, 'disk-full', /free memory or disk space/],
    ['bwrap', 0, 'failed', /could not build the sandbox: No luck\.$/],
    ['something-new', EPERM, 'failed', /step "something-new" failed with EPERM at \/d/],
  ] as const)('%s %i', (step, errno, reason, words) => {
    const error = explain(step, errno);
    expect(error.reason).toBe(reason);
    expect(error.message).toMatch(words);
    expect(error.message).not.toMatch(/\n|\.\s+[A-Z]/);
  });
  test('root is not told to become root', () => {
    expect(explain('user-namespace', ENOSPC, 'root').message).not.toContain('run as root');
  });
});

describe('the helper', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-helper-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const places = (more: object = {}) => ({
    binaries: [],
    sources: [NATIVE],
    caches: [join(folder, 'cache')],
    compiler: 'cc',
    ...more,
  });

  can(
    'is compiled once, and again when its source changes',
    async () => {
      const first = await findHelper(places());
      expect(execFileSync(first, ['version'], { encoding: 'utf8' })).toMatch(/trace format \d+\n$/);
      // The second call needs no compiler.
      expect(await findHelper(places({ binaries: [], caches: [join(folder, 'cache')] }))).toBe(first);
      const sources = join(folder, 'changed');
      cpSync(NATIVE, sources, { recursive: true });
      writeFileSync(join(sources, 'more.c'), 'int more;\n');
      expect(await findHelper(places({ sources: [sources] }))).not.toBe(first);
    },
    60_000,
  );

  test('is not compiled where a binary is shipped', async () => {
    const shipped = join(folder, 'shipped');
    writeFileSync(shipped, '');
    chmodSync(shipped, 0o755);
    expect(await findHelper(places({ binaries: ['/nowhere', shipped], compiler: '/nowhere' }))).toBe(shipped);
  });

  test('without a compiler names the packages', async () => {
    const cached = { caches: [join(folder, 'other')], compiler: '/nowhere/cc' };
    await expect(findHelper(places(cached))).rejects.toMatchObject({
      reason: 'no-compiler',
      message: expect.stringMatching(/apt install gcc.*emerge sys-devel\/gcc/),
    });
  });

  test('is never taken from a folder that others can write to', async () => {
    const open = join(folder, 'open');
    mkdirSync(open);
    chmodSync(open, 0o777);
    await expect(findHelper(places({ caches: [open] }))).rejects.toMatchObject({ reason: 'failed' });
  });

  test('is looked for next to the bundle and in the checkout', () => {
    const found = helperPlaces('file:///x/dist/main.js', { HOME: '/h' });
    expect(found.binaries).toEqual([`/x/dist/native/${process.arch}/ebuild-audit-native`]);
    expect(found.caches[0]).toBe('/h/.cache/ebuild-audit');
    expect(helperPlaces('file:///c/server/src/sandbox/helper.ts').sources).toContain('/c/server/native');
  });
});
