import { describe, expect, test } from 'vitest';
import { checkSpec, chooseIdentity } from '../../server/src/sandbox/bubblewrap.ts';
import { bwrapArguments, HELPER_IN_SANDBOX } from '../../server/src/sandbox/bubblewrap-arguments.ts';
import type { SandboxSpec } from '../../server/src/sandbox/sandbox.ts';
import { encodePlan, type Identity, planView } from '../../server/src/sandbox/view-plan.ts';

const USER: Identity = { kind: 'user' };
const ROOT: Identity = { kind: 'root', uid: 65534, gid: 65534 };

function spec(changes: Partial<SandboxSpec> = {}): SandboxSpec {
  return {
    overlays: [{ source: '/g/usr', target: '/usr', hidden: ['include/zlib.h'] }],
    binds: [],
    links: [{ target: 'usr/bin', path: '/bin' }],
    scratch: [],
    staging: '/s',
    environment: { PATH: '/usr/bin' },
    workingDirectory: '/w',
    command: ['make', '-j2'],
    trace: true,
    ...changes,
  };
}

function args(spec: SandboxSpec, identity: Identity): string {
  return bwrapArguments(spec, planView(spec, identity), identity, '/h').join(' ');
}

describe('the policy', () => {
  test.each([USER, ROOT])('as $kind nothing is shared and nothing but the spec is shown', (identity) => {
    const line = args(spec(), identity);
    for (const part of [
      ...['--unshare-net', '--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try'],
      ...['--die-with-parent', '--new-session', '--cap-drop ALL', '--clearenv --setenv PATH /usr/bin'],
      ...[
        '--ro-bind /s/mnt/0 /usr',
        '--symlink usr/bin /bin',
        '--remount-ro /',
        `--ro-bind /h ${HELPER_IN_SANDBOX}`,
      ],
    ]) {
      expect(` ${line} `).toContain(` ${part} `);
    }
    expect(line).not.toMatch(/\/home|\/root|--share-net|--dev-bind|--bind \/ /);
    expect(line.endsWith('--trace --unset PWD --chdir /w -- make -j2')).toBe(true);
  });

  test("only an ordinary user gets bubblewrap's user namespace, only root drops to another user", () => {
    expect(args(spec(), USER)).toContain('--unshare-user --uid 0 --gid 0');
    expect(args(spec(), USER)).not.toContain('--drop-to');
    expect(args(spec(), ROOT)).not.toContain('--unshare-user');
    expect(args(spec(), ROOT)).toContain('--drop-to 65534:65534');
  });

  test('nothing is traced unless asked for', () => {
    expect(args(spec({ trace: false }), USER)).not.toContain('--trace');
  });
});

describe('the plan of the view', () => {
  test('a folder without anything hidden is bound as it is', () => {
    const plan = planView(spec({ overlays: [{ source: '/g/usr', target: '/usr', hidden: [] }] }), USER);
    expect(plan.overlays).toEqual([{ source: '/g/usr', target: '/usr', writable: false }]);
    expect(plan.records).toEqual(['t1777', 't1777']);
  });

  test('binds below an overlay get a mount point, binds below binds do not', () => {
    const binds = [
      { source: '/a', target: '/usr/share/a', writable: false },
      { source: '/b', target: '/usr/share/a/b', writable: false },
      { source: '/c', target: '/var/c', writable: true },
    ];
    const plan = planView(spec({ binds }), USER);
    expect(plan.records).toEqual(['o/g/usr', 'hinclude/zlib.h', 'mshare/a', 's/a', 'x', 't1777', 't1777']);
    expect(plan.binds).toEqual(binds);
  });

  test('links are made in the overlay of the folder that they lie in', () => {
    const links = [{ path: '/usr/bin/a', target: '../b' }];
    const plan = planView(
      spec({ overlays: [{ source: '/g/usr', target: '/usr', hidden: [], links }] }),
      USER,
    );
    expect(plan.records.slice(0, 4)).toEqual(['o/g/usr', 'ybin/a', 's../b', 'x']);
  });

  test('root hands writable binds over through the staging folder', () => {
    const plan = planView(spec({ binds: [{ source: '/c', target: '/c', writable: true }] }), ROOT);
    expect(plan.records.at(-1)).toBe('b/c');
    expect(plan.binds).toEqual([{ source: '/s/bind/0', target: '/c', writable: true }]);
  });

  test('hidden paths reach the helper as the bytes they are', () => {
    const overlays = [{ source: '/u', target: '/u', hidden: ['a\udcff'] }];
    const bytes = Buffer.concat([...encodePlan(planView(spec({ overlays }), USER))]);
    expect(bytes.includes(Buffer.from([0x68, 0x61, 0xff, 0x00]))).toBe(true);
    expect(bytes.subarray(-2).toString()).toBe('e\0');
  });
});

describe('layered folders', () => {
  const layered = [
    { target: '/usr/src/build', lower: ['/l/1', '/l/2'], upper: '/l/3', kernelWork: '/l/w' },
    { target: '/plain', lower: [], upper: '/p', kernelWork: '/l/w' },
  ];

  test('are the last that is bound, with a mount point in the folder that they lie in', () => {
    const plan = planView(spec({ layered, binds: [{ source: '/c', target: '/c', writable: false }] }), USER);
    expect(plan.records).toEqual([
      ...['o/g/usr', 'hinclude/zlib.h', 'msrc/build', 's', 'x', 't1777', 't1777'],
      ...['l/l/3', 'k/l/w', 'd/l/1', 'd/l/2', 'x'],
    ]);
    expect(args(spec({ layered }), USER)).toContain(' --bind /s/layered/0 /usr/src/build ');
    expect(args(spec({ layered }), USER)).toMatch(/--bind \/p \/plain --ro-bind \/h /);
  });

  test("one without lower folders is root's to hand over like any other", () => {
    const plan = planView(spec({ layered: layered.slice(1) }), ROOT);
    expect(plan.records.at(-1)).toBe('b/p');
    expect(plan.layered).toEqual([{ source: '/s/bind/0', target: '/plain', writable: true }]);
  });
});

describe('what is refused before anything runs', () => {
  test.each([
    [{ command: [] }, 'the command is empty'],
    [{ staging: 's' }, 'the path "s" is not absolute'],
    [{ workingDirectory: 'w' }, 'the path "w" is not absolute'],
    [{ command: ['a\0b'] }, '"a\\u0000b" is not valid UTF-8 without NUL'],
    [{ environment: { 'A=B': '' } }, '"A=B" is no name of an environment variable'],
    [{ overlays: [{ source: '/u', target: '/u', hidden: ['a\0xb'] }] }, 'a hidden path holds a NUL byte'],
    [
      { overlays: [{ source: '/u', target: '/u', hidden: [], links: [{ path: '/u/a', target: 'b\0x' }] }] },
      'a link holds a NUL byte',
    ],
  ])('%j', (changes, sentence) => {
    expect(checkSpec(spec(changes))).toBe(sentence);
  });
  test('a sound spec passes', () => {
    expect(checkSpec(spec())).toBeUndefined();
  });
});

test.each([
  [1000, '0 0 4294967295', 'user'],
  [0, '         0          0 4294967295\n', 'root'],
  [0, '0 1000 1\n', 'user'],
  [0, '0 1000 1\n1 100000 65536\n', 'root'],
])('euid %i with the map %j builds as %s', (euid, map, kind) => {
  expect(chooseIdentity(euid, map).kind).toBe(kind);
});
