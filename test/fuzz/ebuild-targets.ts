import { declaredAtoms, declaredWithAtoms } from '../../server/src/ebuild/declared.ts';
import type { EbuildFacts } from '../../server/src/ebuild/ebuild-facts.ts';
import { changeAtomText } from '../../server/src/ebuild/edit/atom-text.ts';
import { addAtom, moveAtom, removeAtom, replaceAtom, wrapAtom } from '../../server/src/ebuild/edit/edit.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { createLiveText } from '../../server/src/ebuild/live-text.ts';
import { packageVariables } from '../../server/src/ebuild/package-variables.ts';
import { expandShellText } from '../../server/src/ebuild/shell-expansion.ts';
import { staticMetadata } from '../../server/src/ebuild/static-metadata.ts';
import type { TextEdit } from '../../server/src/ebuild/text-edit.ts';
import { DEPENDENCY_VARIABLES } from '../../server/src/pms/dependency-variable.ts';
import type { TextRange } from '../../server/src/pms/text-range.ts';
import { bash } from '../ebuild/bash.ts';
import type { FuzzTarget } from './target.ts';

const live = createLiveText(bash);
const predefined = packageVariables('dev-libs', 'foo-1.2.3_rc4-r5');

export const SEEDS: readonly string[] = [
  `# Copyright 1999-2026 Gentoo Authors
EAPI=8

PYTHON_COMPAT=( python3_{11..14} )
inherit cmake python-single-r1

DESCRIPTION="An example – ünïcödé 😀"
SRC_URI="https://example.org/\${P}.tar.gz -> \${P/_/-}.tar.gz"
SLOT="0/$(ver_cut 1-2)"
KEYWORDS="~amd64"
IUSE="+ssl test"
RESTRICT="!test? ( test )"
REQUIRED_USE="\${PYTHON_REQUIRED_USE}"

COMMON_DEPEND="
	dev-libs/a:=
	ssl? ( dev-libs/openssl:0= )
	$(python_gen_cond_dep '
		>=dev-python/b-\${PV%.*}[\${PYTHON_USEDEP}]
	')
"
RDEPEND="\${COMMON_DEPEND}
	!<dev-libs/old-2"
DEPEND="\${RDEPEND}"
BDEPEND="
	|| (
		dev-build/x
		dev-build/y
	)
	test? ( dev-libs/t )
"
if [[ \${PV} == *9999 ]]; then
	inherit git-r3
	BDEPEND+=" dev-vcs/git"
fi

src_configure() {
	local mycmakeargs=( -DX=$(usex ssl "$($(tc-getPKG_CONFIG) --libs a)") )
	cmake_src_configure
}
`,
  'EAPI=7\nSLOT=0\nRDEPEND="a/b"\nDEPEND="${RDEPEND}\n\tc/d"\nsrc_install() {\n\tcat <<-EOF\n\tx\nEOF\n}\n',
  '',
];

export const WORDS: readonly string[] = [
  'DEPEND="',
  'RDEPEND+=" ',
  'A=(',
  '${RDEPEND}',
  '${PV%.*}',
  "$(python_gen_cond_dep 'a/b[${X}]')",
  'ssl? ( ',
  '|| ( ',
  ' )',
  'a/b',
  '>=c/d-${PV}:=[x]',
  'inherit x\n',
  'src_test() {\n',
  'if x; then\n',
  'fi\n',
  '<<EOF\n',
  '[[ ',
  '((',
];

export function inText(text: string, ranges: readonly TextRange[]): void {
  for (const { start, end } of ranges)
    if (!(start >= 0 && start <= end && end <= text.length)) throw new Error(`a range of ${start} to ${end}`);
}

function checkFacts(facts: EbuildFacts): void {
  const { text, assignments, functions, inherits, unknownInherits, commands, comments, errors } = facts;
  inText(text, [
    ...assignments,
    ...functions,
    ...inherits,
    ...unknownInherits,
    ...commands,
    ...comments,
    ...errors,
  ]);
  inText(
    text,
    assignments.flatMap(({ valueRange, parts }) => [valueRange, ...parts]),
  );
}

export function checkEdits(text: string, edits: readonly TextEdit[]): void {
  inText(text, edits);
  const sorted = [...edits].sort((left, right) => left.start - right.start || left.end - right.end);
  for (const [index, edit] of sorted.entries())
    if ((sorted[index - 1]?.end ?? 0) > edit.start) throw new Error('edits overlap');
}

/** The parsers of the room `ebuild`. */
export const EBUILD_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'parseEbuild',
    seeds: SEEDS,
    words: WORDS,
    run: (text) => checkFacts(parseEbuild(text, bash)),
  },
  { name: 'createLiveText', seeds: SEEDS, words: WORDS, run: (text) => checkFacts(live.read(text)) },
  {
    name: 'declaredAtoms',
    seeds: SEEDS,
    words: WORDS,
    run: (text) => {
      const facts = parseEbuild(text, bash);
      for (const variable of DEPENDENCY_VARIABLES) {
        const { declared, atoms } = declaredWithAtoms(facts, variable, predefined);
        inText(text, [...declared.errors, ...declared.unresolved]);
        inText(
          text,
          atoms.map(({ range }) => range),
        );
      }
    },
  },
  {
    name: 'staticMetadata',
    seeds: SEEDS,
    words: WORDS,
    run: (text) => {
      const { values } = staticMetadata(parseEbuild(text, bash), predefined);
      for (const { value, reason } of Object.values(values))
        if ((value === undefined) === (reason === undefined))
          throw new Error('a value or a reason, not both');
    },
  },
  {
    name: 'addAtom, removeAtom and more',
    seeds: SEEDS,
    words: WORDS,
    run: (text) => {
      const facts = parseEbuild(text, bash);
      const condition = { flag: 'ssl', negated: false };
      checkEdits(text, addAtom(facts, 'BDEPEND', 'new/atom', [condition]));
      checkEdits(text, addAtom(facts, ['DEPEND', 'RDEPEND'], 'new/atom'));
      for (const { range } of declaredAtoms(facts, 'BDEPEND', predefined).slice(0, 5)) {
        checkEdits(text, removeAtom(facts, range));
        checkEdits(text, moveAtom(facts, range, 'DEPEND'));
        checkEdits(text, wrapAtom(facts, range, condition));
        checkEdits(text, replaceAtom(facts, range, 'new/atom'));
      }
    },
  },
  {
    name: 'expandShellText',
    seeds: [
      '${PV%.*}',
      '${P/_/-}',
      '$(ver_cut 1-2)',
      '$(ver_rs 1-2 - "${PV}")',
      '${PV:0:3}',
      '${PV//[a-z]/}',
    ],
    words: ['${', 'PV', '%%', '*', '?', '[a', '/', 'ver_cut ', '$(', '1-', ')', '}'],
    run: (text) => {
      expandShellText(text, (name) => predefined[name]);
    },
  },
  {
    name: 'changeAtomText',
    seeds: ['>=a/b-${PV}:0/1=::r[x,-y]', '!!<a/b-1.2_rc3-r4', '=a/b-1*', 'a/b:*'],
    words: ['a/b', '-1', ':', '[', ']', '=', '*', '::', '${X}'],
    run: (text) => {
      const unchanged = changeAtomText(text, {});
      if (unchanged !== undefined && unchanged !== text) throw new Error(`became ${unchanged}`);
    },
  },
];
