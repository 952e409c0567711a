/** Files of a repository that lead to other files of the machine, or are no regular files. */
import { execFileSync } from 'node:child_process';
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
import { complete } from '../../server/src/audit/completion.ts';
import { createChecker } from '../../server/src/check/checker.ts';
import { readEnabledFlags } from '../../server/src/check/enabled-flags.ts';
import { createRepositoryRules } from '../../server/src/check/repository-rules.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { refuseLinksOut } from '../../server/src/evaluation/repository-links.ts';
import { fingerprintFile, leadsOut, readText } from '../../server/src/files/regular-file.ts';
import { readConfiguration } from '../../server/src/host/configuration.ts';
import { openRepositoryIndex } from '../../server/src/repository/index/open-repository-index.ts';
import { readFolderDigest } from '../../server/src/trial/inputs.ts';
import { bash } from '../ebuild/bash.ts';

/** A word that any parser of a repository's files takes for something, and that no sentence may contain. */
const SECRET = 'sekrit0';
/** Lines in the forms of all files of a repository. */
const SECRETS = [
  SECRET,
  `${SECRET}/${SECRET} unused – ${SECRET}`,
  `dev-test/tiny ${SECRET} – because`,
  `masters = ${SECRET}`,
  `repo-name = ${SECRET}`,
  `${SECRET} - ${SECRET}`,
  `IUSE_IMPLICIT="${SECRET}"`,
  `USE="${SECRET}"`,
  `move dev-libs/here dev-libs/${SECRET}`,
  `<pkgmetadata><use><flag name="here">${SECRET}</flag></use></pkgmetadata>`,
  `IUSE="${SECRET}"`,
].join('\n');

const TEXT = `EAPI=8
inherit plain
SLOT="0"
IUSE="here"
RDEPEND="
	dev-libs/here[${SECRET.slice(0, 3)}]
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
  writeFileSync(join(outside, 'key'), SECRETS);
  put('root/etc/portage/repos.conf', '[DEFAULT]\nmain-repo = main\n[main]\nlocation = /repos/main\n');
  put('root/repos/main/profiles/repo_name', 'main\n');
  put('root/repos/main/profiles/base/make.defaults', 'IUSE_IMPLICIT="x"\n');
  symlinkSync('../../repos/main/profiles/base', join(folder, 'root/etc/portage/make.profile'));
  put('root/var/db/pkg/dev-libs/here-1/SLOT', '0\n');
  put('overlay/dev-test/tiny/tiny-1.ebuild', TEXT);
  for (const [path, text] of Object.entries(FILES)) put(`overlay/${path}`, text);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Every kind of file that is read of a repository, with a content that is valid. */
const FILES: Readonly<Record<string, string>> = {
  'metadata/layout.conf': 'masters = main\n',
  'metadata/ebuild-audit.ignore': 'dev-test/tiny unused – policy\n',
  'metadata/md5-cache/dev-test/tiny-1': 'EAPI=8\n',
  'metadata/md5-cache/dev-libs/here-1': 'EAPI=8\n',
  'profiles/repo_name': 'over\n',
  'profiles/categories': 'dev-test\ndev-libs\n',
  'profiles/arch.list': 'amd64\n',
  'profiles/use.desc': 'x - a flag\n',
  'profiles/use.local.desc': 'dev-test/tiny:here - a flag\n',
  'profiles/desc/group.desc': 'x - a flag\n',
  'profiles/base/make.defaults': 'IUSE_IMPLICIT="y"\n',
  'profiles/updates/1Q-2025': 'move dev-libs/a dev-libs/b\n',
  'profiles/package.mask': '# none\n',
  'eclass/plain.eclass': '# plain\n',
  'dev-test/tiny/metadata.xml': '<pkgmetadata/>\n',
  'dev-test/tiny/Manifest': '\n',
  'dev-test/tiny/files/patch': 'text\n',
  'dev-libs/here/here-1.ebuild': 'EAPI=8\nSLOT="0"\n',
};

function put(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** Ways to put something else into the place of a file. */
const ATTACKS: Readonly<Record<string, (path: string) => void>> = {
  'a link to a private file': (path) => symlinkSync(join(outside, 'key'), path),
  'a relative link to a private file': (path) =>
    symlinkSync(`${'../'.repeat(path.slice(folder.length + 1).split('/').length - 1)}private/key`, path),
  'a link in a linked folder': (path) => {
    const name = basename(path);
    rmSync(dirname(path), { recursive: true });
    writeFileSync(join(outside, name), SECRETS);
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
  'an endless file': (path) => {
    writeFileSync(path, SECRETS);
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
    said.push(knowledge?.incomplete ?? '');
    const at = (words: string) => TEXT.indexOf(words) + words.length;
    if (knowledge !== undefined)
      for (const offset of [at('inherit pl'), at('dev-libs/h'), at('\tdev-'), at('[s'), at('IUSE="h')])
        said.push(JSON.stringify(complete(facts, offset, knowledge)));
    if (!existsSync(file)) return said.join('\n');
    const { enabled } = await readEnabledFlags(root, undefined, file, TEXT, ['here', SECRET]);
    said.push([...enabled].join(' '));
    if (existsSync(join(overlay, 'profiles'))) await readConfiguration(root, overlay);
  } finally {
    await checker.close();
  }
  return said.join('\n');
}

describe('a file of a repository', () => {
  for (const path of Object.keys(FILES)) {
    test(`${path} is not read as something else`, async () => {
      for (const [what, attack] of Object.entries(ATTACKS)) {
        const place = join(overlay, path);
        rmSync(place, { recursive: true, force: true });
        attack(place);
        const heard = await listen();
        expect(heard, what).not.toContain(SECRET);
        const location = {
          repository: overlay,
          category: 'dev-test',
          packageName: 'tiny',
          packageAndVersion: 'tiny-1',
        };
        if (existsSync(join(overlay, 'dev-test/tiny'))) expect(readFolderDigest(location)).toMatch(/^\w+$/);
        // As it was, for the next attack.
        rmSync(dirname(place), { recursive: true, force: true });
        for (const [other, text] of Object.entries(FILES))
          if (!existsSync(join(overlay, other))) put(`overlay/${other}`, text);
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
        expect(readText(join(repository, `eclass/${name}.eclass`), [repository], report)).toBe('# plain\n');
    expect(said).toEqual([]);
    expect(readText(join(overlay, 'eclass/plain.eclass'), [`${overlay}-other`], report)).toBe(undefined);
    expect(said).toEqual([expect.stringContaining('leads out of its repository')]);
  });

  test('that leads out has a fingerprint that changes with its target, and is not read for it', () => {
    const link = join(overlay, 'eclass/out.eclass');
    symlinkSync(join(outside, 'key'), link);
    const read: Uint8Array[] = [];
    const print = () => fingerprintFile(link, [overlay], (bytes) => String(read.push(bytes)));
    const before = print();
    expect(print()).toBe(before);
    writeFileSync(join(outside, 'key'), `${SECRETS}!`);
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
