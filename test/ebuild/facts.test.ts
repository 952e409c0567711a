import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EbuildFacts } from '../../server/src/ebuild/ebuild-facts.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { brokenText } from '../pms/arbitrary.ts';
import { bash } from './bash.ts';

const read = (text: string): EbuildFacts => parseEbuild(text, bash);

/** Each assignment in one line: name, operator, quotes, value, context. */
function outline(facts: EbuildFacts): string[] {
  return facts.assignments.map((found) => {
    const value = facts.text.slice(found.valueRange.start, found.valueRange.end);
    return `${found.name} ${found.operator} ${found.quote}${found.closed ? '' : '!'} <${value}> ${found.context}`;
  });
}

describe('parseEbuild', () => {
  test('finds what an ebuild says', () => {
    const facts = read(`# Copyright
EAPI=8

inherit cmake flag-o-matic
[[ \${PV} == *9999 ]] && inherit git-r3

S="\${WORKDIR}"/foo-\${PV}
SLOT='0'
DEPEND="
	dev-libs/é
	>=a/b-\${MIN}
"
RDEPEND+=" c/d"
EMPTY=
LIST=( a b )
if [[ x ]]; then
	KEYWORDS="~amd64"
fi

src_install() {
	local DEPEND="no"
	default
}
`);
    expect(facts.errors).toEqual([]);
    expect(facts.eapi).toBe('8');
    expect(facts.eapiRange && facts.text.slice(facts.eapiRange.start, facts.eapiRange.end)).toBe('EAPI=8');
    expect(facts.inherits.map(({ name, context }) => `${name} ${context}`)).toEqual([
      'cmake global',
      'flag-o-matic global',
      'git-r3 conditional',
    ]);
    expect(outline(facts)).toEqual([
      'EAPI = none <8> global',
      'S = mixed <"${WORKDIR}"/foo-${PV}> global',
      'SLOT = single <0> global',
      'DEPEND = double <\n\tdev-libs/é\n\t>=a/b-${MIN}\n> global',
      'RDEPEND += double < c/d> global',
      'EMPTY = none <> global',
      'LIST = array <( a b )> global',
      'KEYWORDS = double <~amd64> conditional',
      'DEPEND = double <no> function',
    ]);
    expect(facts.functions.map(({ name }) => name)).toEqual(['src_install']);
    const keywords = facts.assignments.find(({ name }) => name === 'KEYWORDS');
    expect(facts.text.slice(keywords?.statement.start, keywords?.statement.end)).toMatch(/^if [\s\S]*fi$/);
  });

  test.each([
    ['A="b c"', 'b c'],
    ["A='$b'", '$b'],
    ['A=b', 'b'],
    ['A=', ''],
    ['A="a"\'b\'c', 'abc'],
    ['A="\\$x \\" \\a"', '$x " \\a'],
    ['A="a\\\nb"', 'ab'],
    ['A="$b"', undefined],
    ['A="${b}"', undefined],
    ['A=$(b)', undefined],
    ['A=(b)', undefined],
  ])('the value of %s is %j', (text, value) => {
    expect(read(text).assignments[0]?.value).toBe(value);
  });

  test('parts say what bash would expand', () => {
    expect(
      read('A="x-${V}$W$(c)${D%.*}"').assignments[0]?.parts.map(({ start, end, ...part }) => part),
    ).toEqual([
      { kind: 'text', text: 'x-' },
      { kind: 'variable', name: 'V' },
      { kind: 'variable', name: 'W' },
      { kind: 'opaque' },
      { kind: 'opaque' },
    ]);
  });

  test('an ebuild without EAPI has EAPI 0', () => {
    expect(read('SLOT=0\n')).toMatchObject({ eapi: '0', eapiRange: undefined });
  });

  test.each([
    ['DEPEND="\n\ta/b\n\nRDEPEND="\n\tc/d\n"\n\nsrc_install() {\n\tdefault\n}\n'],
    ['DEPEND="\n\ta/b\n\nRDEPEND="\n\tc/d\n"\n\nBDEPEND="x/y\n\nsrc_install() {\n\tdefault\n}\n'],
  ])('a missing quote does not swallow what follows: %j', (text) => {
    const facts = read(text);
    expect(outline(facts).slice(0, 2)).toEqual([
      'DEPEND = double! <\n\ta/b> global',
      'RDEPEND = double <\n\tc/d\n> global',
    ]);
    expect(facts.functions.map(({ name }) => name)).toEqual(['src_install']);
    expect(facts.errors[0]).toMatchObject({ start: 0, end: 6 });
    expect(facts.errors[0]?.message).toBe('DEPEND has no closing quote: add `"` after its value.');
  });

  test('a quote that opens twice does not hide the rest either', () => {
    const facts = read('DEPEND=""\n\ta/b\n"\nRDEPEND="\n\tc/d\n"\nBDEPEND="e/f"\n');
    expect(outline(facts)).toContain('BDEPEND = double <e/f> global');
    expect(facts.errors).not.toEqual([]);
  });

  test('other syntax errors leave the facts and say where to look', () => {
    const facts = read('EAPI=8\nDEPEND="a/b"\nsrc_install() {\n\tif true; then\n\t\tdefault\n}\n');
    expect(outline(facts)).toContain('DEPEND = double <a/b> global');
    expect(facts.errors).not.toEqual([]);
    for (const error of facts.errors) expect(error.message).toMatch(/add it\.$/);
  });

  test('is total, and every range lies in the text', () => {
    fc.assert(
      fc.property(brokenText, (text) => {
        const facts = read(text);
        for (const found of [...facts.assignments, ...facts.functions, ...facts.inherits, ...facts.errors]) {
          expect(found.start).toBeGreaterThanOrEqual(0);
          expect(found.end).toBeGreaterThanOrEqual(found.start);
          expect(found.end).toBeLessThanOrEqual(text.length);
        }
        for (const found of facts.assignments) {
          expect(text.slice(found.nameRange.start, found.nameRange.end)).toBe(found.name);
          expect(text.startsWith(found.operator, found.nameRange.end)).toBe(true);
          expect(found.valueRange.start).toBeGreaterThan(found.nameRange.end);
          expect(found.valueRange.end).toBeLessThanOrEqual(found.end);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a text on which the grammar would lose itself', () => {
  test.each([
    ['a NUL', 'A=1\nB=2\0\n', /NUL/],
    ['open brackets', `A=1\nB=2\n${'('.repeat(31)}`, /30 `\(` are open/],
    ['brackets that close nothing', `A=1\nB=2\n${'}'.repeat(301)}`, /300 `\}` .* close nothing/],
    ['a long word', `A=1\nB=2\n${'x|'.repeat(750)}`, /word is so long/],
    ['operators', `A=1\nB=2\n${'|'.repeat(100)}`, /`\|` in a row/],
    ['here-documents', `A=1\nB=2\n${'<<EOF\n'.repeat(101)}`, /here-documents/],
  ])('%s: its lines are read, and the reason is said', (_, text, reason) => {
    const facts = read(text);
    expect(facts.assignments.map(({ name }) => name)).toEqual(['A', 'B']);
    expect(facts.errors[0]?.message).toMatch(reason);
  });

  test('dense bash is not one of them', () => {
    expect(read('x\n'.repeat(5000)).errors).toEqual([]);
    expect(read('A=1\n'.repeat(5000)).assignments).toHaveLength(5000);
  });
});
