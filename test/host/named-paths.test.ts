import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  createIsOwned,
  createPathCollector,
  type IsOwned,
  joinNamedPaths,
  type NamedPaths,
  readPathState,
} from '../../server/src/host/named-paths.ts';
import { machineFiles, readLinkOnMachine } from '../../server/src/installed/file-tree.ts';
import type { OwnerIndex } from '../../server/src/installed/owner-index/owner-index.ts';
import { createPathResolver } from '../../server/src/installed/path-resolver.ts';
import { readRootLayout } from '../../server/src/installed/root-layout.ts';
import type { TraceEvent } from '../../server/src/trace/event.ts';
import { exec, list, miss, open, stat } from '../trace/traced-build.ts';

let folder: string;
let root: string;
let repository: string;
const write = (path: string, content = '') => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-named-'));
  [root, repository] = [join(folder, 'root'), join(folder, 'repository')];
  for (const path of [
    'usr/include/a.h',
    'usr/bin/cc',
    'usr/lib/real.so.1',
    'etc/conf',
    'etc/ld.so.cache',
    'var/db/pkg/a/b-1/SLOT',
  ])
    write(path);
  write('etc/profile.env', "export A='1'\n");
  symlinkSync('real.so.1', join(root, 'usr/lib/link.so'));
  symlinkSync('usr/bin', join(root, 'bin'));
  write('../repository/shared/x');
  write('../repository/cat/pkg/files/f');
});
afterEach(() => rmSync(folder, { recursive: true }));

const nobodyOwns: IsOwned = () => false;

async function collect(events: readonly TraceEvent[], isOwned = nobodyOwns): Promise<NamedPaths> {
  const layout = await readRootLayout(machineFiles, root);
  const collector = createPathCollector({
    layout,
    resolver: createPathResolver(layout, readLinkOnMachine),
    repositories: [repository],
    own: [join(repository, 'cat/pkg')],
  });
  for (const event of events) collector.observe(event);
  return (await collector.result(isOwned)) as NamedPaths;
}

const inFolder = ({ present, absent }: NamedPaths) => {
  const shorten = (names: NamedPaths['present']) =>
    Object.entries(names)
      .flatMap(([parent, all]) => all.map((name) => join(parent, name).slice(folder.length + 1)))
      .sort();
  return { present: shorten(present), absent: shorten(absent) };
};

describe('the paths that a run named', () => {
  test('are files and links of the root and the repositories, each there or missing', async () => {
    const named = await collect([
      open(2, '/usr/include/a.h'),
      open(2, '/usr/include/../include//a.h'),
      stat(2, '/usr/lib/link.so'),
      exec(2, '/bin/cc'),
      miss(2, '/usr/bin/newtool'),
      open(2, join(repository, 'shared/x')),
      miss(2, join(repository, 'shared/y')),
    ]);
    expect(inFolder(named)).toEqual({
      present: [
        'repository/shared/x',
        'root/usr/bin/cc',
        'root/usr/include/a.h',
        'root/usr/lib/link.so',
        'root/usr/lib/real.so.1',
      ],
      absent: ['repository/shared/y', 'root/usr/bin/newtool'],
    });
  });

  test('have one missing name for all that is below a missing folder', async () => {
    const named = await collect([miss(2, '/usr/lib/python/a/b.py'), miss(2, '/usr/lib/python/c.py')]);
    expect(inFolder(named).absent).toEqual(['root/usr/lib/python']);
  });

  test('are not those of the run itself, of the kernel, of the VDB, or what follows from other files', async () => {
    const named = await collect([
      open(2, '/tmp/x'),
      open(2, '/proc/self/maps'),
      open(2, '/var/db/pkg/a/b-1/SLOT'),
      open(2, '/var/ebuild-audit-work/main.c'),
      open(2, join(repository, 'cat/pkg/files/f')),
      miss(2, '/usr/lib/python3.11/__pycache__/os.cpython-311.pyc'),
    ]);
    expect(named).toEqual({ present: {}, absent: {}, listed: {} });
  });

  test('have the cache of the loader apart, because only a part of it counts', async () => {
    const named = await collect([open(2, '/etc/ld.so.cache'), open(2, '/usr/lib/real.so.1')]);
    expect(inFolder(named).present).toEqual(['root/usr/lib/real.so.1']);
    expect(named.loaderCaches).toEqual([join(root, 'etc/ld.so.cache')]);
  });

  test('of several runs are joined', async () => {
    const parts = [
      await collect([open(2, '/usr/include/a.h'), open(2, '/etc/ld.so.cache')]),
      await collect([open(2, '/etc/conf'), open(2, '/etc/ld.so.cache')]),
    ];
    const joined = joinNamedPaths(parts);
    expect(inFolder(joined).present).toEqual(['root/etc/conf', 'root/usr/include/a.h']);
    expect(joined.loaderCaches).toEqual([join(root, 'etc/ld.so.cache')]);
  });
});

describe('their state', () => {
  const eventsOf = () => [
    open(2, '/usr/include/a.h'),
    stat(2, '/usr/lib/link.so'),
    miss(2, '/usr/bin/newtool'),
    miss(2, '/usr/local/lib/foo/x'),
    open(2, join(repository, 'shared/x')),
    list(2, '/usr/include'),
    open(2, '/etc/profile.env'),
  ];
  const stateOf = async (named: NamedPaths, isOwned = nobodyOwns, areOwnersSame = true) =>
    (await readPathState(named, async () => isOwned, areOwnersSame)).digest;

  test.each<[string, () => void]>([
    ['a file with other content', () => write('usr/include/a.h', 'int a;')],
    ['a file that is gone', () => unlinkSync(join(root, 'usr/include/a.h'))],
    ['a missing name that is there', () => write('usr/bin/newtool')],
    ['a folder on the way to a missing name', () => write('usr/local/lib/other')],
    ['a new name in a folder that was listed', () => write('usr/include/b.h')],
    ['a name that is gone from there', () => renameSync(join(root, 'usr/include/a.h'), join(root, 'a.h'))],
    ['another file at the end of a link', () => write('usr/lib/real.so.1', 'x')],
    [
      'a link that leads elsewhere',
      () => {
        unlinkSync(join(root, 'usr/lib/link.so'));
        symlinkSync('other.so', join(root, 'usr/lib/link.so'));
      },
    ],
    ['a file of a repository', () => write('../repository/shared/x', 'x')],
    ['a variable in the environment of the root', () => write('etc/profile.env', "export A='2'\n")],
    [
      'a folder in whose place there is a link to it',
      () => {
        renameSync(join(root, 'usr/include'), join(root, 'usr/moved'));
        symlinkSync('moved', join(root, 'usr/include'));
      },
    ],
  ])('changes with %s', async (_, change) => {
    const named = await collect(eventsOf());
    const before = await stateOf(named);
    expect(await stateOf(named)).toBe(before);
    change();
    expect(await stateOf(named)).not.toBe(before);
  });

  test.each<[string, () => void]>([
    ['another file beside', () => write('usr/bin/other')],
    ['a file that nothing named', () => write('etc/conf', 'x')],
    [
      'a merge, which writes the environment of the root again',
      () => {
        unlinkSync(join(root, 'etc/profile.env'));
        write('etc/profile.env', "export A='1'\n");
      },
    ],
    ['the cache of a module of Python', () => write('usr/include/__pycache__/x.pyc')],
  ])('is the same after %s', async (_, change) => {
    const named = await collect(eventsOf());
    const before = await stateOf(named);
    change();
    expect(await stateOf(named)).toBe(before);
  });

  test('does not change with the cache of the loader in a layer, which is written while a trial begins', async () => {
    const cache = join(folder, 'layers/stacks', 'a'.repeat(40), 'etc/ld.so.cache');
    const stateOfCache = async (path: string) => {
      const named = { present: {}, absent: {}, listed: {}, loaderCaches: [path] };
      return readPathState(named, async () => nobodyOwns, true);
    };
    mkdirSync(dirname(cache), { recursive: true });
    writeFileSync(cache, '');
    const before = await stateOfCache(cache);
    expect(before.changed).toBe(0);
    writeFileSync(cache, 'written again');
    expect(await stateOfCache(cache)).toEqual(before);
    expect((await stateOfCache(join(root, 'etc/ld.so.cache'))).changed).toBeGreaterThan(0);
  });

  test('does not change with a name in a listed folder that a package owns', async () => {
    const layout = await readRootLayout(machineFiles, root);
    const owned = new Set(['/usr/include/b.h']);
    const index = {
      ownersOf: (path: string) => (owned.has(path) ? [{}] : []),
      packagesInFolder: () => [],
    } as unknown as OwnerIndex;
    const isOwned = createIsOwned({ layout, index });
    const named = await collect(eventsOf(), isOwned);
    const before = await stateOf(named, isOwned);
    // A file that was there, and is a package's now, is hidden where it was visible.
    owned.add('/usr/include/a.h');
    expect(await stateOf(named, isOwned, false)).not.toBe(before);
    owned.delete('/usr/include/a.h');
    write('usr/include/b.h');
    expect(await stateOf(named, isOwned)).toBe(before);
    write('usr/include/c.h');
    expect(await stateOf(named, isOwned)).not.toBe(before);
  });

  test('has the time of the last change', async () => {
    const named = await collect([open(2, '/usr/include/a.h')]);
    const before = Date.now();
    await new Promise((done) => setTimeout(done, 20));
    expect((await readPathState(named, async () => nobodyOwns, true)).changed).toBeLessThan(before + 20);
    write('usr/include/a.h', 'int a;');
    expect((await readPathState(named, async () => nobodyOwns, true)).changed).toBeGreaterThan(before);
  });
});
