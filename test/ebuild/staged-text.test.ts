/** The functions of later phases that are put aside, so that a step does not depend on them. */
import { describe, expect, test } from 'vitest';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { stageText } from '../../server/src/ebuild/staged-text.ts';
import { bash } from './bash.ts';

const readFacts = (text: string) => parseEbuild(text, bash);
const stage = (text: string, eclasses: readonly string[] = []) =>
  stageText(readFacts(text), eclasses, readFacts);
const names = (text: string, eclasses?: readonly string[]) => [
  ...(stage(text, eclasses)?.functions.keys() ?? []),
];

const EBUILD = `EAPI=8
inherit toolchain-funcs

src_prepare() {
	default
}

src_configure() {
	econf $(use_enable nls) \\
		--with-x
}

src_install() {
	cat > "\${T}"/note <<-END || die
	A note.
	END
	dodoc "\${T}"/note
}

pkg_postinst() { elog "Hello"; }
`;

describe('the functions of later phases', () => {
  test('do nothing in the text, and are those that bash would print', () => {
    const staged = stage(EBUILD);
    expect(staged?.textWith([])).toBe(`EAPI=8
inherit toolchain-funcs

src_prepare() {
	default
}

src_configure() { :; }

src_install() { :; }

pkg_postinst() { :; }
`);
    expect(staged?.textWith(['src_configure', 'src_install', 'pkg_postinst'])).toBe(EBUILD);
    expect([...(staged?.functions ?? [])]).toEqual([
      ['src_configure', 'src_configure () \n{ \neconf $(use_enable nls) \\\n\t\t--with-x\n}\n'],
      [
        'src_install',
        'src_install () \n{ \ncat > "${T}"/note <<-END || die\n\tA note.\n\tEND\n\tdodoc "${T}"/note\n}\n',
      ],
      ['pkg_postinst', 'pkg_postinst () \n{ \nelog "Hello";\n}\n'],
    ]);
  });

  const ALL = ['src_configure', 'src_install', 'pkg_postinst'];
  const without = (name: string) => ALL.filter((known) => known !== name);
  test.each<[string, string, readonly string[]]>([
    ['calls one', EBUILD.replace('\tdefault', '\tdefault\n\tsrc_configure'), without('src_configure')],
    ['names one in a string', EBUILD.replace('\tdefault', '\tx="src_install"'), without('src_install')],
    ['defines one twice', `${EBUILD}src_install() { :; }\n`, without('src_install')],
    [
      'defines one on a condition',
      EBUILD.replace('src_install() {', 'if use x; then\nsrc_install() {').replace(
        'pkg_post',
        'fi\npkg_post',
      ),
      without('src_install'),
    ],
    [
      'has one in parentheses',
      EBUILD.replace('{ elog "Hello"; }', '( elog "Hello" )'),
      without('pkg_postinst'),
    ],
    ['has a pattern of extglob in one', EBUILD.replace('dodoc', 'rm +(a|b); dodoc'), []],
    ['has a brace at the beginning of a line', EBUILD.replace('\tA note.', '}'), without('src_install')],
    ['lists the functions', EBUILD.replace('\tdefault', '\tdeclare -f > list'), []],
    ['asks what a name is', EBUILD.replace('\tdefault', '\t[[ $(type -t ${x}) ]]'), []],
    ['evaluates a text', EBUILD.replace('\tdefault', '\teval "${x}"'), []],
    ['has a variable whose name is another’s value', EBUILD.replace('\tdefault', '\tlocal -n x=y'), []],
    ['exports a variable', EBUILD.replace('\tdefault', '\tlocal -x CXXFLAGS="-O2"'), ALL],
    ['is broken', EBUILD.replace('\tdefault', '\tif'), []],
  ])('stay where the ebuild %s', (_, text, expected) => {
    expect(names(text)).toEqual(expected);
  });

  test('may be named in comments, and where an eclass exports its own', () => {
    expect(names(EBUILD.replace('\tdefault', '\tdefault # before src_configure'))).toEqual(ALL);
    const eclass =
      '# Calls src_install.\nfoo_src_install() { :; }\nEXPORT_FUNCTIONS src_prepare \\\n\tsrc_install\n';
    expect(names(EBUILD, [eclass])).toEqual(ALL);
    expect(names(EBUILD, [`${eclass}bar() { src_install; }\n`])).toEqual(without('src_install'));
  });
});
