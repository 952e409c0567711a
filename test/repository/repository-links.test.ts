/** Files of a repository that lead to other files of the machine, or are no regular files. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createChecker } from '../../server/src/check/checker.ts';
import { readEnabledFlags } from '../../server/src/check/enabled-flags.ts';
import { createRepositoryRules } from '../../server/src/check/repository-rules.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { refuseLinksOut } from '../../server/src/evaluation/repository-links.ts';
import { fingerprintFile, leadsOut, readText } from '../../server/src/files/regular-file.ts';
import { readConfiguration } from '../../server/src/host/configuration.ts';
import { complete } from '../../server/src/language/completion/complete.ts';
import { openRepositoryIndex } from '../../server/src/repository/index/open-repository-index.ts';
import { readFolderDigest } from '../../server/src/trial/inputs.ts';
import { bash } from '../ebuild/bash.ts';

/** A word that no sentence may contain. */
const SECRET = 'sekrit0';

/** Every kind of file that is read of a repository, with a content in which a word is something that is said or offered. */
const FILES: Readonly<Record<string, (word: string) => string>> = {
  'metadata/layout.conf': (word) => `masters = main ${word === SECRET ? word : ''}\n`,
  'metadata/ebuild-audit.ignore': (word) => `${word} unused – policy\ndev-test/tiny ${word} – policy\n`,
  'metadata/md5-cache/dev-test/tiny-1': (word) => `EAPI=8\nIUSE=${word}\n`,
  'metadata/md5-cache/dev-libs/here-1': (word) => `EAPI=8\nSLOT=0\nIUSE=${word}\n_md5_=${MD5}\n`,
  'profiles/repo_name': (word) => `${word}\n`,
  'profiles/categories': (word) => `dev-test\ndev-libs\ndev-${word}\n`,
  'profiles/arch.list': (word) => `${word}\n`,
  'profiles/use.desc': (word) => (word === SECRET ? `here - ${word}\n` : ''),
  'profiles/use.local.desc': (word) => (word === SECRET ? `dev-test/tiny:here - ${word}\n` : ''),
  'profiles/desc/group.desc': (word) => `y - ${word}\n`,
  'profiles/base/make.defaults': (word) => `IUSE_IMPLICIT="${word}"\n`,
  'profiles/updates/1Q-2025': (word) => `move dev-libs/sekrt dev-libs/${word}\n`,
  'profiles/package.mask': (word) => `${word}\n`,
  'eclass/plain.eclass': (word) => `IUSE="${word}"\n`,
  'dev-test/tiny/metadata.xml': (word) =>
    `<pkgmetadata><use>${word === SECRET ? `<flag name="here">${word}</flag>` : ''}</use></pkgmetadata>\n`,
  'dev-test/tiny/Manifest': (word) => `DIST ${word}\n`,
  'dev-test/tiny/files/patch': (word) => `${word}\n`,
  'dev-libs/here/here-1.ebuild': () => HERE,
  'dev-libs/there/there-1.ebuild': (word) => `EAPI=8\nSLOT="${word}"\nIUSE="x"\n`,
};
/** Those of which nothing is said or offered even if they are as they should be. */
const SILENT = [
  'metadata/ebuild-audit.ignore',
  'metadata/md5-cache/dev-test/tiny-1',
  'profiles/repo_name',
  'profiles/arch.list',
  'profiles/base/make.defaults',
  'profiles/package.mask',
  'eclass/plain.eclass',
  'dev-test/tiny/Manifest',
  'dev-test/tiny/files/patch',
  'dev-libs/here/here-1.ebuild',
];
const HERE = 'EAPI=8\nSLOT="0"\nIUSE="x"\n';
const MD5 = createHash('md5').update(HERE).digest('hex');

const TEXT = `EAPI=8
inherit plain
SLOT="0"
IUSE="here y"
RDEPEND="
	dev-libs/here[s]
	dev-libs/there:none
	dev-libs/sekrt
"
`;

let folder: string;
let overlay: string;
let outside: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-links-'));
  overlay = join(folder, 'overlay');
  outside = join(folder, 'private');
  mkdirSync(outside);
  put('root/etc/portage/repos.conf', '[DEFAULT]\nmain-repo = main\n[main]\nlocation = /repos/main\n');
  put('root/repos/main/profiles/repo_name', 'main\n');
  put('root/repos/main/profiles/base/make.defaults', 'IUSE_IMPLICIT="x"\n');
  symlinkSync('../../repos/main/profiles/base', join(folder, 'root/etc/portage/make.profile'));
  put('root/var/db/pkg/dev-libs/here-1/SLOT', '0\n');
  put('overlay/dev-test/tiny/tiny-1.ebuild', TEXT);
  for (const [path, contentWith] of Object.entries(FILES)) put(`overlay/${path}`, contentWith('plain'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** Ways to put something else into the place of a file. */
const ATTACKS: Readonly<Record<string, (path: string, secret: string) => void>> = {
  'a link to a private file': (path) => symlinkSync(join(outside, 'key'), path),
  'a relative link to a private file': (path) =>
    symlinkSync(`${'../'.repeat(path.slice(folder.length + 1).split('/').length - 1)}private/key`, path),
  'a link in a linked folder': (path, secret) => {
    const name = basename(path);
    rmSync(dirname(path), { recursive: true });
    writeFileSync(join(outside, name), secret);
    symlinkSync(outside, dirname(path));
  },
  'a link to /dev/zero': (path) => symlinkSync('/dev/zero', path),
  'a link to its process': (path) => symlinkSync('/proc/self/environ', path),
  'a pipe': (path) => execFileSync('mkfifo', [path]),
  'a link to a pipe': (path) => {
    execFileSync('mkfifo', [join(outside, 'pipe')]);
    symlinkSync(join(outside, 'pipe'), path);
  },
  'a link to itself': (path) => symlinkSync(basename(path), path),
  'an endless file': (path, secret) => {
    writeFileSync(path, secret);
    truncateSync(path, 2 ** 40);
  },
  'a folder': (path) => mkdirSync(path),
};

/** Everything that Ebuild Audit says and offers about the ebuild. */
async function listen(): Promise<string> {
  const said: string[] = [];
  const log = (sentence: string) => void said.push(sentence);
  const file = join(overlay, 'dev-test/tiny/tiny-1.ebuild');
  const root = join(folder, 'root');
  rmSync(join(folder, 'home'), { recursive: true, force: true });
  const checker = createChecker({
    parser: bash,
    home: join(folder, 'home'),
    root,
    openIndex: openRepositoryIndex,
    rulesOf: createRepositoryRules(log),
    log,
  });
  try {
    await checker.ready(file);
    const facts = parseEbuild(TEXT, bash);
    const { findings, silenced } = checker.check(file, facts);
    said.push(JSON.stringify([findings, silenced]));
    const knowledge = checker.knowledgeFor(file);
    said.push(knowledge?.incomplete?.text ?? '');
    const at = (words: string) => TEXT.indexOf(words) + words.length;
    if (knowledge !== undefined)
      for (const offset of [
        at('inherit pl'),
        at('dev-libs/h'),
        at('\tdev-'),
        at('[s'),
        at('IUSE="h'),
        at('here y'),
        at('dev-libs/there:n'),
      ])
        said.push(JSON.stringify(complete({ facts, offset, knowledge, identity: undefined })));
    const index = openRepositoryIndex({
      repository: overlay,
      root,
      cacheFolder: join(folder, 'home/index'),
      parser: bash,
    });
    await index.ready();
    for (const flag of ['here', 'group_y']) said.push(index.describeFlag('dev-test', 'tiny', flag) ?? '');
    said.push([...index.categories(), ...index.packageNames(), ...index.eclassNames()].join(' '));
    index.close();
    if (!existsSync(file)) return said.join('\n');
    const { enabled } = await readEnabledFlags(root, undefined, { file, text: TEXT, iuse: ['here', SECRET] });
    said.push([...enabled].join(' '));
    if (existsSync(join(overlay, 'profiles'))) await readConfiguration(root, overlay);
  } finally {
    await checker.close();
  }
  return said.join('\n');
}

describe('a file of a repository', () => {
  for (const [path, contentWith] of Object.entries(FILES)) {
    test(`${path} is not read as something else`, async () => {
      const secret = contentWith(SECRET);
      put(`overlay/${path}`, secret);
      // Otherwise the rest of the test would show nothing.
      if (!SILENT.includes(path)) expect(await listen()).toContain(SECRET);
      writeFileSync(join(outside, 'key'), secret);
      for (const [what, attack] of Object.entries(ATTACKS)) {
        const place = join(overlay, path);
        rmSync(place, { recursive: true, force: true });
        attack(place, secret);
        const heard = await listen();
        expect(heard, what).not.toContain(SECRET);
        const location = {
          repository: overlay,
          category: 'dev-test',
          packageName: 'tiny',
          packageAndVersion: 'tiny-1',
        };
        // Of a circular link there is no digest, and nothing is stored.
        if (existsSync(join(overlay, 'dev-test/tiny')) && what !== 'a link to itself')
          expect(readFolderDigest(location)).toMatch(/^\w+$/);
        // As it was, for the next attack.
        rmSync(dirname(place), { recursive: true, force: true });
        for (const [other, fill] of Object.entries(FILES))
          if (!existsSync(join(overlay, other))) put(`overlay/${other}`, fill('plain'));
        put('overlay/dev-test/tiny/tiny-1.ebuild', TEXT);
        rmSync(join(outside, 'pipe'), { force: true });
      }
    });
  }

  test('is read through a link to another file of the repository, and through a link to the repository', () => {
    const said: string[] = [];
    const report = (sentence: string) => void said.push(sentence);
    symlinkSync('plain.eclass', join(overlay, 'eclass/other.eclass'));
    symlinkSync(join(overlay, 'eclass/plain.eclass'), join(overlay, 'eclass/absolute.eclass'));
    symlinkSync(overlay, join(folder, 'linked'));
    for (const name of ['other', 'absolute', 'plain'])
      for (const repository of [overlay, join(folder, 'linked')])
        expect(readText(join(repository, `eclass/${name}.eclass`), [repository], report)).toBe(
          'IUSE="plain"\n',
        );
    expect(said).toEqual([]);
    expect(readText(join(overlay, 'eclass/plain.eclass'), [`${overlay}-other`], report)).toBe(undefined);
    expect(said).toEqual([expect.stringContaining('leads out of its repository')]);
  });

  test('that leads out has a fingerprint that changes with its target, and is not read for it', () => {
    const link = join(overlay, 'eclass/out.eclass');
    writeFileSync(join(outside, 'key'), SECRET);
    symlinkSync(join(outside, 'key'), link);
    const read: Uint8Array[] = [];
    const print = () => fingerprintFile(link, [overlay], (bytes) => String(read.push(bytes)));
    const before = print();
    expect(print()).toBe(before);
    writeFileSync(join(outside, 'key'), `${SECRET}!`);
    expect(print()).not.toBe(before);
    expect(read).toEqual([]);
  });

  test('keeps a package manager away if it leads out', () => {
    const location = {
      repository: overlay,
      category: 'dev-test',
      packageName: 'tiny',
      packageAndVersion: '',
    };
    const refuse = () => refuseLinksOut(location, [overlay, join(folder, 'root/repos/main')]);
    expect(refuse).not.toThrow();
    symlinkSync(join(folder, 'root/repos/main/profiles/repo_name'), join(overlay, 'profiles/package.use'));
    expect(refuse).not.toThrow();
    for (const path of ['eclass/x.eclass', 'profiles/x', 'profiles/base/x', 'metadata/x']) {
      symlinkSync(join(outside, 'key'), join(overlay, path));
      expect(refuse).toThrow(`${join(overlay, path)} leads out of the repositories`);
      rmSync(join(overlay, path));
    }
    execFileSync('mkfifo', [join(overlay, 'eclass/pipe.eclass')]);
    expect(refuse).toThrow(/pipe\.eclass leads out of the repositories or is no regular file/);
  });

  test('leads out also if its target is missing', () => {
    symlinkSync('/no/such/file', join(overlay, 'eclass/a'));
    symlinkSync('nowhere', join(overlay, 'eclass/b'));
    expect(leadsOut(join(overlay, 'eclass/a'), [overlay])).toBe(true);
    expect(leadsOut(join(overlay, 'eclass/b'), [overlay])).toBe(false);
  });
});
