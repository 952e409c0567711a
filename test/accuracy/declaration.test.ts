import { describe, expect, test } from 'vitest';
import {
  describeDeclaration,
  forgetPackage,
  listDeclarations,
  sortDependencies,
} from '../../accuracy/declaration.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { bash } from '../ebuild/bash.ts';

const readFacts = (text: string) => parseEbuild(text, bash);

const EBUILD = `EAPI=8

RDEPEND="
	dev-libs/b:=
	ssl? (
		dev-libs/a
		dev-libs/b
	)
"
DEPEND="\${RDEPEND}"
BDEPEND="virtual/pkgconfig"
`;

describe('what an ebuild declares', () => {
  test('is told for each variable, also the one that refers to another', () => {
    expect(listDeclarations(readFacts(EBUILD)).map(describeDeclaration)).toEqual([
      'DEPEND: dev-libs/b',
      'DEPEND: ssl? dev-libs/a',
      'DEPEND: ssl? dev-libs/b',
      'BDEPEND: virtual/pkgconfig',
      'RDEPEND: dev-libs/b',
      'RDEPEND: ssl? dev-libs/a',
      'RDEPEND: ssl? dev-libs/b',
    ]);
  });

  test('a package is forgotten wherever it stands', () => {
    expect(forgetPackage(EBUILD, 'dev-libs/b', readFacts)).toBe(`EAPI=8

RDEPEND="
	ssl? (
		dev-libs/a
	)
"
DEPEND="\${RDEPEND}"
BDEPEND="virtual/pkgconfig"
`);
  });
});

describe('two texts are the same', () => {
  const isSame = (one: string, other: string) =>
    sortDependencies(one, readFacts) === sortDependencies(other, readFacts);

  test('where only the order of atoms and white space in the lists differ', () => {
    const other = EBUILD.replace(
      '\tdev-libs/b:=\n\tssl? (\n\t\tdev-libs/a\n\t\tdev-libs/b\n\t)\n',
      '\tssl? ( dev-libs/b dev-libs/a )\n\tdev-libs/b:=\n',
    );
    expect(other).not.toBe(EBUILD);
    expect(isSame(EBUILD, other)).toBe(true);
  });

  test.each([
    ['an atom has another slot', EBUILD.replace('dev-libs/b:=', 'dev-libs/b')],
    ['an atom stands under another flag', EBUILD.replace('ssl?', '!ssl?')],
    ['an atom is in another variable', EBUILD.replace('BDEPEND=', 'IDEPEND=')],
    ['anything else differs', EBUILD.replace('EAPI=8\n', 'EAPI=8\n\n')],
  ])('but not where %s', (_, other) => {
    expect(other).not.toBe(EBUILD);
    expect(isSame(EBUILD, other)).toBe(false);
  });
});
