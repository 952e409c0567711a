import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { declaredAtoms } from '../../server/src/ebuild/declared.ts';
import type { EbuildFacts } from '../../server/src/ebuild/ebuild-facts.ts';
import { type AtomChange, changeAtomText } from '../../server/src/ebuild/edit/atom-text.ts';
import {
  addAtom,
  addAtomUnder,
  moveAtom,
  removeAtom,
  removeChoice,
  replaceAtom,
  unwrapAtom,
  wrapAtom,
} from '../../server/src/ebuild/edit/edit.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { applyEdits, type TextEdit } from '../../server/src/ebuild/text-edit.ts';
import { printAtom } from '../../server/src/pms/atom.ts';
import { DEPENDENCY_VARIABLES, type DependencyVariable } from '../../server/src/pms/dependency-variable.ts';
import { atomText } from '../pms/arbitrary.ts';
import { bash } from './bash.ts';

const read = (text: string): EbuildFacts => parseEbuild(text, bash);
const ssl = { flag: 'ssl', negated: false };

/** The first occurrence of `m/m`. */
function placeOf(text: string, word = 'm/m') {
  const start = text.indexOf(word);
  return { start, end: start + word.length };
}

function edited(text: string, edits: readonly TextEdit[]): string {
  return applyEdits(text, edits);
}

describe('addAtom under a USE conditional', () => {
  test.each([
    ['DEPEND="\n\ta/a\n"\n', 'DEPEND="\n\ta/a\n\tssl? ( m/m )\n"\n'],
    ['DEPEND="\n\tssl? ( a/a z/z )\n"\n', 'DEPEND="\n\tssl? ( a/a m/m z/z )\n"\n'],
    ['DEPEND="\n\tssl? (\n\t\ta/a\n\t)\n"\n', 'DEPEND="\n\tssl? (\n\t\ta/a\n\t\tm/m\n\t)\n"\n'],
    ['DEPEND="\n\tssl? (\n\t\tz/z\n\t)\n"\n', 'DEPEND="\n\tssl? (\n\t\tm/m\n\t\tz/z\n\t)\n"\n'],
    ['DEPEND="\n\tssl? ( )\n"\n', 'DEPEND="\n\tssl? ( m/m )\n"\n'],
    ['DEPEND="!ssl? ( a/a )"\n', 'DEPEND="\n\t!ssl? ( a/a )\n\tssl? ( m/m )\n"\n'],
    ['DEPEND="ssl? ( a/a )"\n', 'DEPEND="ssl? ( a/a m/m )"\n'],
    ['DEPEND="${RDEPEND}"\n', 'DEPEND="\n\t${RDEPEND}\n\tssl? ( m/m )\n"\n'],
    ['SLOT=0\n', 'SLOT=0\n\nDEPEND="ssl? ( m/m )"\n'],
    ['DEPEND="ssl? ( m/m )"\n', 'DEPEND="ssl? ( m/m )"\n'],
    ['DEPEND="m/m"\n', 'DEPEND="\n\tm/m\n\tssl? ( m/m )\n"\n'],
  ])('%j becomes %j', (before, after) => {
    expect(edited(before, addAtom(read(before), 'DEPEND', 'm/m', [ssl]))).toBe(after);
  });

  test('one conditional in another', () => {
    const before = 'DEPEND="\n\tssl? (\n\t\ta/a\n\t)\n"\n';
    const conditions = [ssl, { flag: 'doc', negated: true }];
    expect(edited(before, addAtom(read(before), 'DEPEND', 'm/m', conditions))).toBe(
      'DEPEND="\n\tssl? (\n\t\ta/a\n\t\t!doc? ( m/m )\n\t)\n"\n',
    );
  });
});

describe('addAtom to two variables at once', () => {
  test.each([
    ['RDEPEND="\n\ta/a\n"\nDEPEND="${RDEPEND}"\n', 'RDEPEND="\n\ta/a\n\tm/m\n"\nDEPEND="${RDEPEND}"\n'],
    [
      'DEPEND="\n\ta/a\n"\nRDEPEND="${DEPEND}\n\tz/z"\n',
      'DEPEND="\n\ta/a\n\tm/m\n"\nRDEPEND="${DEPEND}\n\tz/z"\n',
    ],
    [
      'COMMON="\n\ta/a\n"\nRDEPEND="${COMMON}"\nDEPEND="${COMMON}\n\tb/b"\n',
      'COMMON="\n\ta/a\n\tm/m\n"\nRDEPEND="${COMMON}"\nDEPEND="${COMMON}\n\tb/b"\n',
    ],
    // BDEPEND would get it too.
    [
      'COMMON="a/a"\nRDEPEND="${COMMON}"\nDEPEND="${COMMON}"\nBDEPEND="${COMMON}"\n',
      'COMMON="a/a"\nRDEPEND="\n\t${COMMON}\n\tm/m\n"\nDEPEND="\n\t${COMMON}\n\tm/m\n"\nBDEPEND="${COMMON}"\n',
    ],
    // A reference inside a conditional is not a carrier.
    [
      'RDEPEND="a/a"\nDEPEND="test? ( ${RDEPEND} )"\n',
      'RDEPEND="\n\ta/a\n\tm/m\n"\nDEPEND="\n\ttest? ( ${RDEPEND} )\n\tm/m\n"\n',
    ],
    ['DEPEND="a/a"\n', 'RDEPEND="m/m"\nDEPEND="\n\ta/a\n\tm/m\n"\n'],
  ])('%j becomes %j', (before, after) => {
    expect(edited(before, addAtom(read(before), ['DEPEND', 'RDEPEND'], 'm/m'))).toBe(after);
  });
});

describe('an absent variable', () => {
  test('is set with += after a call that appends to it', () => {
    const before = 'EAPI=8\ninherit distutils-r1\nSLOT=0\n\ndistutils_enable_tests pytest\n\nRDEPEND="a/a"\n';
    expect(edited(before, addAtom(read(before), 'BDEPEND', 'm/m'))).toBe(`${before}BDEPEND+=" m/m"\n`);
  });

  test('is set with = before such a call', () => {
    const before = 'EAPI=8\ninherit distutils-r1\nRDEPEND="a/a"\n\ndistutils_enable_tests pytest\n';
    const after =
      'EAPI=8\ninherit distutils-r1\nRDEPEND="a/a"\nBDEPEND="m/m"\n\ndistutils_enable_tests pytest\n';
    expect(edited(before, addAtom(read(before), 'BDEPEND', 'm/m'))).toBe(after);
  });

  test('is set after the eclasses', () => {
    const before = 'EAPI=8\n\ninherit acct-user\n\nACCT_USER_ID=1\n';
    const after = 'EAPI=8\n\ninherit acct-user\n\nRDEPEND="m/m"\n\nACCT_USER_ID=1\n';
    expect(edited(before, addAtom(read(before), 'RDEPEND', 'm/m'))).toBe(after);
  });
});

describe('removeAtom', () => {
  test.each([
    ['DEPEND="\n\ta/a\n\tm/m\n\tz/z\n"\n', 'DEPEND="\n\ta/a\n\tz/z\n"\n'],
    ['DEPEND="\n\ta/a\n\tm/m"\n', 'DEPEND="\n\ta/a"\n'],
    ['DEPEND="m/m\n\tz/z"\n', 'DEPEND="z/z"\n'],
    ['DEPEND="a/a m/m z/z"\n', 'DEPEND="a/a z/z"\n'],
    ['DEPEND="\n\tm/m z/z\n"\n', 'DEPEND="\n\tz/z\n"\n'],
    ['DEPEND="\n\ta/a m/m\n"\n', 'DEPEND="\n\ta/a\n"\n'],
    ['DEPEND="\n\ta/a\n\tssl? ( m/m )\n"\n', 'DEPEND="\n\ta/a\n"\n'],
    ['DEPEND="\n\ta/a\n\tssl? (\n\t\t|| ( m/m )\n\t)\n"\n', 'DEPEND="\n\ta/a\n"\n'],
    ['DEPEND="\n\tssl? ( a/a m/m )\n"\n', 'DEPEND="\n\tssl? ( a/a )\n"\n'],
    ['DEPEND="\n\ta/a\n\t$(python_gen_cond_dep \'\n\t\tm/m\n\t\')\n"\n', 'DEPEND="\n\ta/a\n"\n'],
    [
      'DEPEND="\n\t$(python_gen_cond_dep \'\n\t\ta/a\n\t\tm/m\n\t\')\n"\n',
      'DEPEND="\n\t$(python_gen_cond_dep \'\n\t\ta/a\n\t\')\n"\n',
    ],
    ['A="x"\n\nDEPEND="m/m"\n\nB="y"\n', 'A="x"\n\nB="y"\n'],
    ['A="x"\n\nDEPEND="m/m"\n', 'A="x"\n'],
    ['DEPEND="\n\tm/m\n"\nRDEPEND="${DEPEND}"\n', 'DEPEND="\n"\nRDEPEND="${DEPEND}"\n'],
    ['DEPEND="m/m"\nDEPEND+=" a/a"\n', 'DEPEND=""\nDEPEND+=" a/a"\n'],
    ['DEPEND="a/a"\nif x; then\n\tDEPEND+=" m/m"\nfi\n', 'DEPEND="a/a"\nif x; then\n\tDEPEND+=""\nfi\n'],
    ['DEPEND=m/m\n', 'DEPEND=m/m\n'],
  ])('%j becomes %j', (before, after) => {
    expect(edited(before, removeAtom(read(before), placeOf(before)))).toBe(after);
    const crlf = (text: string): string => text.replaceAll('\n', '\r\n');
    expect(edited(crlf(before), removeAtom(read(crlf(before)), placeOf(crlf(before))))).toBe(crlf(after));
  });

  test('does not remove a part of a word or a group', () => {
    const facts = read('DEPEND="a/abc ssl? ( c/d )"\n');
    expect(removeAtom(facts, placeOf(facts.text, 'a/a'))).toEqual([]);
    expect(removeAtom(facts, placeOf(facts.text, 'ssl? ( c/d )'))).toEqual([]);
    expect(removeAtom(facts, { start: 0, end: 6 })).toEqual([]);
  });
});

describe('moveAtom', () => {
  test.each([
    ['DEPEND="\n\ta/a\n\tm/m\n"\nBDEPEND="b/b"\n', 'DEPEND="\n\ta/a\n"\nBDEPEND="\n\tb/b\n\tm/m\n"\n'],
    ['DEPEND="\n\ta/a\n\tm/m\n"\n', 'DEPEND="\n\ta/a\n"\nBDEPEND="m/m"\n'],
    ['DEPEND="\n\tm/m\n"\n', 'BDEPEND="\n\tm/m\n"\n'],
    ['DEPEND="m/m"\nBDEPEND="b/b"\n', 'BDEPEND="\n\tb/b\n\tm/m\n"\n'],
    [
      'DEPEND="\n\ta/a\n\tssl? ( m/m )\n"\nBDEPEND="\n\tssl? (\n\t\tb/b\n\t)\n"\n',
      'DEPEND="\n\ta/a\n"\nBDEPEND="\n\tssl? (\n\t\tb/b\n\t\tm/m\n\t)\n"\n',
    ],
    [
      'DEPEND="\n\ta/a\n\t$(python_gen_cond_dep \'\n\t\tm/m\n\t\')\n"\nBDEPEND="\n\tb/b\n"\n',
      'DEPEND="\n\ta/a\n"\nBDEPEND="\n\tb/b\n\t$(python_gen_cond_dep \'m/m\')\n"\n',
    ],
    // RDEPEND would lose it.
    ['DEPEND="a/a m/m"\nRDEPEND="${DEPEND}"\n', 'DEPEND="a/a m/m"\nRDEPEND="${DEPEND}"\n'],
    // An alternative has another meaning outside its group.
    ['DEPEND="|| ( m/m a/a )"\n', 'DEPEND="|| ( m/m a/a )"\n'],
  ])('%j becomes %j', (before, after) => {
    expect(edited(before, moveAtom(read(before), placeOf(before), 'BDEPEND'))).toBe(after);
  });
});

describe('wrapAtom', () => {
  test.each([
    ['DEPEND="\n\ta/a\n\tm/m\n"\n', 'DEPEND="\n\ta/a\n\tssl? ( m/m )\n"\n'],
    ['DEPEND="\n\tssl? ( a/a )\n\tm/m\n"\n', 'DEPEND="\n\tssl? ( a/a m/m )\n"\n'],
    ['DEPEND="\n\tm/m\n\tssl? (\n\t\ta/a\n\t)\n"\n', 'DEPEND="\n\tssl? (\n\t\ta/a\n\t\tm/m\n\t)\n"\n'],
    ['DEPEND="ssl? ( m/m )"\n', 'DEPEND="ssl? ( m/m )"\n'],
    ['DEPEND="|| ( m/m a/a )"\n', 'DEPEND="|| ( m/m a/a )"\n'],
  ])('%j becomes %j', (before, after) => {
    expect(edited(before, wrapAtom(read(before), placeOf(before), ssl))).toBe(after);
  });
});

describe('unwrapAtom', () => {
  test.each([
    ['DEPEND="\n\ta/a\n\tssl? ( m/m )\n\tz/z\n"\n', 'DEPEND="\n\ta/a\n\tm/m\n\tz/z\n"\n'],
    ['DEPEND="\n\ta/a\n\tz/z\n\tssl? (\n\t\tm/m\n\t)\n"\n', 'DEPEND="\n\ta/a\n\tm/m\n\tz/z\n"\n'],
    [
      'DEPEND="\n\ta/a\n\tssl? (\n\t\tm/m\n\t\to/o\n\t)\n"\n',
      'DEPEND="\n\ta/a\n\tm/m\n\tssl? (\n\t\to/o\n\t)\n"\n',
    ],
    ['DEPEND="\n\tssl? ( m/m )\n"\n', 'DEPEND="\n\tm/m\n"\n'],
    ['DEPEND="ssl? ( m/m )"\n', 'DEPEND="m/m"\n'],
    ['DEPEND="ssl? ( m/m o/o )"\n', 'DEPEND="m/m ssl? ( o/o )"\n'],
    ['DEPEND="a/a ssl? ( m/m )"\n', 'DEPEND="a/a m/m"\n'],
    ['DEPEND="\n\tssl? ( !doc? ( m/m ) )\n"\n', 'DEPEND="\n\tm/m\n"\n'],
    [
      'DEPEND="\n\tssl? (\n\t\to/o\n\t\t!doc? ( m/m )\n\t)\n"\n',
      'DEPEND="\n\tssl? (\n\t\to/o\n\t)\n\tm/m\n"\n',
    ],
    ['DEPEND="\n\tm/m\n"\n', 'DEPEND="\n\tm/m\n"\n'],
    ['DEPEND="\n\tssl? ( || ( m/m o/o ) )\n"\n', 'DEPEND="\n\tssl? ( || ( m/m o/o ) )\n"\n'],
  ])('%j becomes %j', (before, after) => {
    expect(edited(before, unwrapAtom(read(before), placeOf(before)))).toBe(after);
    const crlf = (text: string): string => text.replaceAll('\n', '\r\n');
    expect(edited(crlf(before), unwrapAtom(read(crlf(before)), placeOf(crlf(before))))).toBe(crlf(after));
  });
});

describe('removeChoice', () => {
  test.each([
    ['DEPEND="\n\ta/a\n\t|| ( m/m o/o )\n\tz/z\n"\n', 'DEPEND="\n\ta/a\n\tz/z\n"\n'],
    ['DEPEND="\n\ta/a\n\t|| (\n\t\to/o\n\t\t( m/m z/z )\n\t)\n"\n', 'DEPEND="\n\ta/a\n"\n'],
    ['DEPEND="\n\ta/a\n\tssl? ( || ( m/m o/o ) )\n"\n', 'DEPEND="\n\ta/a\n"\n'],
    ['SLOT=0\n\nDEPEND="|| ( m/m o/o )"\n', 'SLOT=0\n'],
    ['DEPEND="\n\ta/a\n\tm/m\n"\n', undefined],
  ])('%j becomes %j', (before, after) => {
    const choice = removeChoice(read(before), placeOf(before));
    expect(choice && edited(before, choice.edits)).toBe(after);
    if (choice !== undefined)
      expect(before.slice(choice.range.start, choice.range.end)).toMatch(/^\|\| \([\s\S]*\)$/);
  });
});

describe('addAtomUnder', () => {
  const png = { flag: 'png', negated: false };
  test.each([
    ['DEPEND="\n\ta/a\n"\n', 'DEPEND="\n\ta/a\n\tssl? ( m/m )\n\tpng? ( m/m )\n"\n'],
    [
      'DEPEND="\n\tpng? (\n\t\ta/a\n\t)\n"\n',
      'DEPEND="\n\tpng? (\n\t\ta/a\n\t\tm/m\n\t)\n\tssl? ( m/m )\n"\n',
    ],
    ['DEPEND="a/a"\n', 'DEPEND="\n\ta/a\n\tssl? ( m/m ) png? ( m/m )\n"\n'],
    ['DEPEND=""\n', 'DEPEND="ssl? ( m/m ) png? ( m/m )"\n'],
    ['RDEPEND="a/a"\n', 'RDEPEND="a/a"\nDEPEND="ssl? ( m/m ) png? ( m/m )"\n'],
    ['DEPEND="ssl? ( m/m )"\n', 'DEPEND="\n\tssl? ( m/m )\n\tpng? ( m/m )\n"\n'],
  ])('%j becomes %j', (before, after) => {
    expect(edited(before, addAtomUnder(read(before), ['DEPEND'], 'm/m', [[ssl], [png]]))).toBe(after);
  });
});

describe('changeAtomText', () => {
  test.each<[string, AtomChange, string | undefined]>([
    ['a/b', { slotOperator: '=' }, 'a/b:='],
    ['a/b:0', { slotOperator: '=' }, 'a/b:0='],
    ['a/b:*', { slotOperator: '=' }, 'a/b:='],
    ['>=a/b-${PV}[${PYTHON_USEDEP}]', { slotOperator: '=' }, '>=a/b-${PV}:=[${PYTHON_USEDEP}]'],
    ['=a/b-1.2*', { operator: '>=' }, '>=a/b-1.2'],
    ['!!<a/b-c-1.2_rc3-r4:2/3=[x,-y(+)]', { category: 'd', name: 'e' }, '!!<d/e-1.2_rc3-r4:2/3=[x,-y(+)]'],
    ['a/b[x]', { operator: '>=', version: '2' }, '>=a/b-2[x]'],
    ['a/b:0/1=', { slot: '' }, 'a/b:='],
    ['a/b', { operator: '>=' }, undefined],
    ['${X}', { slotOperator: '=' }, undefined],
  ])('%j with %j is %j', (text, change, expected) => {
    expect(changeAtomText(text, change)).toBe(expected);
    if (expected === undefined) return;
    const before = `DEPEND="\n\t${text}\n"\n`;
    const edits = replaceAtom(read(before), placeOf(before, text), expected);
    expect(edited(before, edits)).toBe(`DEPEND="\n\t${expected}\n"\n`);
  });

  test('an empty change changes nothing', () => {
    fc.assert(
      fc.property(atomText, (text) => {
        expect(changeAtomText(text, {})).toBe(text);
      }),
    );
  });
});

describe('for every ebuild', () => {
  const entry = fc.oneof(
    { weight: 3, arbitrary: atomText },
    { weight: 1, arbitrary: atomText.map((atom) => `ssl? ( ${atom} )`) },
    { weight: 1, arbitrary: atomText.map((atom) => `ssl? (\n\t\tin/in\n\t\t${atom}\n\t)`) },
    { weight: 1, arbitrary: fc.constantFrom('${X}', '|| ( o/o p/p )', "$(python_gen_cond_dep 'g/g[${U}]')") },
  );
  const value = fc
    .tuple(fc.array(entry, { minLength: 1, maxLength: 5 }), fc.constantFrom('list', 'line', 'tight'))
    .map(([entries, shape]) =>
      shape === 'list'
        ? `\n${entries.map((entry) => `\t${entry}\n`).join('')}`
        : entries.join(shape === 'line' ? ' ' : '\n\t'),
    );
  const text = fc
    .tuple(value, fc.option(value), fc.constantFrom('\n', '\n\n'))
    .map(
      ([depend, bdepend, gap]) =>
        `EAPI=8${gap}DEPEND="${depend}"\n${bdepend === null ? '' : `${gap}BDEPEND="${bdepend}"\n`}\nsrc_test() { :; }\n`,
    );
  const outline = (facts: EbuildFacts, variable: DependencyVariable): string[] =>
    declaredAtoms(facts, variable)
      .map(({ atom, conditions }) => `${conditions.map(({ flag }) => flag)} ${printAtom(atom)}`)
      .sort();

  test('removing removes one atom and keeps all others', () => {
    fc.assert(
      fc.property(text, fc.nat(), (before, pick) => {
        const facts = read(before);
        const atoms = declaredAtoms(facts, 'DEPEND');
        fc.pre(atoms.length > 0);
        const target = atoms[pick % atoms.length];
        if (target === undefined) return;
        const after = read(edited(before, removeAtom(facts, target.range)));
        const left = outline(facts, 'DEPEND');
        left.splice(
          left.indexOf(`${target.conditions.map(({ flag }) => flag)} ${printAtom(target.atom)}`),
          1,
        );
        expect(after.errors).toEqual([]);
        expect(outline(after, 'DEPEND')).toEqual(left);
        expect(outline(after, 'BDEPEND')).toEqual(outline(facts, 'BDEPEND'));
      }),
      { numRuns: 400 },
    );
  });

  test('unwrapping changes the conditions of one atom and nothing else', () => {
    fc.assert(
      fc.property(text, fc.nat(), (before, pick) => {
        const facts = read(before);
        const atoms = declaredAtoms(facts, 'DEPEND').filter(({ conditions }) => conditions.length > 0);
        const target = atoms[pick % Math.max(atoms.length, 1)];
        fc.pre(target !== undefined);
        if (target === undefined) return;
        const after = read(edited(before, unwrapAtom(facts, target.range)));
        const expected = outline(facts, 'DEPEND');
        expected.splice(expected.indexOf(`ssl ${printAtom(target.atom)}`), 1, ` ${printAtom(target.atom)}`);
        expect(after.errors).toEqual([]);
        expect(outline(after, 'DEPEND')).toEqual(expected.sort());
        expect(outline(after, 'BDEPEND')).toEqual(outline(facts, 'BDEPEND'));
      }),
      { numRuns: 400 },
    );
  });

  test('moving is the same as removing and adding', () => {
    fc.assert(
      fc.property(text, fc.nat(), (before, pick) => {
        const facts = read(before);
        const atoms = declaredAtoms(facts, 'DEPEND').filter(({ groups }) => groups.length === 0);
        const target = atoms[pick % Math.max(atoms.length, 1)];
        fc.pre(target !== undefined);
        if (target === undefined) return;
        const name = `${target.conditions.map(({ flag }) => flag)} ${printAtom(target.atom)}`;
        fc.pre(!outline(facts, 'BDEPEND').includes(name));
        const after = read(edited(before, moveAtom(facts, target.range, 'BDEPEND')));
        const left = outline(facts, 'DEPEND');
        left.splice(left.indexOf(name), 1);
        expect(outline(after, 'DEPEND')).toEqual(left);
        expect(outline(after, 'BDEPEND')).toEqual([...outline(facts, 'BDEPEND'), name].sort());
      }),
      { numRuns: 400 },
    );
  });

  test('adding under a conditional adds exactly that, and removing it again restores a list to the byte', () => {
    fc.assert(
      fc.property(
        text,
        fc.constantFrom(...DEPENDENCY_VARIABLES),
        fc.boolean(),
        (before, variable, conditional) => {
          const facts = read(before);
          const added = edited(before, addAtom(facts, variable, 'new/atom', conditional ? [ssl] : []));
          const after = read(added);
          expect(outline(after, variable)).toEqual(
            [...outline(facts, variable), `${conditional ? 'ssl' : ''} new/atom`].sort(),
          );
          const back = edited(added, removeAtom(after, placeOf(added, 'new/atom')));
          const wasList = new RegExp(`^${variable}="\\n`, 'm').test(before);
          if (wasList) expect(back).toBe(before);
          else expect(outline(read(back), variable)).toEqual(outline(facts, variable));
        },
      ),
      { numRuns: 400 },
    );
  });
});

describe('a variable that refers to another', () => {
  test('before the other is set does not get its additions', () => {
    const text = 'DEPEND="${RDEPEND}"\nRDEPEND="a/a"\n';
    const after = edited(text, addAtom(read(text), ['DEPEND', 'RDEPEND'], 'm/m'));
    for (const variable of ['DEPEND', 'RDEPEND'] as const)
      expect(declaredAtoms(read(after), variable).map(({ atom }) => printAtom(atom))).toContain('m/m');
  });

  test('in a group is not changed', () => {
    const text = 'RDEPEND="\n\tm/m\n\tz/z\n"\nBDEPEND="test? ( ${RDEPEND} )"\n';
    expect(moveAtom(read(text), placeOf(text), 'PDEPEND')).toEqual([]);
  });
});

test('an atom with ${PN} in its name can be removed', () => {
  const text = 'RDEPEND="\n\tacct-user/${PN}\n\tz/z\n"\n';
  expect(edited(text, removeAtom(read(text), placeOf(text, 'acct-user/${PN}')))).toBe(
    'RDEPEND="\n\tz/z\n"\n',
  );
});
