import { describe, expect, test } from 'vitest';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { packageVariables } from '../../server/src/ebuild/package-variables.ts';
import { expandShellText } from '../../server/src/ebuild/shell-expansion.ts';
import { type StaticMetadata, staticMetadata } from '../../server/src/ebuild/static-metadata.ts';
import { bash } from './bash.ts';

const predefined = packageVariables('dev-libs', 'foo-1.2.3_rc4-r5');
const read = (text: string): StaticMetadata => staticMetadata(parseEbuild(text, bash), predefined);

describe('staticMetadata', () => {
  test('reads the metadata of the text', () => {
    const metadata = read(`EAPI=8
inherit cmake flag-o-matic
inherit cmake
MY_SLOT=2
SLOT="\${MY_SLOT}/$(ver_cut 1-2)"
IUSE="+ssl -doc test"
IUSE+=" ssl extra"
KEYWORDS="~amd64"
`);
    expect(metadata).toMatchObject({
      eapi: '8',
      slot: '2',
      subslot: '1.2',
      iuse: ['ssl', 'doc', 'test', 'extra'],
      inherits: ['cmake', 'flag-o-matic'],
      inheritsKnown: true,
    });
    expect(metadata.values.KEYWORDS).toMatchObject({ value: '~amd64', reason: undefined });
  });

  test.each([
    ['SLOT="0"', '0', '0'],
    ['SLOT=3/4', '3', '4'],
    ['SLOT="$(get_version_component_range 1)"', undefined, undefined],
    ['SLOT="${ECLASS_SLOT}"', undefined, undefined],
    ['SLOT+="0"', undefined, undefined],
    ['SLOT="a b"', undefined, undefined],
    ['[[ ${PV} == 9999 ]] && SLOT=1', undefined, undefined],
    ['set_slot() {\n\tSLOT=1\n}\nSLOT=0\nset_slot\n', undefined, undefined],
    ['src_test() {\n\tlocal SLOT=1\n}\nSLOT=0\n', '0', '0'],
    ['', undefined, undefined],
  ])('%j has slot %j, subslot %j', (text, slot, subslot) => {
    expect(read(text)).toMatchObject({ slot, subslot });
  });

  test.each([
    ['', []],
    ['IUSE=""', []],
    ['IUSE="${IUSE} a"', ['a']],
    ['IUSE="${IUSE_GAMES} a"', undefined],
    ['IUSE="a"\nfor x in b c; do\n\tIUSE+=" ${x}"\ndone', undefined],
  ])('%j has the flags %j', (text, iuse) => {
    expect(read(text).iuse).toEqual(iuse);
  });

  test('reports an eclass that only bash knows', () => {
    expect(read('inherit cmake ${VCS}\n')).toMatchObject({ inherits: ['cmake'], inheritsKnown: false });
    expect(read('[[ ${PV} == 9999 ]] && inherit git-r3\n')).toMatchObject({
      inherits: ['git-r3'],
      inheritsKnown: true,
    });
  });

  test('a value that is not known has a reason', () => {
    expect(read('if x; then\n\tKEYWORDS="~amd64"\nfi\n').values.KEYWORDS).toMatchObject({
      value: undefined,
      reason: 'KEYWORDS is set in a branch that bash may skip.',
    });
  });
});

/** The output of bash 5.2 for V=1.2.3_rc4 and N=foo-bar, with `ver_cut` and `ver_rs` of Portage. */
describe('expandShellText', () => {
  test.each([
    ['$V', '1.2.3_rc4'],
    ['${V}', '1.2.3_rc4'],
    ['${V%.*}', '1.2'],
    ['${V%%.*}', '1'],
    ['${V#*.}', '2.3_rc4'],
    ['${V##*.}', '3_rc4'],
    ['${V%_*}', '1.2.3'],
    ['${V%_rc[0-9]}', '1.2.3'],
    ['${V/_/-}', '1.2.3-rc4'],
    ['${V/./}', '12.3_rc4'],
    ['${V//./}', '123_rc4'],
    ['${V//./_}', '1_2_3_rc4'],
    ['${V/#1/x}', 'x.2.3_rc4'],
    ['${V/%4/x}', '1.2.3_rcx'],
    ['${V/_rc/b}', '1.2.3b4'],
    ['${V:0:3}', '1.2'],
    ['${V: -1}', '4'],
    ['${V:2:-2}', '2.3_r'],
    ['${V:-x}', '1.2.3_rc4'],
    ['${E:-x}', 'x'],
    ['${E-x}', ''],
    ['${V:?}', '1.2.3_rc4'],
    ['${N^}', 'Foo-bar'],
    ['${N^^}', 'FOO-BAR'],
    ['$(ver_cut 1)', '1'],
    ['$(ver_cut 1-2)', '1.2'],
    ['$(ver_cut 2-)', '2.3_rc4'],
    ['$(ver_cut 4-5)', 'rc4'],
    ['$(ver_cut 1-2 ${V})', '1.2'],
    ['$(ver_cut 1 "2_3")', '2'],
    ['$(ver_rs 1-2 -)', '1-2-3_rc4'],
    ['$(ver_rs 3 -)', '1.2.3-rc4'],
    ["$(ver_rs 1- '')", '123rc4'],
    ['$(ver_cut 9)', undefined],
    ['$(ver_cut 1-2 | tr . _)', undefined],
    ['${UNKNOWN}', undefined],
    ['${!V}', undefined],
    ['${V/$N/x}', undefined],
    ['$(date)', undefined],
    ['`date`', undefined],
  ])('%s is %j', (text, expected) => {
    const values: Record<string, string> = { V: '1.2.3_rc4', PV: '1.2.3_rc4', N: 'foo-bar', E: '' };
    expect(expandShellText(text, (name) => values[name])).toBe(expected);
  });
});
