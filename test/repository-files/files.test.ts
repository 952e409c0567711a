import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Knowledge } from '../../server/src/audit/knowledge.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { toMarkdown, toPlainText } from '../../server/src/lsp/markdown.ts';
import { filesFetchedBy } from '../../server/src/repository-files/distfiles.ts';
import { completeFile } from '../../server/src/repository-files/file-completion.ts';
import { linksOfFile } from '../../server/src/repository-files/file-links.ts';
import { foldsOfList, outlineOfList } from '../../server/src/repository-files/list-blocks.ts';
import { repositoryFileAt } from '../../server/src/repository-files/repository-file.ts';
import { defineFileWord } from '../../server/src/repository-files/word-definition.ts';
import { describeFileWord, type FileSubject } from '../../server/src/repository-files/word-description.ts';
import { fileWordAt } from '../../server/src/repository-files/word-lookup.ts';
import { makeKnowledge } from '../audit/world.ts';
import { bash } from '../ebuild/bash.ts';
import { showRanges, takeMark } from '../navigation/marked.ts';

const WORLD: Knowledge = {
  ...makeKnowledge(
    [
      'dev-libs/foo-1:0[ssl]',
      'dev-libs/foo-2:0[ssl,extra]',
      'dev-libs/foo-2.1:0/2[ssl,extra,python_targets_python3_12]',
      'dev-libs/bar-3:0[?]',
    ],
    {
      summaries: { 'dev-libs/foo': 'A library' },
      eclasses: { meson: { text: '# @ECLASS: meson\n# @BLURB: builds\n' } },
    },
  ),
  ebuildFile: ({ category, name, version }) => `/repo/${category}/${name}/${name}-${version}.ebuild`,
  packageFile: (category, name, path) =>
    path === 'files/a.patch' || path === 'metadata.xml' || path.endsWith('.ebuild')
      ? `/repo/${category}/${name}/${path}`
      : undefined,
  eclassSources: (names) =>
    [...names].map((name) => ({ name, file: `/repo/eclass/${name}.eclass`, text: '' })),
  describeFlag: (category, name, flag) =>
    category === 'dev-libs' && name === 'foo' && flag === 'ssl'
      ? 'Encrypt with foo'
      : flag === 'python_targets_python3_12'
        ? 'Build with Python 3.12'
        : undefined,
};
const METADATA = '/repo/dev-libs/foo/metadata.xml';
const MANIFEST = '/repo/dev-libs/foo/Manifest';
const CACHE = '/repo/metadata/md5-cache/dev-libs/foo-2.1';

function subjectOf(path: string, text: string, knowledge: Knowledge | undefined = WORLD): FileSubject {
  const file = repositoryFileAt(path);
  if (file === undefined) throw new Error(`${path} is no file of a repository`);
  return { file, text, knowledge };
}

/** What a client without Markdown shows at the mark. */
function hover(path: string, marked: string): string | undefined {
  const { text, offset } = takeMark(marked);
  const subject = subjectOf(path, text);
  const word = fileWordAt(subject.file, text, offset);
  const paragraphs = word && describeFileWord(subject, word);
  return paragraphs && toPlainText(paragraphs);
}

/** The files that the word at the mark leads to. */
function definition(path: string, marked: string): readonly string[] {
  const { text, offset } = takeMark(marked);
  const subject = subjectOf(path, text);
  return defineFileWord(subject, fileWordAt(subject.file, text, offset)).map(({ file }) => file);
}

test.each([
  ['/repo/profiles/package.mask', { kind: 'list', form: 'packages' }],
  ['/repo/profiles/default/linux/package.use.mask/gcc', { kind: 'list', form: 'package-flags' }],
  ['/repo/profiles/desc/video_cards.desc', { kind: 'list', form: 'flag-descriptions', group: 'video_cards' }],
  ['/repo/profiles/updates/1Q-2026', { kind: 'list', form: 'packages' }],
  [CACHE, { kind: 'cache', owner: { category: 'dev-libs', name: 'foo' }, version: '2.1' }],
  ['/home/me/package.mask', undefined],
  ['/repo/profiles', undefined],
  ['/repo/profiles/toString', undefined],
  ['/repo/dev-libs/foo/foo-1.ebuild', undefined],
  ['/repo/eclass/meson.eclass', undefined],
  ['', undefined],
])('%s is told by its path', (path, expected) => {
  expect(repositoryFileAt(path)).toEqual(expected);
});

describe('metadata.xml', () => {
  const withUse = (flag: string) =>
    `<pkgmetadata>\n<maintainer><email>a@b.c</email></maintainer>\n<use>\n${flag}\n</use>\n</pkgmetadata>\n`;

  test('a flag says which ebuilds have it, and what it means elsewhere', () => {
    expect(hover(METADATA, withUse('<flag name="ex‸tra">More</flag>'))).toBe(
      'dev-libs/foo[extra]\n\nIUSE: 2.1, 2',
    );
    expect(hover(METADATA, withUse("<flag name='‸ssl'>x</flag>"))).toBe(
      'dev-libs/foo[ssl]\n\nEncrypt with foo\n\nIUSE: every ebuild of this package has it\nIn use.desc: Add support for SSL',
    );
    expect(hover(METADATA, withUse('<flag name="go‸ne">x</flag>'))).toContain(
      'no ebuild of this package has it',
    );
    expect(hover('/repo/dev-libs/bar/metadata.xml', withUse('<flag name="x‸y">x</flag>'))).toContain(
      'Only bash knows: 3',
    );
  });

  test('atoms are described and defined; addresses and comments are not', () => {
    expect(hover(METADATA, withUse('<flag name="a">See <pkg>dev-libs/fo‸o</pkg></flag>'))).toContain(
      'A library',
    );
    expect(
      definition(
        METADATA,
        withUse('<flag restrict="&lt;dev-libs/foo-2" name="a">x</flag> <pkg>dev-libs/f‸oo</pkg>'),
      ),
    ).toEqual(['/repo/dev-libs/foo/foo-2.1.ebuild']);
    expect(definition(METADATA, withUse('<flag restrict="=dev-libs/fo‸o-1" name="a">x</flag>'))).toEqual([
      '/repo/dev-libs/foo/foo-1.ebuild',
    ]);
    expect(hover(METADATA, withUse('<!-- <pkg>dev-libs/fo‸o</pkg> -->'))).toBeUndefined();
    expect(hover(METADATA, '<maintainer><email>dev-libs/fo‸o@b.c</email></maintainer>')).toBeUndefined();
    expect(definition(METADATA, withUse('<flag name="ex‸tra">x</flag>'))).toEqual([
      '/repo/dev-libs/foo/foo-2.ebuild',
      '/repo/dev-libs/foo/foo-2.1.ebuild',
    ]);
  });

  test('identifiers upstream are links, if their form is that of a name', () => {
    const text = `<upstream>
<remote-id type="github">me/foo</remote-id>
<remote-id type="gitlab"> a/b/c </remote-id>
<remote-id type='cpan'>Foo-Bar</remote-id>
<remote-id type="cpan-module">Foo::Bar</remote-id>
<remote-id type="pypi">foo.bar</remote-id>
<remote-id type="github">../evil</remote-id>
<remote-id type="github">a/../../evil</remote-id>
<remote-id type="github">@evil.example</remote-id>
<remote-id type="constructor">x</remote-id>
<remote-id>x</remote-id>
</upstream>`;
    const links = linksOfFile(subjectOf(METADATA, text));
    expect(links.map((link) => ('address' in link ? link.address : ''))).toEqual([
      'https://github.com/me/foo',
      'https://gitlab.com/a/b/c',
      'https://metacpan.org/dist/Foo-Bar',
      'https://metacpan.org/pod/Foo::Bar',
      'https://pypi.org/project/foo.bar',
    ]);
    expect(showRanges(text, links.slice(1, 2))).toContain('> ⟦a/b/c⟧ <');
  });

  test('the flags of the ebuilds that nothing describes are completed first', () => {
    const at = (marked: string) => {
      const { text, offset } = takeMark(marked);
      return completeFile(subjectOf(METADATA, text), offset).items.map(({ text: flag }) => flag);
    };
    expect(at(withUse('<flag name="‸"></flag>'))).toEqual(['extra', 'python_targets_python3_12', 'ssl']);
    expect(at(withUse('<flag name="extra">x</flag>\n<flag name="‸'))).toEqual([
      'python_targets_python3_12',
      'ssl',
    ]);
    expect(at(withUse('<flag lang="en" name="e‸xtra">x</flag>'))).toEqual(['extra']);
    expect(at('<remote-id type="git‸')).toEqual(['github', 'gitlab']);
    expect(at('<email>‸')).toEqual([]);
  });
});

describe('Manifest', () => {
  const TEXT =
    'AUX a.patch 12 BLAKE2B ab\nDIST foo-2.tar.gz 12897485 BLAKE2B ab\r\nDIST x\nEBUILD foo-1.ebuild 5\n';

  test('a distfile has its size', () => {
    expect(hover(MANIFEST, TEXT.replace('BLAKE2B ab\r', 'BLAK‸E2B ab\r'))).toBe(
      'foo-2.tar.gz\n\nSize: 12 MiB (12897485 bytes)',
    );
    expect(hover(MANIFEST, 'DIST a 1536 B b‸')).toContain('Size: 1.5 KiB (1536 bytes)');
    expect(hover(MANIFEST, 'DIST a 1 ‸')).toContain('Size: 1 byte');
    expect(hover(MANIFEST, '‸')).toBeUndefined();
  });

  test('files lead to themselves, and never out of the folder', () => {
    expect(definition(MANIFEST, TEXT.replace('a.patch', 'a.‸patch'))).toEqual([
      '/repo/dev-libs/foo/files/a.patch',
    ]);
    expect(definition(MANIFEST, 'EBUILD ../../x/foo-1‸.ebuild 5')).toEqual([]);
    expect(showRanges(TEXT, linksOfFile(subjectOf(MANIFEST, TEXT)))).toBe(
      TEXT.replace('a.patch', '⟦a.patch⟧').replace('foo-1.ebuild', '⟦foo-1.ebuild⟧'),
    );
  });

  test.each([
    ['SRC_URI="https://a.b/${P}.tar.gz"', ['foo-2.tar.gz']],
    [
      'SRC_URI="https://a.b/v${PV}.tar.gz -> ${P}.tar.gz doc? ( mirror://x/d.zip )"',
      ['foo-2.tar.gz', 'd.zip'],
    ],
    ['L="https://a.b/1.zip https://a.b/2.zip"\nSRC_URI="${L}"', ['1.zip', '2.zip']],
    ['SRC_URI="https://a.b/${COMMIT}.tar.gz $(cargo_crate_uris)"', []],
    ['SRC_URI="https://a.b/x.zip -> ', []],
    ['HOMEPAGE="https://a.b/x.zip"', []],
  ])('%s fetches what its text says', (text, expected) => {
    const facts = parseEbuild(`${text}\n`, bash);
    expect(filesFetchedBy(facts, 'dev-libs', 'foo-2').map(({ name }) => name)).toEqual(expected);
  });
});

describe('md5-cache', () => {
  const TEXT =
    'DEPEND=>=dev-libs/foo-2:=[ssl] extra? ( dev-libs/bar )\nEAPI=6\nIUSE=+extra ssl\nRDEPEND=dev-libs/foo\n_eclasses_=meson\tdddddddddddddddddddddddddddddddd\n_md5_=abc\n';

  test.each([
    ['dev-libs/foo-2', 'dev-libs/f‸oo-2', 'A library'],
    ['[ssl]', '[ss‸l]', 'dev-libs/foo[ssl]'],
    ['extra?', 'ext‸ra?', 'dev-libs/foo[extra]'],
    ['+extra', '+ext‸ra', 'IUSE: 2.1, 2'],
    ['RDEPEND=dev', 'RDEPEND=de‸v', 'A library'],
    ['RDEPEND', 'RDE‸PEND', 'PMS'],
    ['=meson', '=mes‸on', 'builds'],
  ])('%s is described', (plain, marked, expected) => {
    expect(hover(CACHE, TEXT.replace(plain, marked))).toContain(expected);
  });

  test('a package leads to its ebuild, and everything else to that of the entry', () => {
    const own = ['/repo/dev-libs/foo/foo-2.1.ebuild'];
    expect(definition(CACHE, TEXT.replace('dev-libs/bar', 'dev-libs/b‸ar'))).toEqual([
      '/repo/dev-libs/bar/bar-3.ebuild',
    ]);
    expect(definition(CACHE, TEXT.replace('=meson', '=m‸eson'))).toEqual(['/repo/eclass/meson.eclass']);
    expect(definition(CACHE, TEXT.replace('_md5_', '_m‸d5_'))).toEqual(own);
    expect(definition(CACHE, '‸')).toEqual(own);
    expect(definition(CACHE, TEXT.replace('ddd', 'd‸dd'))).toEqual(own);
  });
});

describe('profiles/', () => {
  const MASK = `# Larry the Cow <larry@gentoo.org> (2026-01-02)
# Fails to build, bug #123456.
# Removal on 2026-02-02.
=dev-libs/foo-1
dev-libs/bar

# no author
dev-libs/baz

~dev-libs/qux-1
`;

  test.each([
    ['package.mask', '=dev-libs/f‸oo-1', 'A library'],
    ['package.mask', '-=dev-libs/f‸oo-1', 'A library'],
    ['packages', '*dev-libs/f‸oo', 'A library'],
    ['package.mask', '# dev-libs/f‸oo', undefined],
    ['package.provided', 'dev-libs/f‸oo-1', 'A library'],
    ['package.use.mask', 'dev-libs/foo -ss‸l', 'Encrypt with foo'],
    ['package.use', 'dev-libs/foo PYTHON_TARGETS: python3‸_12', 'Build with Python 3.12'],
    ['use.mask', '-ss‸l', undefined],
    ['use.local.desc', 'dev-libs/foo:ss‸l - x', 'Encrypt with foo'],
    ['use.local.desc', 'dev-libs/f‸oo:ssl - x', 'A library'],
    ['desc/python_targets.desc', 'python3‸_12 - x', 'Build with Python 3.12'],
    ['updates/1Q-2026', 'move dev-libs/old dev-libs/fo‸o', 'A library'],
    ['eapi', '‸8', 'EAPI="8"'],
    ['make.defaults', 'USE_EXP‸AND="VIDEO_CARDS"', 'PMS 5.3'],
    ['make.defaults', 'X=1\nPYTHON_TARGETS="python3_11\n python3‸_12"', 'Build with Python 3.12'],
    ['make.defaults', 'PYTHON_TAR‸GETS=""', 'A variable of USE_EXPAND'],
    ['make.defaults', 'USE="${US‸E} x"', 'The flags that the profile enables.'],
    ['categories', 'dev-l‸ibs', undefined],
  ])('%s: %s', (file, marked, expected) => {
    const said = hover(`/repo/profiles/${file}`, marked);
    if (expected === undefined) expect(said ?? '').not.toContain('A library');
    else expect(said).toContain(expected);
  });

  test('an atom leads to the newest ebuild that satisfies it', () => {
    expect(definition('/repo/profiles/package.mask', '<dev-libs/fo‸o-2.1')).toEqual([
      '/repo/dev-libs/foo/foo-2.ebuild',
    ]);
    expect(definition('/repo/profiles/package.use', 'dev-libs/foo ss‸l')).toEqual([
      '/repo/dev-libs/foo/metadata.xml',
    ]);
  });

  test('profiles.desc names profiles by their path', () => {
    const { text, offset } = takeMark('amd64 default/linux/am‸d64 stable\n');
    const { file } = subjectOf('/repo/profiles/profiles.desc', text);
    expect(fileWordAt(file, text, offset)).toMatchObject({ kind: 'profile', path: 'default/linux/amd64' });
    expect(fileWordAt(file, text, 1)).toBeUndefined();
  });

  test('the outline has a block for each comment', () => {
    const shown = outlineOfList(MASK).map(({ name, detail, children }) => [
      name,
      detail,
      children.map((child) => child.name).join(' '),
    ]);
    expect(shown).toEqual([
      ['Fails to build, bug #123456.', 'Larry the Cow 2026-01-02', '=dev-libs/foo-1 dev-libs/bar'],
      ['no author', '', 'dev-libs/baz'],
      ['~dev-libs/qux-1', '', ''],
    ]);
    expect(outlineOfList('')).toEqual([]);
    expect(outlineOfList('# only a comment\r\n')).toEqual([]);
    expect(outlineOfList('#\r\ndev-libs/foo\r\n')).toMatchObject([
      { name: '#', children: [{ name: 'dev-libs/foo' }] },
    ]);
  });

  test('a comment folds with its entries, and bugs are links', () => {
    expect(showRanges(MASK, foldsOfList(MASK).slice(0, 1))).toMatch(/^⟦# Larry.*\ndev-libs\/bar⟧\n/s);
    expect(linksOfFile(subjectOf('/repo/profiles/package.mask', MASK))).toMatchObject([
      { address: 'https://bugs.gentoo.org/123456' },
    ]);
  });
});

test('any text of any file has an answer, in ranges that hold the place', () => {
  const paths = [
    METADATA,
    MANIFEST,
    CACHE,
    ...['package.use', 'use.local.desc', 'make.defaults', 'package.provided', 'desc/a.desc'].map(
      (name) => `/repo/profiles/${name}`,
    ),
  ];
  const piece = fc.constantFrom(
    ...[
      '<flag name="',
      '">',
      '</flag>',
      '<pkg>',
      '<use>',
      '<!--',
      '-->',
      '&lt;',
      'dev-libs/foo',
      '[ssl',
      ']',
      '>=',
      '-1',
    ],
    ...[
      'DIST ',
      'EBUILD ',
      '..',
      '/',
      '\n',
      '\r\n',
      '# ',
      '=',
      '"',
      'USE',
      '$',
      '{',
      ':',
      '-',
      ' ',
      '\t',
      '€',
      '\u{1f600}',
      '\0',
    ],
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...paths),
      fc.array(piece, { maxLength: 20 }),
      fc.nat(100),
      (path, pieces, at) => {
        const text = pieces.join('');
        const offset = Math.min(at, text.length);
        const subject = subjectOf(path, text);
        const word = fileWordAt(subject.file, text, offset);
        if (word !== undefined) {
          expect(word.start).toBeLessThanOrEqual(word.end);
          expect(word.end).toBeLessThanOrEqual(text.length);
          toMarkdown(describeFileWord(subject, word) ?? []);
        }
        defineFileWord(subject, word);
        linksOfFile(subject);
        completeFile(subject, offset);
        outlineOfList(text);
        foldsOfList(text);
      },
    ),
    { numRuns: 500 },
  );
});

test.each([
  [METADATA, '<flag name="a"><pkg>'],
  [CACHE, 'DEPEND=dev-libs/foo[a] \n'],
  ['/repo/profiles/make.defaults', "A='\n"],
  ['/repo/profiles/make.defaults', 'A="'],
  ['/repo/profiles/package.mask', '# a\nb/c\n'],
])('%s of a hundred thousand %j takes no quadratic time', (path, line) => {
  const text = line.repeat(100_000);
  const subject = subjectOf(path, text);
  const started = performance.now();
  fileWordAt(subject.file, text, text.length);
  linksOfFile(subject);
  completeFile(subject, text.length);
  outlineOfList(text);
  expect(performance.now() - started).toBeLessThan(4000);
});
