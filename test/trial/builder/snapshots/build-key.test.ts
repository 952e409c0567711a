import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseEbuild } from '../../../../server/src/ebuild/facts.ts';
import { withoutDependencies } from '../../../../server/src/trial/builder/snapshots/build-key.ts';
import { bash } from '../../../ebuild/bash.ts';

const rest = (text: string) => withoutDependencies(parseEbuild(text, bash));

const EBUILD = `EAPI=8
inherit cmake

RDEPEND="
	sys-libs/zlib:=
"
DEPEND="\${RDEPEND}"

src_compile() {
	emake LIBS="-lz"
}
`;

describe('an ebuild without its dependencies', () => {
  test.each([
    ['an atom more', (text: string) => text.replace('\tsys-libs', '\tmedia-libs/libpng\n\tsys-libs')],
    ['another variable', (text: string) => text.replace('\nsrc_', '\nBDEPEND="virtual/pkgconfig"\n\nsrc_')],
    [
      'one line more',
      (text: string) => text.replace('DEPEND="${R', 'BDEPEND="virtual/pkgconfig"\nDEPEND="${R'),
    ],
    ['no dependency at all', (text: string) => text.replace(/^R?DEPEND="[^"]*"\n/gm, '')],
    [
      'a helper variable',
      (text: string) =>
        text
          .replace('RDEPEND="', 'COMMON_DEPEND="')
          .replace('DEPEND="${RDEPEND}"', 'RDEPEND="${COMMON_DEPEND}"\nDEPEND="${RDEPEND}"'),
    ],
    [
      'a comment that ignores a finding',
      (text: string) => text.replace('RDEPEND=', '# audit: ignore unused – x\nRDEPEND='),
    ],
    ['an addition', (text: string) => text.replace('\nsrc_', 'DEPEND+=" x11-libs/libX11"\n\nsrc_')],
  ])('is the same after %s', (_, change) => {
    expect(change(EBUILD)).not.toBe(EBUILD);
    expect(rest(change(EBUILD))).toBe(rest(EBUILD));
  });

  test.each([
    ['a phase', (text: string) => text.replace('-lz', '-lz -lm')],
    ['an eclass', (text: string) => text.replace('cmake', 'meson')],
    ['a variable of another kind', (text: string) => text.replace('inherit', 'IUSE="test"\ninherit')],
    ['an empty line in a phase', (text: string) => text.replace('\temake', '\n\temake')],
  ])('differs after a change of %s', (_, change) => {
    expect(rest(change(EBUILD))).not.toBe(rest(EBUILD));
  });

  test('is the whole text if a phase refers to a dependency variable', () => {
    const asks = EBUILD.replace('-lz', '${DEPEND}');
    expect(rest(asks)).toBe(asks);
  });

  test('keeps the rest of the text if a quote is missing', () => {
    const broken = EBUILD.replace('zlib:=\n"', 'zlib:=\n');
    expect(rest(broken)).toContain('emake LIBS="-lz"');
    fc.assert(
      fc.property(fc.nat({ max: EBUILD.length - 1 }), (at) => {
        const text = EBUILD.slice(0, at) + EBUILD.slice(at + 1);
        // Only assignments to dependency variables and empty lines may be left out.
        expect(rest(text)).toMatch(at < EBUILD.indexOf('src_compile') ? /emake LIBS="-lz"/ : /\S/);
      }),
    );
  });
});
