import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Check, isolate, ok } from '../../server/src/doctor/check.ts';
import { examine } from '../../server/src/doctor/doctor.ts';
import { documentChecks, printChecks } from '../../server/src/doctor/printed-checks.ts';
import type { DoctorWorld } from '../../server/src/doctor/world.ts';
import { UserError } from '../../server/src/errors/user-error.ts';
import { SandboxError } from '../../server/src/sandbox/sandbox.ts';

let folder: string;
const put = (path: string, text: string) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
};

/** A machine on which everything is there: a root with Portage and a repository, and a kernel that can do it all. */
function machine(more: Partial<DoctorWorld> = {}): DoctorWorld {
  const kernel: Readonly<Record<string, string>> = {
    '/proc/filesystems': 'nodev\tproc\nnodev\toverlay\n\text4\n',
    '/proc/sys/user/max_user_namespaces': '1000\n',
    '/proc/sys/kernel/seccomp/actions_avail': 'kill_process trap errno user_notif trace log allow\n',
  };
  return {
    settings: { root: join(folder, 'root'), packageManager: 'auto', bwrap: '' },
    uid: 1000,
    versions: { product: '1.0', node: 'v22.1.0', kernel: '6.6.1-gentoo' },
    readKernelFile: (path) => kernel[path],
    firstLine: async () => 'bubblewrap 0.9.0',
    makeHome: () => join(folder, 'home'),
    findHelper: async () => '/cache/helper',
    proveSandbox: async () => {},
    readIndex: async () => ({ packages: 20_000, eclasses: 230, limits: [] }),
    ...more,
  };
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-doctor-'));
  mkdirSync(join(folder, 'home'));
  put('root/var/db/pkg/sys-apps/portage-3.0.77/SLOT', '0\n');
  for (const file of [
    'ebuild',
    'python3.13',
    '../lib/portage/python3.13/ebuild.sh',
    '../lib/portage/python3.13/ebuild',
  ])
    put(join('root/usr/bin', file), '');
  put('root/usr/lib/python-exec/python3.13/pkgcheck', '');
  put('root/etc/portage/repos.conf', '[gentoo]\nlocation = /var/db/repos/gentoo\n');
  put('root/var/db/repos/gentoo/profiles/repo_name', 'gentoo\n');
  put('root/var/db/repos/gentoo/profiles/default/linux/make.defaults', '');
  for (let count = 0; count < 100; count++) put(`root/var/db/repos/gentoo/eclass/e${count}.eclass`, '');
  symlinkSync(
    '../../var/db/repos/gentoo/profiles/default/linux',
    join(folder, 'root/etc/portage/make.profile'),
  );
  put('guru/profiles/repo_name', 'guru\n');
  put('guru/metadata/layout.conf', 'masters = gentoo\n');
  put('guru/app-misc/foo/foo-1.ebuild', 'EAPI=8\n');
});
afterEach(() => rmSync(folder, { recursive: true }));

const ebuild = () => join(folder, 'guru/app-misc/foo/foo-1.ebuild');
/** The checks that are not ok, with the folder of this test left out. */
const wrong = async (world: DoctorWorld): Promise<Check[]> =>
  (await examine(world))
    .filter(({ state }) => state !== 'ok')
    .map((check) => JSON.parse(JSON.stringify(check).replaceAll(folder, '')));

describe('the doctor', () => {
  test('finds nothing wrong where everything is there', async () => {
    const checks = await examine(machine({ file: ebuild() }));
    expect(checks.filter(({ state }) => state !== 'ok')).toEqual([]);
    expect(
      Object.fromEntries(checks.map(({ name, found }) => [name, found.replaceAll(folder, '')])),
    ).toMatchObject({
      Kernel: 'Linux 6.6.1-gentoo',
      Bubblewrap: 'bubblewrap 0.9.0 (bwrap)',
      Root: '/root, chosen by --root or ebuildAudit.root; packages installed there: 1',
      'Package manager': 'portage 3.0.77, of the root',
      Repositories: 'gentoo in /root/var/db/repos/gentoo',
      Eclasses: '100 in gentoo',
      Profile: 'var/db/repos/gentoo/profiles/default/linux',
      "The ebuild's repository": 'guru in /guru; masters: gentoo in /root/var/db/repos/gentoo',
      Index: 'what the ebuild can use: packages 20000, eclasses 230',
    });
    expect(printChecks(checks).at(-1)).toBe('Everything that trials need is there.');
  });

  test('names the command for each thing that the kernel or the machine lacks, and goes on', async () => {
    const found = await wrong(
      machine({
        versions: { product: '1.0', node: 'v22', kernel: '5.4.0' },
        readKernelFile: (path) => (path.endsWith('max_user_namespaces') ? '0\n' : undefined),
        firstLine: () => Promise.reject(Object.assign(new Error('spawn'), { code: 'ENOENT' })),
        proveSandbox: () => Promise.reject(new Error('oops')),
      }),
    );
    expect(found.map(({ name, state, remedy }) => [name, state, remedy])).toEqual([
      ['Kernel', 'warning', 'use Linux 5.11 or later, or run trials as root'],
      ['User namespaces', 'problem', 'sysctl -w user.max_user_namespaces=15000'],
      ['Overlayfs', 'warning', 'modprobe overlay, or build it with CONFIG_OVERLAY_FS'],
      ['Seccomp', 'problem', 'use a kernel with CONFIG_SECCOMP_FILTER'],
      [
        'Bubblewrap',
        'problem',
        'apt install bubblewrap (Debian, Ubuntu), or emerge sys-apps/bubblewrap (Gentoo)',
      ],
      ['Sandbox', 'problem', expect.stringMatching(/^please report it/)],
    ]);
  });

  test('says which settings close user namespaces to ordinary users, which do not matter for root', async () => {
    const readKernelFile = (path: string) =>
      path.endsWith('apparmor_restrict_unprivileged_userns') ? '1\n' : machine().readKernelFile(path);
    expect((await wrong(machine({ readKernelFile }))).map(({ remedy }) => remedy)).toEqual([
      'sysctl -w kernel.apparmor_restrict_unprivileged_userns=0',
    ]);
    expect(await wrong(machine({ readKernelFile, uid: 0 }))).toEqual([]);
  });

  test('a helper that is missing leaves out the sandbox, and a root without packages what depends on it', async () => {
    rmSync(join(folder, 'root/var/db/pkg'), { recursive: true });
    const sentence = 'There is no C compiler: run "apt install gcc".';
    const findHelper = () => Promise.reject(new SandboxError('no-compiler', sentence));
    const checks = await examine(machine({ findHelper }));
    expect(checks.filter(({ state }) => state === 'problem').map(({ name }) => name)).toEqual([
      'Helper',
      'Root',
    ]);
    expect(checks.map(({ name }) => name)).not.toContain('Sandbox');
    expect(checks.at(-1)?.remedy).toMatch(
      /^set ebuildAudit\.root or --root to a Gentoo system, .* practice root/,
    );
  });

  test('a root that does not exist ends what depends on it', async () => {
    const settings = { ...machine().settings, root: '/absent' };
    expect(await wrong(machine({ settings }))).toEqual([
      {
        name: 'Root',
        state: 'problem',
        found: 'The root /absent does not exist',
        remedy: 'check --root or the setting ebuildAudit.root',
      },
    ]);
  });

  test('a practice root, a repository that is gone and a master that is not here', async () => {
    put('root/.practice-root', '');
    rmSync(join(folder, 'root/var/db/repos/gentoo'), { recursive: true });
    const found = await wrong(machine({ file: ebuild() }));
    expect(found.map(({ name, state }) => [name, state])).toEqual([
      ['Root', 'warning'],
      ['Repositories', 'problem'],
      ['Eclasses', 'warning'],
      ['Profile', 'problem'],
      ["The ebuild's repository", 'problem'],
    ]);
    expect(found[1]).toMatchObject({
      found: 'gentoo is missing in /root/var/db/repos/gentoo',
      remedy: 'emerge --sync, or correct the location of gentoo in /root/etc/portage/repos.conf',
    });
    expect(found[4]?.found).toBe('guru in /guru; masters: none; missing: gentoo');
  });

  test('an ebuild outside a repository, and an index that is incomplete', async () => {
    const outside = join(folder, 'foo-1.ebuild');
    writeFileSync(outside, '');
    const limits = [{ kind: 'master', text: 'A master is missing', remedy: 'add it' }] as const;
    const readIndex = async () => ({ packages: 1, eclasses: 0, limits });
    const found = await wrong(machine({ file: outside, readIndex }));
    expect(found.map(({ name, remedy }) => [name, remedy])).toEqual([
      ["The ebuild's repository", undefined],
      ['Index', 'add it'],
    ]);
  });

  test('a state folder that cannot be made is the last thing that is looked at', async () => {
    const makeHome = () => {
      throw new UserError('The state folder cannot be made (EACCES): set EBUILD_AUDIT_HOME.');
    };
    expect((await examine(machine({ makeHome }))).at(-1)).toEqual({
      name: 'State folder',
      state: 'problem',
      found: 'The state folder cannot be made (EACCES)',
      remedy: 'set EBUILD_AUDIT_HOME',
    });
  });

  test('does not wait for ever', async () => {
    expect(await isolate('Slow', () => new Promise(() => {}), 20)).toMatchObject({
      name: 'Slow',
      state: 'warning',
    });
  });
});

describe('the printed checks', () => {
  const checks: Check[] = [
    { name: 'Node', ...ok('v22') },
    { name: 'Root', state: 'problem', found: '/a\u202e\n`[x](command:y)`', remedy: 'set it' },
    { name: 'Index', state: 'warning', found: 'slow' },
  ];

  test('are lines with remedies below, and no character from the machine hides or makes markup', () => {
    expect(printChecks(checks)).toEqual([
      'ok       Node   v22',
      'problem  Root   /a\\u{202e} `[x](command:y)`',
      '                → set it',
      'warning  Index  slow',
      '',
      '1 problem and 1 warning: trials cannot run until the problems are mended.',
    ]);
    const document = documentChecks(checks).split('\n');
    expect(document[0]).toBe('# Ebuild Audit doctor');
    expect(document.slice(1).every((line) => line === '' || line.startsWith('    '))).toBe(true);
  });
});
