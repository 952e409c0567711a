import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { complete } from '../../server/src/audit/completion.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { bash } from '../ebuild/bash.ts';
import { makeKnowledge } from './world.ts';

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
  const { items } = complete(parseEbuild(text, bash), offset, WORLD);
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
        for (const { range } of complete(parseEbuild(text, bash), offset, WORLD).items) {
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
