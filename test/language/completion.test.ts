import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { complete } from '../../server/src/language/completion/complete.ts';
import { makeKnowledge } from '../audit/world.ts';
import { bash } from '../ebuild/bash.ts';

const WORLD = makeKnowledge(
  [
    'dev-libs/openssl-1.1:0/1.1[ssl,test]',
    'dev-libs/openssl-3.10:0/3',
    'dev-libs/openssl-3.9:0/3',
    'dev-libs/foo-bar-1:2',
    'dev-lang/perl-5',
  ],
  { eclasses: { meson: {}, 'meson-multilib': {}, cmake: {} } },
);

/** The completions at `$0`, and the text after the first of them is taken. */
function completeAt(marked: string) {
  const offset = marked.indexOf('$0');
  const text = marked.replace('$0', '');
  const { items } = complete({
    facts: parseEbuild(text, bash),
    offset,
    knowledge: WORLD,
    identity: undefined,
  });
  const [first] = items;
  const after = first && text.slice(0, first.range.start) + first.text + text.slice(first.range.end);
  return { offered: items.map((item) => item.text), after, items };
}
const inDepend = (marked: string) => completeAt(`EAPI=8\nIUSE="+nls ssl"\nRDEPEND="\n\t${marked}\n"\n`);

describe('complete', () => {
  test.each([
    ['dev-l$0', ['dev-lang/', 'dev-libs/'], 'dev-lang/'],
    ['dev-libs/o$0', ['dev-libs/openssl'], 'dev-libs/openssl'],
    ['dev-libs/o$0pnessl', ['dev-libs/openssl'], 'dev-libs/openssl'],
    ['>=dev-libs/f$0', ['dev-libs/foo-bar'], '>=dev-libs/foo-bar'],
    ['!!dev-libs/f$0', ['dev-libs/foo-bar'], '!!dev-libs/foo-bar'],
    ['openss$0', ['dev-libs/openssl'], 'dev-libs/openssl'],
    ['>=dev-libs/openssl-$0', ['3.10', '3.9', '1.1'], '>=dev-libs/openssl-3.10'],
    ['>=dev-libs/openssl-3$0.7:0=', ['3.10', '3.9'], '>=dev-libs/openssl-3.10:0='],
    ['~dev-libs/foo-bar-$0', ['1'], '~dev-libs/foo-bar-1'],
    ['dev-libs/openssl:$0', ['0'], 'dev-libs/openssl:0'],
    ['>=dev-libs/foo-bar-1:$0=', ['2'], '>=dev-libs/foo-bar-1:2='],
    ['dev-libs/openssl[$0]', ['ssl', 'test'], 'dev-libs/openssl[ssl]'],
    ['dev-libs/openssl[ssl(+),-te$0]', ['test'], 'dev-libs/openssl[ssl(+),-test]'],
    ['nl$0', ['nls?'], 'nls?'],
    ['dev-libs/none[$0]', [], undefined],
  ])('%s', (marked, offered, after) => {
    const found = inDepend(marked);
    expect(found.offered).toEqual(offered);
    if (after !== undefined) expect(found.after).toContain(`\n\t${after}\n`);
  });

  test('flags of the ebuild in REQUIRED_USE, eclasses after inherit, nothing in a description', () => {
    expect(completeAt('IUSE="+nls ssl"\nREQUIRED_USE="s$0"\n').offered).toEqual(['ssl']);
    expect(completeAt('EAPI=8\ninherit cmake mes$0\n').offered).toEqual(['meson', 'meson-multilib']);
    expect(completeAt('EAPI=8\nDESCRIPTION="dev$0"\n').offered).toEqual([]);
  });

  test('says what a flag does and which version is newest', () => {
    expect(inDepend('dev-libs/openssl[s$0]').items[0]?.detail).toBe('Add support for SSL');
    expect(inDepend('dev-libs/op$0').items[0]?.detail).toBe('3.10');
  });

  test('a value whose quote is not closed yet is completed too', () => {
    expect(completeAt('EAPI=8\nRDEPEND="dev-libs/o$0\n\nsrc_compile() {\n\t:\n}\n').offered).toEqual([
      'dev-libs/openssl',
    ]);
  });

  test('is total, and every range holds the place and lies on its line', () => {
    const word = fc.constantFrom(
      'dev-libs/',
      'openssl',
      '[',
      ']',
      ':',
      '-',
      '>=',
      '"',
      "'",
      '(',
      ')',
      ' ',
      '\n',
      '$',
      '{',
      'ssl',
      '(+)',
      'RDEPEND="',
      'inherit ',
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 20 }), fc.nat(), (words, at) => {
        const text = words.join('');
        const offset = at % (text.length + 1);
        for (const { range } of complete({
          facts: parseEbuild(text, bash),
          offset,
          knowledge: WORLD,
          identity: undefined,
        }).items) {
          expect(range.start).toBeLessThanOrEqual(offset);
          expect(range.end).toBeGreaterThanOrEqual(offset);
          expect(range.end).toBeLessThanOrEqual(text.length);
          expect(text.slice(range.start, range.end)).not.toContain('\n');
        }
      }),
      { numRuns: 300 },
    );
  });
});

const ECLASS = `# @ECLASS: meson.eclass
# @BLURB: Meson

# @VARIABLE: EMESON_SOURCE
# @DESCRIPTION:
# Where the sources are.

# @FUNCTION: meson_use
# @USAGE: <flag>
# @DESCRIPTION:
# Prints an option.

# @FUNCTION: _meson_helper
# @INTERNAL
`;
const LANGUAGE = makeKnowledge(['dev-libs/openssl-3'], {
  eclasses: { meson: { text: ECLASS } },
  architectures: ['amd64', 'arm64'],
  licenses: ['GPL-2', 'MIT'],
});

/** What is offered at `‸`. */
function offeredAt(marked: string, knowledge: typeof LANGUAGE | undefined = LANGUAGE) {
  const offset = marked.indexOf('‸');
  const facts = parseEbuild(marked.replace('‸', ''), bash);
  return complete({ facts, offset, knowledge, identity: undefined }).items;
}
const textsAt = (marked: string) => offeredAt(marked).map(({ text }) => text);

describe('the language', () => {
  test.each([
    ['EAPI=‸\n', ['9', '8', '7']],
    ['EAPI=8\nKEYWORDS="~a‸"\n', ['~amd64', '~arm64']],
    ['EAPI=8\nKEYWORDS="amd64 -‸"\n', ['-*', '-amd64', '-arm64']],
    ['EAPI=8\nLICENSE="M‸"\n', ['MIT']],
    ['EAPI=8\nIUSE="doc"\nLICENSE="|| ( d‸ )"\n', ['doc?']],
    ['EAPI=8\nIUSE="test"\nRESTRICT="!t‸"\n', ['!test?']],
    ['EAPI=8\nRESTRICT="te‸"\n', ['test']],
    ['EAPI=8\nPROPERTIES="li‸"\n', ['live']],
    ['EAPI=8\nIUSE="+n‸"\n', ['nls']],
    ['EAPI=8\nPYTHON_COMPAT=( python3_‸ )\n', ['python3_13', 'python3_12']],
    ['EAPI=8\nIUSE="ssl"\nSRC_URI="s‸"\n', ['ssl?']],
    ['EAPI=8\nIUSE="ssl com"\nSRC_URI="https://example.com/s‸"\n', []],
    ['EAPI=8\nIUSE="com"\nHOMEPAGE="https://example.c‸"\n', []],
    ['EAPI=8\nS="${WORKD‸}/x"\n', ['WORKDIR']],
    ['EAPI=8\nMY_PV="1"\nS="$MY‸"\n', ['MY_PV']],
    ['EAPI=8\ninherit meson\nx() {\n\techo ${EMESON_S‸}\n}\n', ['EMESON_SOURCE']],
    ['EAPI=8\nIUSE="ssl"\nx() {\n\tuse s‸\n}\n', ['ssl']],
    ['EAPI=8\nIUSE="ssl"\nx() {\n\tusex !s‸\n}\n', ['ssl']],
    ['EAPI=8\nIUSE="ssl"\nx() {\n\tlocal a=$(use_enable s‸)\n}\n', ['ssl']],
    ['EAPI=8\npkg_setup() {\n\thas_version dev-libs/o‸\n}\n', ['dev-libs/openssl']],
    ['EAPI=8\ninherit meson\nsrc_configure() {\n\tmes‸\n}\n', ['meson_use']],
    ['EAPI=8\nsrc_install() {\n\tdefault\n\tnewi‸\n}\n', ['newinitd', 'newins']],
    ['EAPI=8\nsrc_install() {\n\tif use_w‸\n}\n', ['use_with']],
    ['EAPI=8\n# audit: ignore mis‸\n', expect.arrayContaining(['missing-depend'])],
    ['EAPI=8\n#‸\n', ['# audit: ignore ']],
    ['EAPI=8\nsrc_com‸\n', ['src_compile']],
    ['EAPI=8\nsrc_compile() {\n\t:\n}\nsrc_com‸\n', []],
    ['EAPI=8\nDESCR‸\n', ['DESCRIPTION']],
    ['EAPI=8\nBDEP‸="x"\n', []],
    ['EAPI=6\nBDEP‸\n', []],
    ['EAPI=8\ninherit meson\nEMESON‸\n', ['EMESON_SOURCE']],
  ])('%s', (marked, texts) => {
    expect(textsAt(marked)).toEqual(texts);
  });

  test('what is installed with comes first in src_install, what the EAPI lacks nowhere', () => {
    const texts = textsAt('EAPI=8\nsrc_install() {\n\te‸\n}\n');
    expect(texts.indexOf('einstalldocs')).toBeLessThan(texts.indexOf('elog'));
    expect(texts).not.toContain('einstall');
    expect(texts).not.toContain('edo');
  });

  test('a phase and a variable come with what follows them', () => {
    expect(offeredAt('EAPI=8\nsrc_inst‸\n')[0]?.snippet).toBe('src_install() {\n\tdefault\n\t$0\n}');
    expect(offeredAt('EAPI=8\nPATCH‸\n')[0]?.snippet).toBe('PATCHES=( $0 )');
    expect(offeredAt('EAPI=8\nIUS‸\n')[0]).toMatchObject({
      snippet: 'IUSE="$0"',
      detail: 'The USE flags of the ebuild. +flag is on by default.',
    });
  });

  test('a text that is in no repository gets the words of PMS', () => {
    const facts = parseEbuild('EAPI=8\nRESTR', bash);
    const { items } = complete({
      facts,
      offset: facts.text.length,
      knowledge: undefined,
      identity: undefined,
    });
    expect(items.map(({ text }) => text)).toEqual(['RESTRICT']);
  });
});
