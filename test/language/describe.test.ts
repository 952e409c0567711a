import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { describeAt } from '../../server/src/language/describe.ts';
import { toMarkdown, toPlainText } from '../../server/src/lsp/markdown.ts';
import { makeKnowledge } from '../audit/world.ts';
import { bash } from '../ebuild/bash.ts';

const MESON = `# @ECLASS: meson.eclass
# @SUPPORTED_EAPIS: 7 8
# @BLURB: functions for packages with Meson
# @DESCRIPTION:
# It has the phase functions
# of a Meson build.

# @ECLASS_VARIABLE: EMESON_BUILDTYPE
# @DESCRIPTION:
# The build type.
: "\${EMESON_BUILDTYPE=plain}"

# @FUNCTION: meson_use
# @USAGE: <flag> [option]
# @RETURN: -Doption=true or false
# @DESCRIPTION:
# Given a flag, prints an option.
#
# @CODE
# $(meson_use foo)
# @CODE
meson_use() {
	:
}
`;
const WORLD = makeKnowledge(
  [
    'dev-libs/openssl-1.1:0/1.1[ssl]',
    'dev-libs/openssl-3.10:0/3[ssl,test]',
    'dev-libs/openssl-3.9:0/3[ssl]::',
    'dev-libs/foo-bar-1:2',
  ],
  {
    summaries: { 'dev-libs/openssl': 'Robust toolkit for TLS' },
    moves: { 'dev-libs/old': 'dev-libs/foo-bar' },
    eclasses: {
      meson: { text: MESON },
      'meson-multilib': { inherits: ['meson', 'meson-multilib'] },
    },
  },
);

/** What a client without Markdown shows at the mark; undefined for nothing. */
function at(marked: string, knowledge = WORLD): string | undefined {
  const offset = marked.indexOf('‸');
  const facts = parseEbuild(marked.replace('‸', ''), bash);
  const identity = { category: 'media-gfx', packageAndVersion: 'foo-1.2-r3' };
  const description = describeAt({ facts, knowledge, identity }, offset);
  return description && toPlainText(description.paragraphs);
}

describe('what PMS gives', () => {
  test('a command says what it does, its arguments and its EAPIs', () => {
    expect(at('EAPI=8\nsrc_install() {\n\tdo‸sym -r /a /b\n}\n')).toBe(
      [
        'dosym [-r] <target> <link>',
        'Makes a symbolic link. -r turns an absolute target into a relative one (EAPI 8 and later).',
        'Where: src_install\nSource: PMS 12.3.9',
      ].join('\n\n'),
    );
  });

  test('a word that the EAPI lacks says so', () => {
    expect(at('EAPI=8\nsrc_test() {\n\tpipe‸status || die\n}\n')).toContain(
      'Since: EAPI 9; this ebuild has EAPI 8',
    );
    expect(at('EAPI=8\nsrc_install() {\n\tdo‸lib x\n}\n')).toContain(
      'Since: EAPI 0 to 6; this ebuild has EAPI 8',
    );
    expect(at('EAPI=6\nBDE‸PEND=""\n')).toContain('Since: EAPI 7 and later; this ebuild has EAPI 6');
  });

  test.each([
    ['EAPI=8\nsrc_con‸figure() {\n\t:\n}\n', 'src_configure()'],
    ['EAPI=8\nRDEP‸END="a/b"\n', 'RDEPEND'],
    ['EAPI=8\nS="${WORK‸DIR}/x"\n', 'WORKDIR'],
    ['EAPI=8\nx() {\n\techo "$ED‸"\n}\n', 'ED'],
    ['EAPI=8\nx() {\n\tlocal y="$(us‸ex ssl a b)"\n}\n', 'usex'],
    ['EAPI=8\nRESTRICT="!test? ( te‸st )"\n', 'src_test is not run'],
    ['EA‸PI=8\n', 'EAPI'],
    ['EAPI=‸8\n', 'IDEPEND'],
  ])('%s', (marked, part) => {
    expect(at(marked)).toContain(part);
  });

  test('a variable of the name shows its value', () => {
    expect(at('EAPI=8\nS="${WORKDIR}/${P‸}"\n')?.split('\n')[0]).toBe('P="foo-1.2"');
    expect(at('EAPI=8\nS="${WORKDIR}/$P‸N"\n')?.split('\n')[0]).toBe('PN="foo"');
  });

  test('nothing is said in comments, plain text and code of the shell', () => {
    for (const marked of [
      'EAPI=8\n# econf‸ is run\n',
      'EAPI=8\nDESCRIPTION="use‸ it"\n',
      'EAPI=8\nx() {\n\tsed -i us‸e x\n}\n',
      'EAPI=8\n‸\n',
      '‸',
    ])
      expect(at(marked), marked).toBeUndefined();
  });
});

describe('eclasses', () => {
  test('say what they are for, and which EAPI they support', () => {
    expect(at('EAPI=9\ninherit me‸son\n')).toBe(
      [
        'inherit meson',
        'functions for packages with Meson',
        'EAPI: 7, 8; this ebuild has EAPI 9',
        'It has the phase functions of a Meson build.',
      ].join('\n\n'),
    );
  });

  test('document functions and variables, also through another eclass', () => {
    for (const eclass of ['meson', 'meson-multilib']) {
      expect(at(`EAPI=8\ninherit ${eclass}\nsrc_configure() {\n\tmeson‸_use foo\n}\n`)).toBe(
        [
          'meson_use <flag> [option]',
          'Given a flag, prints an option.',
          '$(meson_use foo)',
          'Returns: -Doption=true or false\nSource: meson.eclass',
        ].join('\n\n'),
      );
      expect(at(`EAPI=8\ninherit ${eclass}\nEMESON_‸BUILDTYPE=debug\n`)).toContain('EMESON_BUILDTYPE=plain');
    }
    expect(at('EAPI=8\nsrc_configure() {\n\tmeson‸_use foo\n}\n')).toBeUndefined();
  });
});

describe('packages', () => {
  test('say what they are, their versions and what is installed', () => {
    expect(at('EAPI=8\nDEPEND="\n\t>=dev-libs/open‸ssl-1.1:=[ssl]\n"\n')).toBe(
      [
        'dev-libs/openssl',
        'Robust toolkit for TLS',
        'Installed: 3.9:0/3 ssl\n3.10:0/3: ::gentoo\n1.1:0/1.1: ::gentoo\nUSE: ssl test',
        'https://openssl.example',
      ].join('\n\n'),
    );
  });

  test('are found in the arguments of commands, and after a move', () => {
    expect(at('EAPI=8\npkg_setup() {\n\thas_version "dev-libs/open‸ssl:0"\n}\n')).toContain('Robust');
    expect(at('EAPI=8\nDEPEND="dev-libs/o‸ld"\n')).toContain('Moved to: dev-libs/foo-bar');
    expect(at('EAPI=8\nDEPEND="dev-libs/n‸one"\n')).toBeUndefined();
    expect(at('EAPI=8\nHOMEPAGE="https://dev-libs/open‸ssl"\n')).toBeUndefined();
  });

  test('a flag says what it does: of the ebuild, of another package', () => {
    expect(at('EAPI=8\nIUSE="+ss‸l"\n')).toBe('ssl\n\nAdd support for SSL\n\nDefault: on');
    expect(at('EAPI=8\nIUSE="ssl"\nDEPEND="ss‸l? ( a/b )"\n')).toContain('Add support for SSL');
    expect(at('EAPI=8\nIUSE="ssl"\nx() {\n\tuse ss‸l && y\n}\n')).toContain('Default: off');
    expect(at('EAPI=8\nDEPEND="dev-libs/openssl[-te‸st(+)]"\n')).toBe(
      'dev-libs/openssl[test]\n\nVersions: 3.10',
    );
  });
});

describe('any text', () => {
  const WORDS = [
    'EAPI=8\n',
    'inherit meson\n',
    'DEPEND="',
    '"',
    "'",
    '${',
    '}',
    '$(',
    ')',
    'dev-libs/openssl',
    '[ssl]',
    '? (',
    '\n',
    '#',
    'x() {\n',
    '\u202e',
    '\r\n',
    '😀',
  ];
  test('is described without an error, in a range that holds the place, as Markdown without links of others', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...WORDS), { maxLength: 20 }), fc.nat(), (words, number) => {
        const text = words.join('');
        const offset = number % (text.length + 1);
        const identity = { category: 'a-b', packageAndVersion: 'c-1' };
        const found = describeAt({ facts: parseEbuild(text, bash), knowledge: WORLD, identity }, offset);
        if (found === undefined) return;
        expect(found.range.start).toBeLessThanOrEqual(offset);
        expect(found.range.end).toBeGreaterThanOrEqual(offset);
        expect(toMarkdown(found.paragraphs)).not.toMatch(/\]\(/);
      }),
      { numRuns: 300 },
    );
  });
});
