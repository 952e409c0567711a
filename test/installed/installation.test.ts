import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { machineFiles, readLinkOnMachine } from '../../server/src/installed/file-tree.ts';
import {
  type Installation,
  readInstallation,
  readInstalledPackages,
} from '../../server/src/installed/installation.ts';
import { createPathResolver } from '../../server/src/installed/path-resolver.ts';
import { readRootLayout } from '../../server/src/installed/root-layout.ts';
import { splitPackageName } from '../../server/src/installed/vdb.ts';
import { packageId } from '../../server/src/pms/package-id.ts';
import { contentsOf } from '../support/installed-package.ts';
import { isRoot, NOBODY } from '../support/user.ts';

let root: string;
let cacheFolder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vdb-'));
  cacheFolder = join(root, 'cache/index');
  for (const folder of ['usr/lib', 'usr/bin', 'var/db/pkg'])
    mkdirSync(join(root, folder), { recursive: true });
  symlinkSync('usr/bin', join(root, 'bin'));
});
afterEach(() => rmSync(root, { recursive: true }));

function put(path: string, text: string | Buffer): void {
  const file = join(root, 'var/db/pkg', path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function install(id: string, paths: readonly string[], slot = '0'): void {
  put(`${id}/CONTENTS`, contentsOf(paths));
  put(`${id}/SLOT`, `${slot}\n`);
}

async function read(previous?: Installation): Promise<Installation> {
  const layout = await readRootLayout(machineFiles, root);
  const place = { root, cacheFolder, resolver: createPathResolver(layout, readLinkOnMachine) };
  const installation = await readInstallation(place, previous);
  await installation.saved;
  return installation;
}

const ids = ({ packages }: Installation) => packages.map(packageId);
const owners = ({ index }: Installation, path: string) =>
  index.ownersOf(path).map((owner) => packageId(owner.package));
const problems = (installation: Installation) =>
  installation.problems.map((problem) => problem.replaceAll(`${root}/var/db/pkg/`, ''));

describe('PF', () => {
  test.each([
    ['zlib-1.3.1', 'zlib', '1.3.1'],
    ['foo-bar-1.2_p3-r4', 'foo-bar', '1.2_p3-r4'],
    ['gtk+-3.24', 'gtk+', '3.24'],
    ['font-100dpi-1a_beta2', 'font-100dpi', '1a_beta2'],
  ])('%s', (pf, name, version) => {
    expect(splitPackageName(pf)).toEqual({ name, version });
  });

  test('a name without a version is not a package', () => {
    expect(splitPackageName('zlib')).toBeUndefined();
    expect(splitPackageName('zlib-1.0beta')).toBeUndefined();
  });
});

describe('a VDB', () => {
  test('reads packages and the owners of their files', async () => {
    install(
      'sys-libs/zlib-1.3.1-r1',
      ['/usr/include/', '/usr/include/zlib.h', '/bin/x', '/usr/lib/libz.so -> libz.so.1'],
      '0/1',
    );
    put('sys-libs/zlib-1.3.1-r1/USE', 'amd64 static-libs\n');
    put('sys-libs/zlib-1.3.1-r1/IUSE', '+minizip -static-libs\n');
    put('sys-libs/zlib-1.3.1-r1/RDEPEND', '>=sys-libs/glibc-2\n');
    put('sys-libs/zlib-1.3.1-r1/repository', 'gentoo\n');
    put('sys-libs/-MERGING-foo-1/CONTENTS', '');
    const found = await read();
    expect(found.packages).toEqual([
      {
        category: 'sys-libs',
        name: 'zlib',
        version: '1.3.1-r1',
        slot: '0',
        subslot: '1',
        use: ['amd64', 'static-libs'],
        iuse: ['minizip', 'static-libs'],
        rdepend: '>=sys-libs/glibc-2',
        pdepend: '',
        repository: 'gentoo',
      },
    ]);
    expect(found.problems).toEqual([]);
    expect(owners(found, '/usr/bin/x')).toEqual(['sys-libs/zlib-1.3.1-r1']);
    expect(found.index.ownerOf('/usr/lib/libz.so')?.type).toBe('sym');
    for (const path of ['/bin/x', '/usr/include', '/usr/include/zlib', '/usr/include/zlib.h/', '', 'x'])
      expect(owners(found, path)).toEqual([]);
  });

  test('a path of two packages has both as owners, and names that are not UTF-8 stay distinct', async () => {
    install('cat/b-1', ['/usr/lib/same']);
    install('cat/a-1', ['/usr/lib/same']);
    put('cat/c-1/CONTENTS', Buffer.from('obj /usr/lib/\xe9 x 1\nobj /usr/lib/\xea x 1\n', 'latin1'));
    put('cat/d-1/CONTENTS', 'obj /usr/lib/é x 1\n');
    const found = await read();
    expect(owners(found, '/usr/lib/same')).toEqual(['cat/a-1', 'cat/b-1']);
    expect([...found.index.sharedFiles()]).toEqual(['/usr/lib/same']);
    expect(owners(found, '/usr/lib/\udce9')).toEqual(['cat/c-1']);
    expect(owners(found, '/usr/lib/é')).toEqual(['cat/d-1']);
    const [first] = found.packages.filter(({ name }) => name === 'c');
    expect([...found.index.filesOf(first as never)].map(({ path }) => path)).toEqual([
      '/usr/lib/\udce9',
      '/usr/lib/\udcea',
    ]);
  });

  test('finds owners of paths of any length, in folders with any characters, and of no other paths', async () => {
    const folders = ['/usr', '/usr/é', '/usr/lib/a/b', `/usr/${'x'.repeat(200)}`, '/usr/\u{1f600}/lib'];
    const names = Array.from({ length: 70 }, (_, length) => `${'n'.repeat(length)}1`);
    const paths = folders.flatMap((folder) => [...names, 'ä', 'nä'].map((name) => `${folder}/${name}`));
    install('cat/a-1', paths);
    const found = await read();
    for (const path of paths) {
      expect(owners(found, path)).toEqual(['cat/a-1']);
      for (const other of [`${path}1`, path.slice(0, -1), path.replace('/usr', '/usr/é/é')])
        expect(owners(found, other)).toEqual([]);
    }
    for (const path of ['', 'usr/1', '/', `/${'x/'.repeat(3000)}1`, `/${'é/'.repeat(1500)}1`])
      expect(owners(found, path)).toEqual([]);
  });

  test('names each entry that is not a valid package once, whatever the VDB contains', async () => {
    const vdb = join(root, 'var/db/pkg');
    install('cat/good-1', ['/usr/bin/good']);
    put('cat/unversioned/CONTENTS', '');
    put('cat/torn-1/SLOT', '0');
    put('cat/binary-1/CONTENTS', Buffer.from(Array.from({ length: 5000 }, (_, at) => (at * 7919) % 256)));
    put('cat/cut-1/CONTENTS', 'obj /usr/bin/whole x 1\nobj /usr/bin/cut 0123');
    put('cat/dos-1/CONTENTS', 'obj /usr/bin/dos x 1\r\n');
    put('cat/line-1/CONTENTS', `obj /${'x'.repeat(5_000_000)} x 1\n`);
    put('cat/folder-1/CONTENTS/x', '');
    mkdirSync(join(vdb, 'cat/pipe-1'));
    execFileSync('mkfifo', [join(vdb, 'cat/pipe-1/CONTENTS')]);
    install('cat/slots-1', ['/usr/bin/slots'], '3');
    install('cat/slots-2', ['/usr/bin/slots'], '3');
    put('cat/slots-1/COUNTER', '20');
    put('cat/slots-2/COUNTER', '10');
    install('cat/odd\nname', []);
    symlinkSync('.', join(vdb, 'circle'));
    symlinkSync('circle-1', join(vdb, 'cat/circle-1'));
    writeFileSync(join(vdb, '.cache'), '');
    writeFileSync(join(vdb, 'cat/note'), '');
    const expected = [
      'cat/binary-1 is skipped: its CONTENTS has no valid line; reinstall cat/binary-1.',
      'cat/circle-1 is skipped: it is not a folder; remove it.',
      'cat/cut-1/CONTENTS is damaged, and a line was ignored: reinstall cat/cut-1.',
      'cat/dos-1 is skipped: its CONTENTS has no valid line; reinstall cat/dos-1.',
      'cat/folder-1 is skipped: its CONTENTS cannot be read; reinstall cat/folder-1.',
      'cat/line-1 is skipped: its CONTENTS has no valid line; reinstall cat/line-1.',
      'cat/odd\\u{a}name is skipped: its name does not end in a version (PMS 3.2).',
      'cat/pipe-1 is skipped: its CONTENTS cannot be read; reinstall cat/pipe-1.',
      'cat/slots-2 is skipped: cat/slots-1 has the same slot and was merged later; remove it with "emerge --unmerge =cat/slots-2".',
      'cat/torn-1 is skipped: its CONTENTS cannot be read; reinstall cat/torn-1.',
      'cat/unversioned is skipped: its name does not end in a version (PMS 3.2).',
      'circle is skipped: it is not a folder that can be read.',
    ];
    for (const found of [await read(), await read()]) {
      expect(problems(found)).toEqual(expected);
      expect(ids(found)).toEqual(['cat/cut-1', 'cat/good-1', 'cat/slots-1']);
      expect(owners(found, '/usr/bin/slots')).toEqual(['cat/slots-1']);
      expect(owners(found, '/usr/bin/whole')).toEqual(['cat/cut-1']);
    }
  });

  test('names a package that cannot be read', async () => {
    install('cat/closed-1', []);
    chmodSync(join(root, 'var/db/pkg/cat/closed-1/CONTENTS'), 0);
    chmodSync(root, 0o755);
    // Root can read everything.
    if (isRoot) process.seteuid?.(NOBODY);
    try {
      expect(problems(await read())).toEqual([
        'cat/closed-1 is skipped: its CONTENTS cannot be read; reinstall cat/closed-1.',
      ]);
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });

  test('a root without a VDB has no packages', async () => {
    rmSync(join(root, 'var/db/pkg'), { recursive: true });
    expect(await read()).toMatchObject({ packages: [], problems: [] });
  });
});

describe('stored layers', () => {
  const many = Array.from({ length: 40 }, (_, number) => `cat/many${number}-1`);
  beforeEach(() => {
    for (const id of many) install(id, ['/usr/lib/', `/usr/lib/${id.slice(4)}`, `/bin/${id.slice(4)}`]);
  });

  /** All results of an installation, to compare stored layers with a reading from the beginning. */
  function answers(installation: Installation) {
    const { packages, index } = installation;
    const files = packages.flatMap((installed) => [...index.filesOf(installed)]);
    return {
      packages,
      problems: installation.problems,
      files,
      owners: files.map(({ path }) => [path, owners(installation, path)]),
      folders: [...index.folders()]
        .sort()
        .map((folder) => [folder, index.packagesInFolder(folder).map(packageId).sort()]),
    };
  }

  /** The packages without their files, read with and without stored layers. */
  const readPackages = async () => [
    await readInstalledPackages(root, cacheFolder),
    await readInstalledPackages(root, undefined),
  ];

  async function readAfresh() {
    const cache = cacheFolder;
    cacheFolder = join(root, 'another');
    const found = await read();
    rmSync(cacheFolder, { recursive: true });
    cacheFolder = cache;
    return answers(found);
  }

  test.each([
    ['nothing', () => {}],
    ['a package changed', () => install('cat/many3-1', ['/usr/lib/new', '/usr/lib/many4-1'])],
    ['a package came', () => install('cat/new-1', ['/usr/lib/new'])],
    ['a package went', () => rmSync(join(root, 'var/db/pkg/cat/many7-1'), { recursive: true })],
    ['a flag changed', () => put('cat/many5-1/USE', 'x')],
    [
      'a package was updated',
      () => {
        rmSync(join(root, 'var/db/pkg/cat/many7-1'), { recursive: true });
        install('cat/many7-2', ['/usr/lib/many7-2']);
      },
    ],
    [
      'all changed',
      () => {
        for (const id of many) install(id, [`/usr/lib/x${id.slice(4)}`]);
      },
    ],
    [
      'the top became merged the other way',
      () => {
        rmSync(join(root, 'bin'));
        renameSync(join(root, 'usr/bin'), join(root, 'bin'));
        symlinkSync('../bin', join(root, 'usr/bin'));
      },
    ],
    [
      'a package turned a folder into a link',
      () => {
        rmSync(join(root, 'usr/lib'), { recursive: true });
        symlinkSync('lib64', join(root, 'usr/lib'));
        install('cat/many3-1', ['/usr/lib -> lib64']);
      },
    ],
  ])('gives the same as a reading from the beginning after: %s', async (_, change) => {
    const before = await read();
    change();
    const afresh = await readAfresh();
    for (const { packages } of await readPackages()) expect(packages).toEqual(afresh.packages);
    const fromMemory = await read(before);
    expect(answers(fromMemory)).toEqual(afresh);
    for (let times = 0; times < 2; times++) expect(answers(await read())).toEqual(afresh);
    install('cat/many9-1', ['/usr/lib/again']);
    expect(answers(await read(fromMemory))).toEqual(await readAfresh());
    expect(answers(await read())).toEqual(await readAfresh());
  });

  test.each([
    ['cut off', (file: string) => truncateSync(file, 1000)],
    ['empty', (file: string) => truncateSync(file, 0)],
    ['altered', (file: string) => writeFileSync(file, readFileSync(file).fill(0x41, 2000, 2100))],
    ['from another program', (file: string) => writeFileSync(file, 'something else')],
    [
      'a folder',
      (file: string) => {
        rmSync(file);
        mkdirSync(file);
      },
    ],
  ])('ignores a file that is %s, and replaces it if possible', async (_, spoil) => {
    const whole = answers(await read());
    const [name = ''] = readdirSync(cacheFolder);
    spoil(join(cacheFolder, name));
    expect(answers(await read())).toEqual(whole);
    expect(answers(await read())).toEqual(whole);
    expect(readdirSync(cacheFolder)).toEqual([name]);
  });

  test('ignores the file of another root', async () => {
    await read();
    const copy = `${root}-copy`;
    cpSync(root, copy, { recursive: true, verbatimSymlinks: true });
    rmSync(root, { recursive: true });
    renameSync(copy, root);
    put('cat/many1-1/CONTENTS', contentsOf(['/usr/lib/copied']));
    expect(answers(await read())).toEqual(await readAfresh());
  });

  test('removes old temporary files of processes that were killed', async () => {
    await read();
    const [name = ''] = readdirSync(cacheFolder);
    for (const leftover of ['1.tmp', '2.tmp']) writeFileSync(join(cacheFolder, `${name}.${leftover}`), '');
    utimesSync(join(cacheFolder, `${name}.1.tmp`), 1, 1);
    for (const id of many) install(id, ['/usr/lib/another']);
    await read();
    expect(readdirSync(cacheFolder)).toEqual([name, `${name}.2.tmp`]);
  });

  test('works without a writable cache folder', async () => {
    writeFileSync(join(root, 'file'), '');
    cacheFolder = join(root, 'file/index');
    expect((await read()).packages).toHaveLength(40);
    expect(existsSync(cacheFolder)).toBe(false);
  });
});
