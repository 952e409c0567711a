import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { printAtom } from '../../server/src/pms/atom.ts';
import { openRepositoryIndex } from '../../server/src/repository/index/open-repository-index.ts';
import type { RepositoryIndex } from '../../server/src/repository/index/repository-index.ts';
import { tableFile } from '../../server/src/repository/index/table-file.ts';
import { bash } from '../ebuild/bash.ts';

let folder: string;
let opened: RepositoryIndex[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'repository-index-'));
  opened = [];
  write('main/profiles/repo_name', 'main\n');
  write('main/metadata/layout.conf', 'masters =\n');
  write('main/profiles/categories', 'dev-libs\nvirtual\n');
  write('main/profiles/use.desc', 'doc - Build the manual\nssl - Use TLS\n');
  write(
    'main/profiles/base/make.defaults',
    'IUSE_IMPLICIT="prefix"\nUSE_EXPAND_IMPLICIT="ELIBC"\nUSE_EXPAND_VALUES_ELIBC="glibc musl"\n',
  );
  write('main/eclass/docs.eclass', 'IUSE="doc"\nBDEPEND="doc? ( dev-libs/manual )"\n');
  write('main/eclass/both.eclass', 'inherit docs\nIUSE="+main"\n');
  write(
    'main/dev-libs/foo/foo-1.ebuild',
    'EAPI=8\ninherit both\nSLOT="0/3"\nIUSE="-ssl"\nKEYWORDS="amd64 ~x86"\n',
  );
  write('main/dev-libs/foo/foo-1.10.ebuild', 'EAPI=8\nSLOT="1"\nIUSE="${UNKNOWN}"\n');
  write('main/dev-libs/foo/foo-1.9-r1.ebuild', 'EAPI=8\ninherit absent\nSLOT="1"\n');
  write(
    'main/dev-libs/foo/metadata.xml',
    '<pkgmetadata><use><flag name="ssl">Ask <pkg>dev-libs/openssl</pkg></flag></use></pkgmetadata>',
  );
  write(
    'main/profiles/package.deprecated',
    '# Somebody (2026-01-01)\n# Use dev-libs/foo.\ndev-libs/old\ndev-libs/kept:2 # why\n\n>=dev-libs/older\n',
  );
  write('over/profiles/package.deprecated', '-dev-libs/old\n  dev-libs/bar\n');
  write('main/profiles/updates/4Q-2023', 'move dev-libs/old dev-libs/older\n');
  write('main/profiles/updates/1Q-2024', 'move dev-libs/older dev-libs/foo\n');
  write('over/profiles/repo_name', 'over\n');
  write('over/metadata/layout.conf', 'masters = main\n');
  write('over/eclass/docs.eclass', 'IUSE="over"\n');
  write('over/dev-libs/bar/bar-2.ebuild', 'EAPI=8\ninherit both\nSLOT="0"\n');
});

afterEach(() => {
  for (const index of opened) index.close();
  rmSync(folder, { recursive: true, force: true });
});

function write(path: string, text: string | Uint8Array): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function open(repository = 'over'): RepositoryIndex {
  const index = openRepositoryIndex({
    repository: join(folder, repository),
    root: join(folder, 'root'),
    cacheFolder: join(folder, 'cache'),
    parser: bash,
  });
  opened.push(index);
  return index;
}

test('an overlay sees its own packages and those of its master', async () => {
  const index = open();
  expect(index.incomplete).toMatchObject({
    kind: 'reading',
    text: expect.stringMatching(/still being read/),
  });
  await index.ready();
  expect(index.incomplete).toBeUndefined();
  expect([...index.packageNames()].sort()).toEqual(['dev-libs/bar', 'dev-libs/foo']);
  expect(index.offered('dev-libs', 'foo')).toEqual([
    {
      category: 'dev-libs',
      name: 'foo',
      version: '1',
      repository: 'main',
      slot: '0',
      subslot: '3',
      iuse: ['ssl', 'main', 'doc'],
      eapi: '8',
      keywords: ['amd64', '~x86'],
      source: 'static',
    },
    expect.objectContaining({ version: '1.9-r1', slot: undefined, iuse: undefined }),
    expect.objectContaining({ version: '1.10', slot: '1', subslot: '1', iuse: undefined }),
  ]);
});

test('an eclass of the overlay takes the place of the same one of its master, for the overlay only', async () => {
  const index = open();
  await index.ready();
  expect(index.offered('dev-libs', 'bar')[0]?.iuse).toEqual(['main', 'over']);
  expect(index.eclass('both')?.names).toEqual(new Set());
  expect(index.offered('dev-libs', 'foo')[0]?.iuse).toEqual(['ssl', 'main', 'doc']);
  expect([...index.eclassNames()].sort()).toEqual(['both', 'docs']);
});

test('the files of eclasses and packages lie in the first repository that has them', async () => {
  const index = open();
  await index.ready();
  const sources = [...index.eclassSources(['absent', 'both'])];
  expect(sources.map(({ name, file }) => [name, file])).toEqual([
    ['both', join(folder, 'main/eclass/both.eclass')],
    ['docs', join(folder, 'over/eclass/docs.eclass')],
  ]);
  expect(sources[1]?.text).toBe('IUSE="over"\n');
  expect(index.offered('dev-libs', 'foo').map((offered) => index.ebuildFile(offered))).toEqual(
    ['1', '1.9-r1', '1.10'].map((version) => join(folder, `main/dev-libs/foo/foo-${version}.ebuild`)),
  );
  expect(index.packageFile('dev-libs', 'foo', 'metadata.xml')).toBe(
    join(folder, 'main/dev-libs/foo/metadata.xml'),
  );
  expect(index.packageFile('dev-libs', 'bar', 'metadata.xml')).toBeUndefined();
  expect(index.packageFile('dev-libs', 'foo', 'files')).toBeUndefined();
});

test('a file that leads out of its repository is none', async () => {
  write('secret', 'x');
  symlinkSync(join(folder, 'secret'), join(folder, 'over/dev-libs/bar/metadata.xml'));
  expect(open().packageFile('dev-libs', 'bar', 'metadata.xml')).toBeUndefined();
});

test('mirrors are those of the master, and the repository replaces them', async () => {
  write(
    'main/profiles/thirdpartymirrors',
    '# x\ngnu\thttps://a.example/gnu https://b.example/gnu\nkde https://kde.example\n',
  );
  write('over/profiles/thirdpartymirrors', 'kde https://over.example\n');
  expect(Object.fromEntries(open().mirrors())).toEqual({
    gnu: ['https://a.example/gnu', 'https://b.example/gnu'],
    kde: ['https://over.example'],
  });
});

test('deprecated packages of the repository and its masters, of which an overlay takes some back', async () => {
  const index = open();
  await index.ready();
  const listed = (name: string) =>
    index
      .deprecated('dev-libs', name)
      .map(({ atom, repository, line }) => [printAtom(atom), repository, line]);
  expect(listed('old')).toEqual([]);
  expect(listed('older')).toEqual([]);
  expect(listed('kept')).toEqual([['dev-libs/kept:2', 'main', 4]]);
  expect(listed('bar')).toEqual([['dev-libs/bar', 'over', 2]]);
});

test('moves, implicit flags and descriptions', async () => {
  const index = open();
  await index.ready();
  expect(index.movedTo('dev-libs', 'old')).toEqual({ category: 'dev-libs', name: 'foo' });
  expect(index.movedTo('dev-libs', 'foo')).toBeUndefined();
  expect(['prefix', 'elibc_musl', 'ssl'].map((flag) => index.isImplicitFlag(flag))).toEqual([
    true,
    true,
    false,
  ]);
  expect(index.describeFlag('dev-libs', 'foo', 'ssl')).toBe('Ask dev-libs/openssl');
  expect(index.describeFlag('dev-libs', 'bar', 'ssl')).toBe('Use TLS');
  expect(index.describeFlag('dev-libs', 'bar', 'nothing')).toBeUndefined();
});

test('a missing master is named', async () => {
  rmSync(join(folder, 'main'), { recursive: true });
  const index = open();
  await index.ready();
  expect(index.incomplete).toMatchObject({
    kind: 'master',
    text: expect.stringMatching(/^The repository main, a master of over, is not on this machine/),
    mend: { kind: 'setting', name: 'root' },
  });
  expect([...index.packageNames()]).toEqual(['dev-libs/bar']);
});

test('a master is found through repos.conf, inside the root', async () => {
  execFileSync('mkdir', ['-p', join(folder, 'root/var/db/repos')]);
  execFileSync('mv', [join(folder, 'main'), join(folder, 'root/var/db/repos/main')]);
  write('root/etc/portage/repos.conf/main.conf', '[main]\nlocation = /var/db/repos/main\n');
  const index = open();
  await index.ready();
  expect(index.incomplete).toBeUndefined();
  expect(index.offered('dev-libs', 'foo')).toHaveLength(3);
});

test('a valid entry of the metadata cache says more than the text, a stale one nothing', async () => {
  const md5 = (text: string) => createHash('md5').update(text).digest('hex');
  const text = 'EAPI=8\ninherit docs\nSLOT="${PV}"\nIUSE="${UNKNOWN}"\n';
  write('main/dev-libs/cached/cached-1.ebuild', text);
  const entry = `EAPI=8\nSLOT=4/5\nIUSE=+a -b\n_eclasses_=docs\t${md5('IUSE="doc"\nBDEPEND="doc? ( dev-libs/manual )"\n')}\n_md5_=${md5(text)}\n`;
  write('main/metadata/md5-cache/dev-libs/cached-1', entry);
  const index = open('main');
  await index.ready();
  expect(index.offered('dev-libs', 'cached')[0]).toMatchObject({
    slot: '4',
    subslot: '5',
    iuse: ['a', 'b'],
    source: 'md5-cache',
  });
  write('main/eclass/docs.eclass', 'IUSE="other"\n');
  await index.refresh([join(folder, 'main/eclass/docs.eclass')]);
  expect(index.offered('dev-libs', 'cached')[0]).toMatchObject({ iuse: undefined, source: 'static' });
  expect(index.offered('dev-libs', 'foo')[0]?.iuse).toEqual(['ssl', 'main', 'other']);
});

test('an eclass that is inherited in a branch makes IUSE unknown where it has flags', async () => {
  write(
    'over/dev-libs/live/live-9999.ebuild',
    'EAPI=8\nif [[ ${PV} == 9999 ]]; then\n\tinherit plain\nelse\n\tinherit plain docs\nfi\nSLOT="0"\nIUSE="a"\n',
  );
  write('over/eclass/plain.eclass', 'BDEPEND="dev-libs/foo"\n');
  write(
    'over/dev-libs/live/live-1.ebuild',
    'EAPI=8\nif [[ ${PV} == 9999 ]]; then\n\tinherit plain\nfi\nSLOT="0"\nIUSE="a"\nsrc_install() {\n\tlocal IUSE="no"\n}\n',
  );
  const index = open();
  await index.ready();
  expect(index.offered('dev-libs', 'live').map(({ slot, iuse }) => [slot, iuse])).toEqual([
    ['0', ['a']],
    ['0', undefined],
  ]);
  expect(index.eclass('plain')?.names).toEqual(new Set(['dev-libs/foo']));
});

test('what changed on disk is read again, by name or by looking', async () => {
  const index = open();
  await index.ready();
  write('over/dev-libs/bar/bar-3.ebuild', 'EAPI=8\nSLOT="3"\n');
  await index.refresh([join(folder, 'over/dev-libs/bar/bar-3.ebuild')]);
  expect(index.offered('dev-libs', 'bar').map(({ slot }) => slot)).toEqual(['0', '3']);
  rmSync(join(folder, 'over/dev-libs/bar'), { recursive: true });
  write('over/dev-libs/baz/baz-1.ebuild', 'EAPI=8\nSLOT="0"\n');
  await index.refresh();
  expect([...index.packageNames()].sort()).toEqual(['dev-libs/baz', 'dev-libs/foo']);
});

test('the next session has everything at once, and finds what changed meanwhile', async () => {
  const first = open();
  await first.ready();
  first.close();
  const second = open();
  expect(second.offered('dev-libs', 'bar')).toHaveLength(1);
  expect(second.incomplete).toBeDefined();
  await second.ready();
  second.close();
  write('over/dev-libs/bar/bar-2.ebuild', 'EAPI=8\nSLOT="7"\n');
  const third = open();
  await third.ready();
  expect(third.offered('dev-libs', 'bar').map(({ slot }) => slot)).toEqual(['7']);
});

test.each(['', 'not JSON', '{"format":1}', '[]', 'null'])(
  'a kept file that is broken is made again: %j',
  async (text) => {
    const before = open();
    await before.ready();
    writeFileSync(tableFile(join(folder, 'cache'), join(folder, 'over')), text);
    const after = open();
    await after.ready();
    expect(after.offered('dev-libs', 'bar')).toEqual(before.offered('dev-libs', 'bar'));
  },
);

test('files that are no ebuilds are skipped and said once', async () => {
  write('over/dev-libs/bad/bad-1.ebuild', new Uint8Array([0, 1, 2]));
  execFileSync('mkfifo', [join(folder, 'over/dev-libs/bad/bad-2.ebuild')]);
  symlinkSync('bad-3.ebuild', join(folder, 'over/dev-libs/bad/bad-3.ebuild'));
  symlinkSync('ring', join(folder, 'over/dev-libs/ring'));
  write('over/dev-libs/bad/other-1.ebuild', 'EAPI=8\n');
  write('over/dev-libs/bad/bad-x.ebuild', 'EAPI=8\n');
  execFileSync('truncate', ['-s', '1G', join(folder, 'over/dev-libs/bad/bad-4.ebuild')]);
  const index = open();
  await index.ready();
  await index.refresh();
  expect([...index.packageNames()].sort()).toEqual(['dev-libs/bar', 'dev-libs/foo']);
  expect(index.problems.map((problem) => problem.replaceAll(folder, ''))).toEqual([
    '/over/dev-libs/bad/bad-1.ebuild is skipped: it is binary; remove it.',
    '/over/dev-libs/bad/bad-2.ebuild is skipped: it is not a regular file; remove it.',
    '/over/dev-libs/bad/bad-3.ebuild is skipped: it cannot be read (ELOOP); check its permissions and its link target.',
    '/over/dev-libs/bad/bad-4.ebuild is skipped: it is larger than 8 MiB; remove it.',
  ]);
});

test('an ebuild of the same size and another time is read again', async () => {
  const index = open();
  await index.ready();
  write('over/dev-libs/bar/bar-2.ebuild', 'EAPI=8\ninherit both\nSLOT="5"\n');
  utimesSync(join(folder, 'over/dev-libs/bar/bar-2.ebuild'), 1, 1);
  await index.refresh();
  expect(index.offered('dev-libs', 'bar')[0]?.slot).toBe('5');
});
