/** Findings about a text that package managers read otherwise than its author, or not at all. */
import { describe, expect, test } from 'vitest';
import { checkText } from '../../server/src/audit/check.ts';
import type { Knowledge } from '../../server/src/audit/knowledge.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { outlineEbuild } from '../../server/src/ebuild/outline.ts';
import { applyEdits } from '../../server/src/ebuild/text-edit.ts';
import { bash } from '../ebuild/bash.ts';
import { makeKnowledge } from './world.ts';

const CODES = ['eclass-not-here', 'syntax-error', 'invalid-eapi', 'unknown-eclass'];
const findIn = (text: string, knowledge?: Knowledge) =>
  checkText(parseEbuild(text, bash), knowledge, undefined).filter(({ code }) => CODES.includes(code));
const underlined = (text: string, knowledge?: Knowledge) =>
  findIn(text, knowledge).map(({ code, severity, range, message }) => [
    `${code} ${severity} ‹${text.slice(range.start, range.end)}›`,
    message.replace(/:.*/s, ''),
  ]);
/** Applies the fix of each finding in turn. */
function fixed(text: string, knowledge?: Knowledge): string {
  const fix = findIn(text, knowledge).find((finding) => finding.fix !== undefined)?.fix;
  return fix === undefined ? text : fixed(applyEdits(text, fix.edits), knowledge);
}

describe('syntax-error', () => {
  const RIGHT = 'EAPI=8\nDEPEND="a/b"\nsrc_compile() {\n\temake\n}\n';

  test('is nothing in a text that bash reads', () => {
    expect(findIn(RIGHT)).toEqual([]);
    expect(checkText(outlineEbuild(RIGHT, bash), undefined, undefined)).toEqual([]);
  });

  test.each([
    ['EAPI=8\nDEPEND="\n\ta/b\n\nRDEPEND="c/d"\n', 'DEPEND', 'DEPEND has no closing quote'],
    ["EAPI=8\nS='x\nSLOT=0\n", 'S', 'S has no closing quote'],
    ['EAPI=8\nif [[ a ]]; then\n\tX=1\n', '', 'A `fi` is missing here'],
    ['EAPI=8\nX=( a b\n', '', 'A `)` is missing here'],
    ['EAPI=8\nsrc_test() {\n\tfor i in a; do\n\t\techo $i\n}\n', undefined, 'Bash cannot read this'],
  ])('names what is missing: %j', (text, at, message) => {
    const [found] = underlined(text);
    expect(found?.[1]).toBe(message);
    if (at) expect(found?.[0]).toBe(`syntax-error error ‹${at}›`);
    // A body of a function is skipped by the outline, and still its mistakes are found.
    const outlined = checkText(outlineEbuild(text, bash), undefined, undefined);
    expect(outlined.map(({ code }) => code)).toContain('syntax-error');
  });

  test('a byte order mark and carriage returns are taken away', () => {
    expect(underlined(`\uFEFF${RIGHT}`)).toEqual([
      [
        'syntax-error error ‹\uFEFF›',
        'Remove the byte order mark at the beginning, which bash takes for a part of the first word',
      ],
    ]);
    expect(fixed(`\uFEFF${RIGHT}`)).toBe(RIGHT);
    const windows = RIGHT.replaceAll('\n', '\r\n');
    expect(underlined(windows)[0]?.[0]).toBe('syntax-error error ‹EAPI=8›');
    expect(fixed(windows)).toBe(RIGHT);
    const mixed = 'EAPI=8\nDEPEND="a/b"\r\nSLOT="0"\n';
    expect(underlined(mixed)[0]?.[0]).toBe('syntax-error error ‹DEPEND="a/b"›');
    expect(fixed(mixed)).toBe(mixed.replace('\r', ''));
  });
});

describe('invalid-eapi', () => {
  test.each([
    'EAPI=8\n',
    '# Copyright\n\n  # more\nEAPI="7" # a comment\n',
    "EAPI='0'\n",
    'EAPI=9\n',
    'SLOT="0"\n',
    'EAPI=8',
  ])('is nothing in %j', (text) => {
    expect(findIn(text)).toEqual([]);
  });

  test('a later one is moved to the first line that is no comment', () => {
    const text = '# Copyright\n\nDESCRIPTION="x"\nEAPI=8\nSLOT="0"\n';
    expect(underlined(text)).toEqual([
      ['invalid-eapi error ‹EAPI=8›', 'Set EAPI in the first line that is no comment'],
    ]);
    expect(fixed(text)).toBe('# Copyright\n\nEAPI=8\nDESCRIPTION="x"\nSLOT="0"\n');
    const branch = 'SLOT="0"\nif true; then\n\tEAPI=8\nfi\n';
    expect(underlined(branch).length).toBe(1);
    expect(fixed(branch)).toBe(branch);
  });

  test('a second one is removed, with care if it has another value', () => {
    const same = 'EAPI=8\nSLOT="0"\nEAPI="8"\n';
    expect(underlined(same)).toEqual([['invalid-eapi warning ‹EAPI="8"›', 'Remove the second EAPI']]);
    expect(fixed(same)).toBe('EAPI=8\nSLOT="0"\n');
    const other = 'EAPI=8\nSLOT="0"\nEAPI=7\n';
    expect(underlined(other)[0]?.[0]).toBe('invalid-eapi error ‹EAPI=7›');
    expect(findIn(other)[0]?.fix?.guess).toBe(true);
  });

  test.each([
    ['EAPI=10\n', 'No EAPI 10 is defined'],
    ['EAPI="8-python"\n', 'No EAPI 8-python is defined'],
    ['EAPI=8; SLOT=0\n', 'Write EAPI=8 with nothing else in the line but a comment'],
    ['EAPI=${X}\n', 'Write EAPI=8 with nothing else in the line but a comment'],
    ['export EAPI=8\n', 'Write EAPI=8 with nothing else in the line but a comment'],
  ])('another form or value is refused: %j', (text, message) => {
    expect(underlined(text).map(([, said]) => said)).toEqual([message]);
  });
});

describe('unknown-eclass', () => {
  const world = makeKnowledge([], { eclasses: { cmake: {}, 'git-r3': {} } });

  test('says what may be meant', () => {
    const text = 'EAPI=8\ninherit cmak git-r3\nif true; then\n\tinherit nowhere-r1\nfi\n';
    expect(underlined(text, world).map(([what]) => what)).toEqual([
      'unknown-eclass error ‹cmak›',
      'unknown-eclass error ‹nowhere-r1›',
    ]);
    expect(findIn(text, world).map(({ message }) => message)).toEqual([
      'Neither the repository nor a master of it has cmak.eclass: perhaps you mean cmake.',
      'Neither the repository nor a master of it has nowhere-r1.eclass: correct the name, or add the eclass to the repository.',
    ]);
    expect(fixed(text, world)).toBe(text.replace('cmak ', 'cmake '));
  });

  test('says nothing where not all eclasses are known, or only bash knows the name', () => {
    const text = 'EAPI=8\ninherit cmak ${VCS_ECLASS}\n';
    expect(underlined(text, makeKnowledge([], { incomplete: 'A master is missing.' }))).toEqual([]);
    expect(underlined(text)).toEqual([]);
    expect(underlined('EAPI=8\ninherit ${VCS_ECLASS}\nf() { inherit x; }\n', world)).toEqual([]);
  });
});

describe('eclass-not-here', () => {
  const cmake = { eclasses: { cmake: {} } };
  const poor = makeKnowledge([], { ...cmake, incomplete: 'Few', incompleteKind: 'practice-root' });

  test('the practice root is to blame, not the ebuild', () => {
    const text = 'EAPI=8\ninherit cmake git-r3 # why\n';
    expect(underlined(text, poor)[0]?.[0]).toBe('eclass-not-here information ‹git-r3›');
    expect(findIn(text, poor).map(({ message }) => message)).toEqual([
      'Set ebuildAudit.root or --root to a Gentoo system: the practice root has no git-r3.eclass, so the ebuild cannot be tried here.',
    ]);
    const missing = makeKnowledge([], { ...cmake, incomplete: 'Missing', incompleteKind: 'master' });
    expect(underlined(text, missing).map(([what]) => what)).toEqual(['eclass-not-here information ‹git-r3›']);
  });

  test('a name that is nearly right may be meant, which is asked', () => {
    const text = 'EAPI=8\ninherit cmak';
    expect(findIn(text, poor)[0]?.message).toMatch(/tried here\. Perhaps you mean cmake\.$/);
    expect(fixed(text, poor)).toBe('EAPI=8\ninherit cmake');
    expect(findIn(text, poor)[0]?.fix?.guess).toBe(true);
  });

  test('says nothing while the repositories are being read, in a function, and where all is known', () => {
    const reading = makeKnowledge([], { ...cmake, incomplete: 'Not yet' });
    expect(underlined('EAPI=8\ninherit git-r3\n', reading)).toEqual([]);
    expect(underlined('EAPI=8\nf() { inherit git-r3; }\ninherit ${ECLASS}\n', poor)).toEqual([]);
    expect(underlined('EAPI=8\ninherit git-r3\n', makeKnowledge([], cmake)).map(([what]) => what)).toEqual([
      'unknown-eclass error ‹git-r3›',
    ]);
  });
});

describe('unknown-value', () => {
  const world = makeKnowledge([], {
    architectures: ['amd64', 'arm64', 'x86'],
    licenses: ['GPL-2', 'GPL-2+', 'MIT'],
  });
  const said = (text: string, knowledge?: Knowledge) =>
    checkText(parseEbuild(text, bash), knowledge, undefined)
      .filter(({ code }) => code === 'unknown-value')
      .map(({ severity, message, range, fix }) =>
        [severity, `‹${text.slice(range.start, range.end)}›`, message, fix?.edits[0]?.newText]
          .join(' ')
          .trim(),
      );

  test.each([
    [
      'KEYWORDS="~amd65 -* x86"',
      'error ‹~amd65› KEYWORDS has amd65, and no profiles/arch.list does: perhaps you mean amd64. amd64',
    ],
    [
      'LICENSE="GPL-2+ doc? ( MTI )"',
      'error ‹MTI› No repository has a licence MTI: perhaps you mean MIT. MIT',
    ],
    ['LICENSE="|| ( Own MIT )"', 'error ‹Own› No repository has a licence Own: correct or remove it.'],
    [
      'RESTRICT="mirrors !test? ( test )"',
      'warning ‹mirrors› Neither PMS nor Portage knows mirrors in RESTRICT: perhaps you mean mirror. mirror',
    ],
    [
      'PROPERTIES="lives"',
      'warning ‹lives› Neither PMS nor Portage knows lives in PROPERTIES: perhaps you mean live. live',
    ],
    [
      'PYTHON_COMPAT=( python3_{11..13} python3.11 )',
      'error ‹python3.11› python-utils-r1.eclass has no implementation python3.11: correct or remove it.',
    ],
  ])('%s', (line, finding) => {
    expect(said(`EAPI=8\n${line}\n`, world)).toEqual([finding]);
  });

  test('is nothing where all is known, or something is not', () => {
    const right = `EAPI=8
KEYWORDS="~amd64 -* arm64 ~*"
LICENSE="GPL-2+ || ( MIT GPL-2 ) doc? ( \${DOCS_LICENSE} )"
RESTRICT="mirror binchecks !test? ( test ) \${MORE}"
PROPERTIES="live test_network"
PYTHON_COMPAT=( python3_{10..13}{,t} python3_{{11..13},13t} python{3_12,3_13} python3_14t pypy3 pypy3_11 python2_7 jython2_7 "\${IMPL}" ) # words
`;
    expect(said(right, world)).toEqual([]);
    const wrong = 'EAPI=8\nKEYWORDS="amd65"\nLICENSE="Own"\n';
    expect(said(wrong, makeKnowledge([]))).toEqual([]);
    expect(said(wrong)).toEqual([]);
    const incomplete = { incomplete: 'A master is missing.', architectures: ['x86'], licenses: ['MIT'] };
    expect(said(wrong, makeKnowledge([], incomplete))).toEqual([]);
  });
});
