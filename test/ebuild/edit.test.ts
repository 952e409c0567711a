import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { declaredAtoms } from '../../server/src/ebuild/declared.ts';
import { addAtom } from '../../server/src/ebuild/edit/edit.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { applyEdits } from '../../server/src/ebuild/text-edit.ts';
import { printAtom } from '../../server/src/pms/atom.ts';
import { DEPENDENCY_VARIABLES, type DependencyVariable } from '../../server/src/pms/dependency-variable.ts';
import { atomText, brokenText } from '../pms/arbitrary.ts';
import { bash } from './bash.ts';

function add(text: string, variable: DependencyVariable, atom: string): string {
  return applyEdits(text, addAtom(parseEbuild(text, bash), variable, atom));
}

/** A whole ebuild around its dependency variables. */
function ebuild(dependencies: string): string {
  return `# Copyright 1999-2026 Gentoo Authors
EAPI=8

inherit cmake

DESCRIPTION="An example – ünïcödé 😀"
LICENSE="MIT"
SLOT="0"
KEYWORDS="~amd64"
IUSE="ssl"

${dependencies}
src_install() {
	DEPEND="not this one"
	default
}
`;
}

/** The text of the file before and after `m/m` is added to DEPEND. */
const SHAPES: readonly (readonly [name: string, before: string, after: string])[] = [
  [
    'closing quote on its own line, sorted',
    'DEPEND="\n\ta/a\n\tz/z\n"\n',
    'DEPEND="\n\ta/a\n\tm/m\n\tz/z\n"\n',
  ],
  ['sorted, first', 'DEPEND="\n\tn/n\n\tz/z\n"\n', 'DEPEND="\n\tm/m\n\tn/n\n\tz/z\n"\n'],
  ['sorted, last', 'DEPEND="\n\ta/a\n\tb/b\n"\n', 'DEPEND="\n\ta/a\n\tb/b\n\tm/m\n"\n'],
  [
    'operators and versions do not count',
    'DEPEND="\n\t>=a/z-1\n\t<z/a-2:=\n"\n',
    'DEPEND="\n\t>=a/z-1\n\tm/m\n\t<z/a-2:=\n"\n',
  ],
  ['not sorted', 'DEPEND="\n\tz/z\n\ta/a\n"\n', 'DEPEND="\n\tz/z\n\ta/a\n\tm/m\n"\n'],
  [
    'not sorted, beside its category',
    'DEPEND="\n\tz/z\n\tm/l\n\tm/n\n\ta/a\n"\n',
    'DEPEND="\n\tz/z\n\tm/l\n\tm/m\n\tm/n\n\ta/a\n"\n',
  ],
  [
    'not sorted, before the first of its category',
    'DEPEND="\n\tz/z\n\tm/n\n\ta/a\n"\n',
    'DEPEND="\n\tz/z\n\tm/m\n\tm/n\n\ta/a\n"\n',
  ],
  [
    'not sorted, and neither is its category',
    'DEPEND="\n\tz/z\n\tm/n\n\tm/k\n\ta/a\n"\n',
    'DEPEND="\n\tz/z\n\tm/n\n\tm/k\n\tm/m\n\ta/a\n"\n',
  ],
  [
    'not sorted, before conditionals',
    'DEPEND="\n\tz/z\n\ta/a\n\tssl? ( x/x )\n"\n',
    'DEPEND="\n\tz/z\n\ta/a\n\tm/m\n\tssl? ( x/x )\n"\n',
  ],
  ['not sorted, one line', 'DEPEND="z/z a/a"\n', 'DEPEND="z/z a/a m/m"\n'],
  ['not sorted, one line, beside its category', 'DEPEND="z/z m/n a/a"\n', 'DEPEND="z/z m/m m/n a/a"\n'],
  [
    'not sorted, one line, before a conditional',
    'DEPEND="z/z a/a ssl? ( x/x )"\n',
    'DEPEND="z/z a/a m/m ssl? ( x/x )"\n',
  ],
  [
    'atoms before conditionals',
    'DEPEND="\n\ta/a\n\tssl? ( z/z )\n"\n',
    'DEPEND="\n\ta/a\n\tm/m\n\tssl? ( z/z )\n"\n',
  ],
  [
    'groups are not disturbed',
    'DEPEND="\n\t${RDEPEND}\n\t|| (\n\t\tb/b\n\t\ta/a\n\t)\n\tssl? (\n\t\tc/c\n\t)\n"\n',
    'DEPEND="\n\t${RDEPEND}\n\t|| (\n\t\tb/b\n\t\ta/a\n\t)\n\tssl? (\n\t\tc/c\n\t)\n\tm/m\n"\n',
  ],
  [
    'atoms between groups',
    'DEPEND="\n\ta/a\n\tssl? (\n\t\tz/z\n\t)\n\tn/n\n"\n',
    'DEPEND="\n\ta/a\n\tm/m\n\tssl? (\n\t\tz/z\n\t)\n\tn/n\n"\n',
  ],
  [
    'atoms after a group only',
    'DEPEND="\n\tssl? ( z/z )\n\tn/n\n"\n',
    'DEPEND="\n\tssl? ( z/z )\n\tm/m\n\tn/n\n"\n',
  ],
  ['pure reference', 'DEPEND="${RDEPEND}"\n', 'DEPEND="\n\t${RDEPEND}\n\tm/m\n"\n'],
  ['one line, empty', 'DEPEND=""\n', 'DEPEND="m/m"\n'],
  ['one line, one atom', 'DEPEND="z/z"\n', 'DEPEND="\n\tm/m\n\tz/z\n"\n'],
  [
    'one line, reference and group',
    'DEPEND="${RDEPEND} ssl? ( b/b c/c )"\n',
    'DEPEND="\n\t${RDEPEND}\n\tssl? ( b/b c/c )\n\tm/m\n"\n',
  ],
  ['first line with content', 'DEPEND="a/a\n\tz/z"\n', 'DEPEND="a/a\n\tm/m\n\tz/z"\n'],
  ['first line with content, before it', 'DEPEND="n/n\n\tz/z\n"\n', 'DEPEND="m/m\n\tn/n\n\tz/z\n"\n'],
  ['quote after content', 'DEPEND="\n\ta/a\n\tb/b"\n', 'DEPEND="\n\ta/a\n\tb/b\n\tm/m"\n'],
  ['append', 'DEPEND+=" z/z"\n', 'DEPEND+="\n\tm/m\n\tz/z\n"\n'],
  ['append, empty', 'DEPEND+=""\n', 'DEPEND+=" m/m"\n'],
  ['set and append', 'DEPEND="\n\ta/a\n"\nDEPEND+=" z/z"\n', 'DEPEND="\n\ta/a\n\tm/m\n"\nDEPEND+=" z/z"\n'],
  ['empty list', 'DEPEND="\n"\n', 'DEPEND="\n\tm/m\n"\n'],
  ['single quotes', "DEPEND='z/z'\n", "DEPEND='\n\tm/m\n\tz/z\n'\n"],
  ['no quotes', 'DEPEND=z/z\n', 'DEPEND="\n\tz/z\n\tm/m\n"\n'],
  ['nothing at all', 'DEPEND=\n', 'DEPEND="m/m"\n'],
  ['pieces', 'DEPEND="a/a:"${V}\n', 'DEPEND="a/a:"${V}" m/m"\n'],
  ['spaces as indentation', 'DEPEND="\n    a/a\n    z/z\n"\n', 'DEPEND="\n    a/a\n    m/m\n    z/z\n"\n'],
  ['several on a line', 'DEPEND="\n\ta/a b/b\n\tz/z\n"\n', 'DEPEND="\n\ta/a b/b\n\tm/m\n\tz/z\n"\n'],
  ['trailing blanks stay', 'DEPEND="\n\ta/a  \n\tz/z\t\n"\n', 'DEPEND="\n\ta/a  \n\tm/m\n\tz/z\t\n"\n'],
  ['comment after it', 'DEPEND="z/z" # why\n', 'DEPEND="\n\tm/m\n\tz/z\n" # why\n'],
  ['blank lines in the list', 'DEPEND="\n\ta/a\n\n\tz/z\n"\n', 'DEPEND="\n\ta/a\n\tm/m\n\n\tz/z\n"\n'],
  [
    'missing quote',
    'DEPEND="\n\ta/a\n\tz/z\n\nRDEPEND=""\n',
    'DEPEND="\n\ta/a\n\tm/m\n\tz/z\n\nRDEPEND=""\n',
  ],
  ['helper variable', 'X="\n\ta/a\n"\nDEPEND="${X}"\n', 'X="\n\ta/a\n"\nDEPEND="\n\t${X}\n\tm/m\n"\n'],
  ['already there', 'DEPEND="\n\tm/m\n"\n', 'DEPEND="\n\tm/m\n"\n'],
  ['there, but only under a flag', 'DEPEND="\n\tssl? ( m/m )\n"\n', 'DEPEND="\n\tssl? ( m/m )\n\tm/m\n"\n'],
  ['absent', '', 'DEPEND="m/m"\n\n'],
  ['absent, after RDEPEND', 'RDEPEND="a/a"\n', 'RDEPEND="a/a"\nDEPEND="m/m"\n'],
  [
    'absent, between variables without blank lines',
    'RDEPEND="\n\ta/a\n"\nBDEPEND="b/b"\n',
    'RDEPEND="\n\ta/a\n"\nDEPEND="m/m"\nBDEPEND="b/b"\n',
  ],
  [
    'absent, between variables with blank lines',
    'RDEPEND="\n\ta/a\n"\n\nBDEPEND="b/b"\n',
    'RDEPEND="\n\ta/a\n"\n\nDEPEND="m/m"\n\nBDEPEND="b/b"\n',
  ],
  ['absent, before BDEPEND', 'BDEPEND="b/b"\n', 'DEPEND="m/m"\nBDEPEND="b/b"\n'],
  [
    'absent, before BDEPEND and its comment',
    '# to build\nBDEPEND="b/b"\n',
    'DEPEND="m/m"\n# to build\nBDEPEND="b/b"\n',
  ],
  [
    'set in both branches',
    'if x; then\n\tDEPEND="a/a"\nelse\n\tDEPEND="b/b"\nfi\n',
    'if x; then\n\tDEPEND="a/a"\nelse\n\tDEPEND="b/b"\nfi\nDEPEND+=" m/m"\n',
  ],
  [
    'set, and set again in a branch',
    'DEPEND="a/a"\n[[ x ]] && DEPEND="b/b"\n',
    'DEPEND="a/a"\n[[ x ]] && DEPEND="b/b"\nDEPEND+=" m/m"\n',
  ],
  [
    'appended to in a branch',
    'DEPEND="\n\ta/a\n"\nif x; then\n\tDEPEND+=" b/b"\nfi\n',
    'DEPEND="\n\ta/a\n\tm/m\n"\nif x; then\n\tDEPEND+=" b/b"\nfi\n',
  ],
];

describe('addAtom', () => {
  test.each(SHAPES)('%s', (_name, before, after) => {
    expect(add(ebuild(before), 'DEPEND', 'm/m')).toBe(ebuild(after));
  });

  test.each(SHAPES)('%s, with CRLF', (_name, before, after) => {
    const crlf = (text: string): string => text.replaceAll('\n', '\r\n');
    expect(add(crlf(ebuild(before)), 'DEPEND', 'm/m')).toBe(crlf(ebuild(after)));
  });

  test('a reference becomes a list in either direction', () => {
    expect(add('DEPEND="a/a"\nRDEPEND="${DEPEND}"\n', 'RDEPEND', 'm/m')).toBe(
      'DEPEND="a/a"\nRDEPEND="\n\t${DEPEND}\n\tm/m\n"\n',
    );
  });

  test('a new variable goes after the existing dependency variables', () => {
    expect(add(ebuild('DEPEND="a/a"\nRDEPEND="${DEPEND}"\n'), 'BDEPEND', 'm/m')).toBe(
      ebuild('DEPEND="a/a"\nRDEPEND="${DEPEND}"\nBDEPEND="m/m"\n'),
    );
  });

  test.each([
    ['', 'DEPEND="m/m"\n'],
    ['EAPI=8', 'EAPI=8\n\nDEPEND="m/m"\n'],
    ['EAPI=8\nSLOT=0\n', 'EAPI=8\nSLOT=0\n\nDEPEND="m/m"\n'],
    ['src_install() {\n\tdefault\n}\n', 'DEPEND="m/m"\n\nsrc_install() {\n\tdefault\n}\n'],
    ['SLOT=0\nPATCHES=( x )\n', 'SLOT=0\n\nDEPEND="m/m"\n\nPATCHES=( x )\n'],
  ])('finds a place in %j', (before, after) => {
    expect(add(before, 'DEPEND', 'm/m')).toBe(after);
  });

  test.each(['', 'zlib', 'a/b c/d', '>=a/b', 'a/b"', 'a/b[', '${X}'])(
    'adds nothing that is no atom: %j',
    (atom) => {
      expect(addAtom(parseEbuild('DEPEND=""\n', bash), 'DEPEND', atom)).toEqual([]);
    },
  );

  test('leaves an array alone', () => {
    expect(addAtom(parseEbuild('DEPEND=( a/b )\n', bash), 'DEPEND', 'm/m')).toEqual([]);
  });
});

const atom = atomText.filter((text) => !text.startsWith('!'));

/** A dependency variable in one of the styles of ebuilds. */
const value = fc
  .tuple(
    fc.array(
      fc.oneof(
        { weight: 4, arbitrary: atom },
        {
          weight: 1,
          arbitrary: fc.constantFrom(
            '${RDEPEND}',
            '${X}',
            'ssl? ( a/in )',
            '|| (\n\t\tb/in\n\t\tc/in\n\t)',
            '$(gen "d/in")',
          ),
        },
      ),
      { maxLength: 5 },
    ),
    fc.constantFrom('line', 'list', 'tight', 'first'),
    fc.boolean(),
  )
  .map(([items, shape, sorted]) => {
    const ordered = sorted ? [...items].sort() : items;
    if (shape === 'line') return ordered.join(' ');
    if (shape === 'list') return `\n${ordered.map((item) => `\t${item}\n`).join('')}`;
    if (shape === 'tight') return ordered.map((item) => `\n\t${item}`).join('');
    return ordered.join('\n\t');
  });

const variables = fc
  .array(
    fc.tuple(
      fc.constantFrom('RDEPEND', 'DEPEND', 'BDEPEND', 'X'),
      fc.constantFrom('=', '=', '+='),
      value,
      fc.constantFrom('\n', '\n\n', ' # why\n'),
      fc.boolean(),
    ),
    { maxLength: 5 },
  )
  .map((lines) =>
    lines
      .map(([name, operator, text, end, branch]) => {
        const line = `${name}${operator}"${operator === '+=' ? ' ' : ''}${text}"${end}`;
        return branch ? `if use x; then\n\t${line}fi\n` : line;
      })
      .join(''),
  );

describe('addAtom, for every ebuild', () => {
  const inOrder = (text: string, variable: DependencyVariable): string[] =>
    declaredAtoms(parseEbuild(text, bash), variable).map((found) => printAtom(found.atom));

  test('the variable has its atoms, in their order, and the new one', () => {
    fc.assert(
      fc.property(variables, fc.constantFrom(...DEPENDENCY_VARIABLES), (dependencies, variable) => {
        const before = ebuild(dependencies);
        const after = add(before, variable, 'new/atom');
        expect(parseEbuild(after, bash).errors).toEqual([]);
        for (const other of DEPENDENCY_VARIABLES) {
          expect(inOrder(after, other).filter((text) => text !== 'new/atom')).toEqual(inOrder(before, other));
        }
        const sure = declaredAtoms(parseEbuild(after, bash), variable).filter(
          (found) => printAtom(found.atom) === 'new/atom',
        );
        // A variable that is appended to itself, perhaps through others, has each atom twice, also the new one.
        expect(sure.length).toBeGreaterThan(0);
        if (!dependencies.includes('$')) expect(sure).toHaveLength(1);
        expect(sure[0]?.exact).toBe(true);
        expect(add(after, variable, 'new/atom')).toBe(after);
      }),
      { numRuns: 400 },
    );
  });

  test('removes only white space, and changes only the value', () => {
    fc.assert(
      fc.property(variables, fc.constantFrom(...DEPENDENCY_VARIABLES), (dependencies, variable) => {
        const before = ebuild(dependencies);
        const edits = addAtom(parseEbuild(before, bash), variable, 'new/atom');
        expect(edits).toHaveLength(1);
        for (const { start, end, newText } of edits) {
          const kept = newText.replace('new/atom', '').replace(/\s/g, '');
          const removed = before.slice(start, end).replace(/\s/g, '');
          expect([removed, `${variable}=""${removed}`, `${variable}+=""${removed}`]).toContain(kept);
        }
      }),
      { numRuns: 400 },
    );
  });

  test('is total', () => {
    fc.assert(
      fc.property(brokenText, atomText, fc.constantFrom(...DEPENDENCY_VARIABLES), (text, extra, variable) => {
        for (const edit of addAtom(parseEbuild(text, bash), variable, extra)) {
          expect(edit.start).toBeGreaterThanOrEqual(0);
          expect(edit.end).toBeGreaterThanOrEqual(edit.start);
          expect(edit.end).toBeLessThanOrEqual(text.length);
          expect(edit.newText).toContain(extra);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('a mutated ebuild keeps its text', () => {
    const whole = ebuild('RDEPEND="\n\ta/a\n\tssl? ( b/b )\n"\nDEPEND="${RDEPEND}"\n');
    fc.assert(
      fc.property(
        fc.nat(whole.length),
        fc.nat(6),
        fc.constantFrom('', '"', "'", '(', '`', '$(', '\n', '\\'),
        (at, cut, put) => {
          const text = whole.slice(0, at) + put + whole.slice(at + cut);
          const after = add(text, 'DEPEND', 'new/atom');
          const rest = text.replace(/\s/g, '');
          const found = after.replace(/\s/g, '');
          // An insertion keeps the whole text before and after it.
          let shared = 0;
          while (shared < rest.length && rest[shared] === found[shared]) shared++;
          expect(found.endsWith(rest.slice(shared))).toBe(true);
        },
      ),
      // `DEPEND=${RDEPEND}"`: the stray quote would end up behind quotes around the value.
      { numRuns: 500, examples: [[whole.lastIndexOf('"${'), 1, '']] },
    );
  });
});

describe('applyEdits', () => {
  test('applies edits in any order and skips those that overlap or are outside', () => {
    const edits = [
      { start: 4, end: 5, newText: 'E' },
      { start: 0, end: 2, newText: 'AB' },
      { start: 1, end: 3, newText: 'no' },
      { start: 3, end: 3, newText: '1' },
      { start: 3, end: 3, newText: '2' },
      { start: 9, end: 12, newText: 'no' },
      { start: -1, end: 0, newText: 'no' },
    ];
    expect(applyEdits('abcdef', edits)).toBe('ABc12dEf');
    expect(applyEdits('abc', [])).toBe('abc');
  });
});
