import { describe, expect, test } from 'vitest';
import { checkText } from '../../server/src/audit/check.ts';
import { judgeSilenced } from '../../server/src/audit/silencing/judge-silenced.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { applyEdits } from '../../server/src/ebuild/text-edit.ts';
import { printAtom } from '../../server/src/pms/atom.ts';
import { readBroughtAtoms } from '../../server/src/repository/eclass-atoms.ts';
import { bash } from '../ebuild/bash.ts';
import { makeRecord, NOTHING_DECLARED, NOTHING_INHERITED } from '../support/trial-record.ts';
import { makeKnowledge } from './world.ts';

describe('the atoms of an eclass', () => {
  const brought = (text: string) =>
    readBroughtAtoms(text).map(
      ({ variable, atom, exceptFor }) =>
        `${variable} ${printAtom(atom)}${exceptFor === undefined ? '' : ` except ${exceptFor}`}`,
    );

  test.each([
    ['BDEPEND="a/b"', ['BDEPEND a/b']],
    ["RDEPEND='a/b'", ['RDEPEND a/b']],
    ['DEPEND+=" >=a/b-1:=[x]"', ['DEPEND >=a/b-1:=[x]']],
    ['BDEPEND=">=a/b-1\n\t${NINJA_DEPEND}\n\tc/d\n"\nX=1', ['BDEPEND >=a/b-1', 'BDEPEND c/d']],
    ['BDEPEND="a/b"\nBDEPEND="c/d"', ['BDEPEND c/d']],
    ['if [[ -z ${_OWN_ECLASS} ]]; then\n_OWN_ECLASS=1\nBDEPEND="a/b"\nfi', ['BDEPEND a/b']],
    [
      'case ${G} in\n\tmake)\n\t\tBDEPEND="m/m"\n\t\t;;\nesac\n\nif [[ ${PN} != cmake ]]; then\n\tBDEPEND+=" >=a/b-1"\nfi',
      ['BDEPEND >=a/b-1 except cmake'],
    ],
    ['f() {\n\techo\n}\nBDEPEND="a/b"', ['BDEPEND a/b']],
  ])('%j', (text, atoms) => {
    expect(brought(text)).toEqual(atoms);
  });

  test.each([
    ['a branch', 'if [[ ${X} ]]; then\n\tBDEPEND="a/b"\nfi'],
    ['a branch that is not indented', 'if [[ ${X_OPTIONAL} ]]; then\nBDEPEND="a/b"\nfi'],
    ['the other branch of a guard', 'if [[ ${_X} ]]; then\nY=1\nelse\nBDEPEND="a/b"\nfi'],
    ['the other branch for a package', 'if [[ ${PN} != x ]]; then\n\tY=1\nelse\n\tBDEPEND="a/b"\nfi'],
    ['a case', 'case ${EAPI} in\n7) BDEPEND="a/b" ;;\nesac'],
    ['a list', '[[ ${EAPI} == 7 ]] && BDEPEND="a/b"'],
    ['a function', 'f() {\n\tBDEPEND+=" a/b"\n}'],
    ['what a branch may replace', 'BDEPEND="a/b"\nif [[ ${X} ]]; then\n\tBDEPEND=""\nfi'],
    ['a condition or an alternative', 'BDEPEND="x? ( a/b ) || ( a/b c/d )"'],
    ['a blocker', 'RDEPEND="!a/b"'],
    ['another variable', 'NINJA_DEPEND="a/b"\nMY_BDEPEND="a/b"'],
    ['a comment', '# BDEPEND="a/b"'],
    ['a text', 'X="\nBDEPEND=a/b"\nBDEPEND="'],
  ])('not of %s', (_, text) => {
    expect(brought(text)).toEqual([]);
  });
});

const WORLD = makeKnowledge([], {
  incomplete: 'Only the eclasses matter here.',
  eclasses: {
    tool: { text: 'BDEPEND=">=dev-build/tool-3:0[x,y]"\nRDEPEND="dev-libs/run:="' },
    systemd: { text: 'BDEPEND="virtual/pkgconfig app-arch/unzip"' },
    own: { text: 'if [[ ${PN} != own ]]; then\n\tBDEPEND="a/own"\nfi' },
    strange: {},
  },
});
const IDENTITY = { category: 'a', packageAndVersion: 'foo-1' };
const checked = (text: string, identity = IDENTITY) =>
  checkText(parseEbuild(text, bash), WORLD, identity).filter(({ code }) => code === 'inherited-atom');
const ebuild = (body: string) => `EAPI=8\n\ninherit tool own\n\nSLOT="0"\n\n${body}\n`;

describe('inherited-atom of the text', () => {
  test('is removed', () => {
    const text = ebuild('BDEPEND="\n\tdev-build/tool\n\tvirtual/pkgconfig\n"');
    const [finding, ...more] = checked(text);
    expect(finding).toMatchObject({
      severity: 'hint',
      message: 'tool.eclass adds >=dev-build/tool-3:0[x,y] to BDEPEND already: remove dev-build/tool.',
      about: ['dev-build/tool'],
      fix: { guess: true },
    });
    expect(more).toEqual([]);
    expect(applyEdits(text, finding?.fix?.edits ?? [])).toBe(ebuild('BDEPEND="\n\tvirtual/pkgconfig\n"'));
  });

  test.each(['>=dev-build/tool-3:0[x,y]', '>=dev-build/tool-2', 'dev-build/tool:0[y]', 'a/own'])(
    '%s asks for nothing more',
    (atom) => {
      expect(checked(ebuild(`BDEPEND="${atom}"`))).toHaveLength(1);
    },
  );

  test.each([
    ['a higher bound', 'BDEPEND=">=dev-build/tool-3.1"'],
    ['another kind of bound', 'BDEPEND="~dev-build/tool-3"'],
    ['an upper bound', 'BDEPEND="<dev-build/tool-4"'],
    ['another slot', 'BDEPEND="dev-build/tool:1"'],
    ['a slot operator', 'BDEPEND="dev-build/tool:="'],
    ['another flag', 'BDEPEND="dev-build/tool[z]"'],
    ['the flag with a default', 'BDEPEND="dev-build/tool[x(+)]"'],
    ['a condition', 'IUSE="f"\nBDEPEND="f? ( dev-build/tool )"'],
    ['an alternative', 'BDEPEND="|| ( dev-build/tool a/b )"'],
    ['a blocker', 'BDEPEND="!dev-build/tool"'],
    ['another variable', 'DEPEND="dev-build/tool"'],
    ['a version that only bash knows', 'BDEPEND=">=dev-build/tool-${X}"'],
    ['a branch', 'if true; then\n\tBDEPEND="dev-build/tool"\nfi'],
    ['another package of the category', 'BDEPEND="dev-build/tools"'],
  ])('%s does', (_, body) => {
    expect(checked(ebuild(body))).toEqual([]);
  });

  test('an atom that another variable needs too stays', () => {
    expect(checked(ebuild('RDEPEND="dev-libs/run:="\nDEPEND="${RDEPEND}"'))).toEqual([]);
    expect(checked(ebuild('C="dev-libs/run"\nRDEPEND="${C}"\nDEPEND="${C}"'))).toEqual([]);
    expect(checked(ebuild('C="dev-libs/run"\nRDEPEND="${C}"'))).toHaveLength(1);
  });

  test('what an ebuild often needs for itself stays', () => {
    expect(checked('EAPI=8\ninherit systemd\nBDEPEND="app-arch/unzip virtual/pkgconfig"\n')).toEqual([]);
  });

  test('an eclass in a branch, and one that does not bring it to this package, do not count', () => {
    const branch = 'EAPI=8\nif true; then\n\tinherit tool\nfi\nBDEPEND="dev-build/tool"\n';
    expect(checked(branch)).toEqual([]);
    expect(checked(ebuild('BDEPEND="a/own"'), { category: 'a', packageAndVersion: 'own-2' })).toEqual([]);
    expect(checked('EAPI=8\ninherit strange unknown\nBDEPEND="dev-build/tool"\n')).toEqual([]);
  });
});

describe('inherited-atom of a trial', () => {
  const text = (value: string, more = '') => `EAPI=8\ninherit other\nBDEPEND="${value}"\n${more}`;
  const judged = (written: string, evaluated: string, inherited: readonly string[], now = written) => {
    const record = makeRecord(written, {
      evaluated: { ...NOTHING_DECLARED, BDEPEND: evaluated },
      inherited: { ...NOTHING_INHERITED, BDEPEND: inherited },
    });
    const { findings } = judgeSilenced(record, parseEbuild(now, bash), []);
    return findings.filter(({ code }) => code === 'inherited-atom' || code === 'stale-ignore');
  };

  test('says what the eclasses add in every USE state', () => {
    const found = judged(text('a/b c/d'), 'a/b c/d x? ( c/d ) ( >=a/b-2 )', ['c/d', '>=a/b-2']);
    expect(found.map(({ message }) => message)).toEqual([
      'An eclass adds >=a/b-2 to BDEPEND already: remove a/b.',
    ]);
    expect(judged(text('a/b'), 'a/b a/b', ['a/b'])).toHaveLength(1);
  });

  test.each<[string, string, string, readonly string[]]>([
    ['the same atom under a flag', text('a/b'), 'a/b x? ( a/b )', ['a/b']],
    ['the same atom among alternatives', text('a/b'), 'a/b || ( a/b c/d )', ['a/b']],
    ['an atom that the text brings twice', text('a/b a/b'), 'a/b a/b', []],
    ['a word that only bash can expand', text('a/b ${DEPS}'), 'a/b >=a/b-2', ['>=a/b-2']],
    [
      'a branch that may bring it',
      text('a/b', 'if true; then\n\tBDEPEND+=" >=a/b-${X}"\nfi\n'),
      'a/b >=a/b-2',
      ['>=a/b-2'],
    ],
  ])('not %s', (_, written, evaluated, inherited) => {
    expect(judged(written, evaluated, inherited)).toEqual([]);
  });

  test('not for a text that was changed since', () => {
    expect(judged(text('a/b'), 'a/b a/b', ['a/b'], text('a/b', 'X=1\n'))).toEqual([]);
  });

  test('is silenced, and the rule is never stale', () => {
    const rule = '# audit: ignore inherited-atom a/b – other versions of the eclass do not have it\n';
    expect(judged(text('a/b', rule), 'a/b a/b', ['a/b'])).toEqual([]);
    expect(judged(text('a/b', rule), 'a/b', [])).toEqual([]);
  });
});
