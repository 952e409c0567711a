import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { variableRange } from '../../server/src/ebuild/anchor.ts';
import { declaredAtoms, declaredWithAtoms } from '../../server/src/ebuild/declared.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { type Predefined, packageVariables } from '../../server/src/ebuild/package-variables.ts';
import { printAtom } from '../../server/src/pms/atom.ts';
import { DEPENDENCY_VARIABLES, variableInEapi } from '../../server/src/pms/dependency-variable.ts';
import { brokenText } from '../pms/arbitrary.ts';
import { bash } from './bash.ts';

/** The atoms of DEPEND as text, with `~` before those that are not exact and `via` for a helper variable. */
function depend(text: string, predefined: Predefined = {}): string[] {
  return declaredAtoms(parseEbuild(text, bash), 'DEPEND', predefined).map(({ atom, exact, viaVariable }) =>
    [exact ? '' : '?', printAtom(atom), viaVariable === undefined ? '' : ` via ${viaVariable}`].join(''),
  );
}

describe('declaredAtoms', () => {
  test.each([
    ['', []],
    ['DEPEND="a/b ssl? ( c/d ) || ( e/f !g/h )"', ['a/b', 'c/d', 'e/f', '!g/h']],
    ['RDEPEND="a/b"\nDEPEND="${RDEPEND} c/d"', ['a/b via RDEPEND', 'c/d']],
    ['X="a/b"\nRDEPEND="$X"\nDEPEND="ssl? ( ${RDEPEND} )"', ['a/b via RDEPEND']],
    ['DEPEND="a/b"\nDEPEND+=" c/d"', ['a/b', 'c/d']],
    ['DEPEND="a/b"\nDEPEND="${DEPEND} c/d"', ['a/b via DEPEND', 'c/d']],
    ['DEPEND="a/b"\nDEPEND="c/d"', ['c/d']],
    ['DEPEND="a/b"\nif x; then\n\tDEPEND+=" c/d"\nfi', ['a/b', '?c/d']],
    ['DEPEND="${RDEPEND}"\nRDEPEND="${DEPEND}"', []],
    ['DEPEND="a/b"\nf() {\n\tDEPEND="c/d"\n}', ['a/b']],
    ['MY=2.0\nDEPEND=">=a/b-${MY}:0"', ['>=a/b-2.0:0']],
    ['DEPEND=">=a/b-${PV}:0 c/d[${U}] ~e/f-$(ver_cut 1)"', ['?a/b:0', '?c/d', '?e/f']],
    ['DEPEND="a/${PN} ${X}/b ${X}"', []],
    ['DEPEND="$(gen_dep \'\n\t>=a/b-1[${U}]\n\tc/d\n\')"', ['?>=a/b-1', '?c/d']],
    ['DEPEND=a/b', ['a/b']],
    ["DEPEND='a/b'", ['a/b']],
    ['V=5\nDEPEND="a/b:"${V}" c/d"', ['a/b:5', 'c/d']],
    ['DEPEND=( a/b )', []],
    ['DEPEND="a/b\nRDEPEND="c/d"\n', ['a/b']],
  ])('%j', (text, expected) => {
    expect(depend(text)).toEqual(expected);
  });

  test('knows the variables of the path of the ebuild', () => {
    const predefined = packageVariables('media-libs', 'lib-png-1.6_rc2-r3');
    expect(predefined).toEqual({
      CATEGORY: 'media-libs',
      P: 'lib-png-1.6_rc2',
      PF: 'lib-png-1.6_rc2-r3',
      PN: 'lib-png',
      PR: 'r3',
      PV: '1.6_rc2',
      PVR: '1.6_rc2-r3',
    });
    expect(depend('DEPEND="~a/${PN}-${PV}:="', predefined)).toEqual(['~a/lib-png-1.6_rc2:=']);
    expect(packageVariables('a', 'nothing')).toEqual({ CATEGORY: 'a' });
  });

  test('ranges show the atom where it is written', () => {
    const text = 'X="a/b"\nDEPEND="é ${X} >=c/d-1"\n';
    const atoms = declaredAtoms(parseEbuild(text, bash), 'DEPEND');
    expect(atoms.map(({ range }) => text.slice(range.start, range.end))).toEqual(['a/b', '>=c/d-1']);
  });

  test('gives a reason for each unresolved word', () => {
    const facts = parseEbuild('DEPEND="${PYTHON_DEPS} a/b-\n$(x) ssl? c/d"', bash);
    const { declared } = declaredWithAtoms(facts, 'DEPEND');
    expect(declared.unresolved.map(({ text, reason }) => `${text}: ${reason}`)).toEqual([
      '${PYTHON_DEPS}: PYTHON_DEPS is not set above in this file; an eclass may set it.',
      '$(x): Only bash knows its value.',
    ]);
    expect(declared.errors.map(({ message }) => message)).toEqual([
      expect.stringContaining('`ssl?` has no group'),
    ]);
  });

  test('limits references that multiply', () => {
    const lines = Array.from({ length: 60 }, (_, index) => `V${index + 1}="\${V${index}} \${V${index}}"\n`);
    const text = `V0="a/b"\n${lines.join('')}DEPEND="\${V60}"\n`;
    const started = performance.now();
    const { declared } = declaredWithAtoms(parseEbuild(text, bash), 'DEPEND');
    expect(performance.now() - started).toBeLessThan(2000);
    expect(declared.unresolved.some(({ reason }) => reason.startsWith('Too many'))).toBe(true);
    const chain = Array.from({ length: 5000 }, () => 'DEPEND="${DEPEND} a/b"\n').join('');
    expect(depend(chain).length).toBeGreaterThan(0);
  });

  test('is total', () => {
    fc.assert(
      fc.property(brokenText, (text) => {
        const facts = parseEbuild(`DEPEND="${text}`, bash);
        for (const variable of DEPENDENCY_VARIABLES) {
          expect(declaredWithAtoms(facts, variable).declared.variable).toBe(variable);
          for (const { range } of declaredAtoms(facts, variable)) {
            expect(range.start).toBeGreaterThanOrEqual(0);
            expect(range.end).toBeGreaterThan(range.start);
            expect(range.end).toBeLessThanOrEqual(facts.text.length);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('variableInEapi (PMS 8.1)', () => {
  test.each([
    ['BDEPEND', '6', 'DEPEND'],
    ['BDEPEND', '7', 'BDEPEND'],
    ['IDEPEND', '7', 'RDEPEND'],
    ['IDEPEND', '8', 'IDEPEND'],
    ['DEPEND', '0', 'DEPEND'],
    ['BDEPEND', 'future', 'BDEPEND'],
  ] as const)('%s in EAPI %s is %s', (variable, eapi, expected) => {
    expect(variableInEapi(variable, eapi)).toBe(expected);
  });
});

describe('variableRange', () => {
  test.each([
    ['EAPI=8\nDEPEND="\n\ta/b\n"\n', 'DEPEND="'],
    ['EAPI=8\n  DEPEND="a/b" # why\r\n', 'DEPEND="a/b" # why'],
    ['EAPI=8\nif x; then\n\tDEPEND="a"\nfi\nDEPEND="b"\n', 'DEPEND="b"'],
    ['EAPI=8\nBDEPEND="a/b"\nRDEPEND="c/d"\n', 'RDEPEND="c/d"'],
    ['EAPI=8\nBDEPEND="a/b"\n', 'BDEPEND="a/b"'],
    ['# x\nEAPI=8\nSLOT=0\n', 'EAPI=8'],
    ['# x\nSLOT=0\n', '# x'],
    ['', ''],
  ])('%j', (text, expected) => {
    const { start, end } = variableRange(parseEbuild(text, bash), 'DEPEND');
    expect(text.slice(start, end)).toBe(expected);
  });
});
