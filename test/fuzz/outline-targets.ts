import { deepStrictEqual } from 'node:assert';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { readOutline } from '../../server/src/ebuild/outline.ts';
import { bash } from '../ebuild/bash.ts';
import type { FuzzTarget } from './target.ts';

const SEEDS: readonly string[] = [
  `# a comment
EAPI=8
PYTHON_COMPAT=( python3_{11..14} )
inherit cmake python-single-r1 # why
SRC_URI="https://example.org/\${P}.tar.gz -> \${P/_/-}.tar.gz"
SLOT="0/$(ver_cut 1-2)"
KEYWORDS=~amd64
IUSE="+ssl test"
RDEPEND="
	ssl? ( dev-libs/openssl:0= )
"
DEPEND="\${RDEPEND}"
PATCHES=(
	"\${FILESDIR}"/a.patch # why
)
distutils_enable_tests pytest
`,
  `EAPI=8
if [[ \${PV} == *9999* ]]; then
	inherit git-r3
else
	SRC_URI="x"
	KEYWORDS="~amd64"
fi
[[ \${PV} == 9999 ]] && IUSE+=" live"
for x in a \${B}; do
	IUSE+=" \${x}"
done
`,
  `SLOT=0
src_prepare() {
	default
	sed -e "s/}/{/" -i a || die "it's wrong" # don't
}
src_install() {
	cat > a <<-EOF || die
		\${b}
	EOF
	awk '
}
' b
}
helper() {
	local a=1
	echo \${#a}
}
`,
];

/** What an outline promises: where there is one, it is what the parser says of the same text outside functions. */
export const OUTLINE_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'readOutline',
    seeds: SEEDS,
    words: [
      'SLOT=',
      'IUSE+="',
      'inherit ',
      'if ',
      '; then\n',
      'fi\n',
      '() {\n',
      '\n}\n',
      '<<EOF\n',
      '\nEOF\n',
      '&& ',
      '${',
      '$(',
    ],
    run(text) {
      const outline = readOutline(text);
      // How long the parser takes for what is longer is not the question here.
      if (outline === undefined || text.length > 2000) return;
      const { commands: _, comments: __, errors, ...facts } = parseEbuild(text, bash);
      // Where the parser is lost, what it found does not count.
      if (errors.length > 0) return;
      const assignments = facts.assignments.filter(({ context }) => context !== 'function');
      deepStrictEqual(outline, { ...facts, assignments });
    },
  },
];
