import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EbuildFacts } from '../../server/src/ebuild/ebuild-facts.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { outlineEbuild, readOutline } from '../../server/src/ebuild/outline.ts';
import { bash } from './bash.ts';

/** What an outline promises of a text. */
function outsideFunctions(text: string): Omit<EbuildFacts, 'commands' | 'comments' | 'errors'> {
  const { commands: _, comments: __, errors: ___, ...facts } = parseEbuild(text, bash);
  return { ...facts, assignments: facts.assignments.filter(({ context }) => context !== 'function') };
}

const PIECES = [
  'EAPI=8\n',
  '# a comment with "a quote\n\n',
  'inherit cmake flag-o-matic # and why\n',
  'inherit cmake \\\n\tgit-r3\n',
  'inherit ${VCS}\n',
  'SLOT="0/$(ver_cut 1-2)"\n',
  'KEYWORDS=~amd64\n',
  "IUSE='a b'\n",
  'IUSE+=" c${d:+"e f"}"\n',
  'MY_PV="${PV/_/-}"\nS="${WORKDIR}"/${PN}-"${MY_PV}"\n',
  'PYTHON_COMPAT=( python3_{11..14} )\n',
  'PATCHES=(\n\t"${FILESDIR}"/a.patch # why\n\t# and more\n\tb.patch\n)\n',
  'RDEPEND="\n\tdev-libs/a:=\n\tssl? ( dev-libs/openssl )\n"\nDEPEND="${RDEPEND}"\n',
  'if [[ ${PV} == *9999* ]]; then\n\tinherit git-r3\n\tEGIT_REPO_URI="https://example.org"\nelse\n\tSRC_URI="x"\nfi\n',
  'if use a\nthen\n\tif ! use b ; then\n\t\tA=1\n\telif [[ $(ver_cut 3) -ge 90 ]]; then\n\t\tB=2\n\tfi\nfi\n',
  '[[ ${PV} == 9999 ]] && inherit live\n',
  '[[ ${PV} == 9999 ]] || KEYWORDS="~amd64"\n',
  'for x in a ${B}; do\n\tIUSE+=" ${x}"\ndone\n',
  'declare -g -A CRATES=(\n\t[a]="b"\n)\n',
  'export A=1\n',
  ': ${A:=1}\n',
  'distutils_enable_tests pytest\n',
  'src_prepare() {\n\tdefault\n\tsed -e "s/}/{/" -i a || die "it\'s wrong" # don\'t\n}\n',
  "src_install() {\n\tcat > a <<-EOF || die\n\t\t\"${b}\n}\n\tEOF\n\tawk '\n}\n' b\n}\n",
  'function pkg_postinst() {\n\telog `a "b"` $(c \'d\')\n}\n',
  'helper() {\n\tlocal a=1\n\techo ${#a} $((1 + 2))\n}\n',
  'set_slot() {\n\tSLOT=2\n}\n',
  'case ${PV} in\n\t*9999) inherit git-r3 ;;\nesac\n',
];

describe('readOutline', () => {
  test('gives of an ordinary ebuild what the parser gives', () => {
    const text = PIECES.slice(0, -2).join('\n');
    expect(readOutline(text)).toEqual(outsideFunctions(text));
  });

  test.each([
    ['another kind of statement', 'case ${PV} in\n\t9999) SLOT=1 ;;\nesac\n'],
    ['a quote that is not closed', 'SLOT="0\nIUSE="a"\n'],
    ['an expansion that is not closed', 'SLOT="${PV"\n'],
    ['a value that may have swallowed another', 'IUSE="a\nRDEPEND="b"\n'],
    ['two statements in a line', 'A=1; B=2\n'],
    ['an assignment for a command', 'A=1 die\n'],
    ['a condition that runs something', 'if inherit git-r3; then\n\tA=1\nfi\n'],
    ['a block that is not closed', 'if use a; then\n\tA=1\n'],
    ['a function in a function', 'src_test() {\n\tf() {\n\t\tSLOT=1\n\t}\n}\n'],
    ['a function that ends elsewhere', 'f() {\n\tdie; }\nSLOT=1\ng() {\n\tdie\n}\n'],
    ['a helper that sets what is looked for', 'f() {\n\tSLOT=1\n}\n'],
    ['a here-document that is not closed', 'f() {\n\tcat <<EOF\n}\n'],
    ['a pipeline', 'echo SLOT=1 | read SLOT\n'],
    ['a text with carriage returns', 'SLOT=0\r\n'],
  ])('does not guess at %s', (_, text) => {
    expect(readOutline(text)).toBeUndefined();
  });

  test('says what the parser says, or nothing, of every text that bash can read', () => {
    const piece = fc.constantFrom(...PIECES);
    const edit = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      cut: fc.nat(3),
      put: fc.constantFrom('', ' ', '\n', '"', "'", '#', '(', ')', '{', '}', '$', '\\', ';', '=', '&&', '<<'),
    });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), fc.array(edit, { maxLength: 2 }), (pieces, edits) => {
        const text = edits.reduce((whole, { at, cut, put }) => {
          const place = Math.floor(at * whole.length);
          return whole.slice(0, place) + put + whole.slice(place + cut);
        }, pieces.join(''));
        const outline = readOutline(text);
        if (outline !== undefined && parseEbuild(text, bash).errors.length === 0)
          expect(outline).toEqual(outsideFunctions(text));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('outlineEbuild', () => {
  test('finds commands and errors when they are asked for', () => {
    const text = 'EAPI=8\nsrc_configure() {\n\tpkg-config --libs a\n}\n';
    const facts = outlineEbuild(text, bash);
    expect(facts.functions.map(({ name }) => name)).toEqual(['src_configure']);
    expect(facts.commands).toEqual(parseEbuild(text, bash).commands);
    expect(facts.errors).toEqual([]);
  });

  test('parses what has no outline', () => {
    const text = 'EAPI=8\ncase ${PV} in\n\t9999) SLOT=1 ;;\nesac\n';
    expect(outlineEbuild(text, bash)).toEqual(parseEbuild(text, bash));
  });
});
