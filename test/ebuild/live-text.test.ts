import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { createLiveText } from '../../server/src/ebuild/live-text.ts';
import { bash } from './bash.ts';

const EBUILD = `# Copyright 1999-2026 Gentoo Authors
EAPI=8

inherit cmake

DESCRIPTION="An example – ünïcödé 😀"
SLOT="0"
DEPEND="
	dev-libs/a:=
	ssl? ( dev-libs/openssl:0= )
"
RDEPEND="\${DEPEND} $(gen 'x/y')"
if [[ \${PV} == 9999 ]]; then
	inherit git-r3
fi

src_configure() {
	local x=$(pkg-config --libs a)
	cat <<-EOF
		text
	EOF
	cmake_src_configure
}
`;

const piece = fc.constantFrom(
  'a',
  ' ',
  '\n',
  '"',
  "'",
  '(',
  ')',
  '{',
  '}',
  '$',
  '`',
  '\\',
  '#',
  '😀',
  'DEPEND="x/y"\n',
  'f() {\n',
  '}\n',
  'fi\n',
  '$(x)',
  '<<EOF\n',
);

describe('createLiveText', () => {
  test('gives what parsing afresh gives, after every edit', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(6), fc.array(piece, { maxLength: 3 })),
          {
            minLength: 1,
            maxLength: 8,
          },
        ),
        (edits) => {
          const live = createLiveText(bash);
          let text = EBUILD;
          expect(live.read(text)).toEqual(parseEbuild(text, bash));
          for (const [share, cut, put] of edits) {
            const at = Math.floor(share * text.length);
            text = text.slice(0, at) + put.join('') + text.slice(at + cut);
            expect(live.read(text)).toEqual(parseEbuild(text, bash));
          }
          live.close();
        },
      ),
      { numRuns: 300 },
    );
  });

  test('typing an ebuild letter by letter comes to the same', () => {
    const live = createLiveText(bash);
    for (let length = 0; length <= EBUILD.length; length += 7) {
      const text = EBUILD.slice(0, length);
      expect(live.read(text)).toEqual(parseEbuild(text, bash));
    }
    live.close();
    expect(live.read(EBUILD)).toEqual(parseEbuild(EBUILD, bash));
    live.close();
  });

  test('a mistake costs the facts of its own piece only, and only that piece is parsed by itself', () => {
    const parsed: string[] = [];
    const { parser, language } = bash;
    const parse: typeof parser.parse = (text, previous, options) => {
      if (typeof text === 'string' && !previous) parsed.push(text);
      return parser.parse(text, previous, options);
    };
    const live = createLiveText({
      language,
      parser: { parse, reset: () => parser.reset() } as typeof parser,
    });
    live.read(EBUILD);
    parsed.length = 0;
    const broken = EBUILD.replace('dev-libs/a:=', 'dev-libs/a:="');
    const facts = live.read(broken);
    expect(parsed).toEqual(['DEPEND="\n\tdev-libs/a:="\n\tssl? ( dev-libs/openssl:0= )\n"\n']);
    expect(facts.errors).toHaveLength(1);
    expect(facts.functions.map(({ name }) => name)).toEqual(['src_configure']);
    expect(facts.commands.map(({ name }) => name)).toContain('cmake_src_configure');
    parsed.length = 0;
    live.read(broken.replace('An example', 'One example'));
    expect(parsed).toEqual([expect.stringMatching(/^DESCRIPTION="One/)]);
    live.close();
  });
});

test('the tree that is lent is that of the text, after every kind of reading', () => {
  const live = createLiveText(bash);
  const shown = (text: string) =>
    live.withTree(text, ({ rootNode }) => [rootNode.endIndex, rootNode.hasError]);
  const [good, other, broken] = ['A=1\nB=2\n', 'A=12\nB=2\n', 'A="1\nB=2\n'];
  expect(shown(good)).toEqual([8, false]);
  for (const text of [good, broken, other, broken]) {
    live.read(text);
    expect(shown(text)).toEqual([text.length, text === broken]);
    expect(shown('')).toEqual([0, false]);
  }
  live.close();
  expect(shown(good)).toEqual([8, false]);
  expect(shown('('.repeat(1000))).toBeUndefined();
});
