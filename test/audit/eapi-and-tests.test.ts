/** Findings about variables that have no effect, and about tests that are not restricted. */
import { describe, expect, test } from 'vitest';
import { checkText } from '../../server/src/audit/check.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { applyEdits } from '../../server/src/ebuild/text-edit.ts';
import { readEclass } from '../../server/src/repository/eclass.ts';
import { bash } from '../ebuild/bash.ts';
import { makeKnowledge } from './world.ts';

const WORLD = makeKnowledge([], {
  incomplete: 'Only the eclasses matter here.',
  eclasses: { toolchain: {}, enabling: { restrictsTests: true } },
});
const findIn = (text: string) => checkText(parseEbuild(text, bash), WORLD, undefined);
const underlined = (text: string) =>
  findIn(text).map(
    ({ code, severity, range }) => `${code} ${severity}: ${text.slice(range.start, range.end)}`,
  );
/** The flag doc is in none of the small ebuilds below. */
const fixed = (text: string) =>
  applyEdits(text, findIn(text).find(({ code }) => code !== 'unknown-use-flag')?.fix?.edits ?? []);

describe('ignored-variable', () => {
  const six = (body: string) => `EAPI=6\nSLOT="0"\n\n${body}\n`;

  test('renames the variable if its place is free', () => {
    const text = six('BDEPEND="\n\tdev-build/cmake\n\tvirtual/pkgconfig\n"');
    expect(underlined(text)).toEqual(['ignored-variable error: BDEPEND']);
    expect(findIn(text)[0]?.message).toBe(
      'Move the atoms to DEPEND, or use EAPI 7 or later: EAPI 6 has no BDEPEND, so the package manager ignores it.',
    );
    expect(fixed(text)).toBe(six('DEPEND="\n\tdev-build/cmake\n\tvirtual/pkgconfig\n"'));
  });

  test('moves all atoms to the variable that is there, each once', () => {
    const text = six(
      'RDEPEND="dev-libs/foo"\nDEPEND="\n\tdev-libs/bar\n\tvirtual/pkgconfig\n"\nBDEPEND="\n\tvirtual/pkgconfig\n\tdoc? ( app-text/docbook )\n"',
    );
    expect(fixed(text)).toBe(
      six(
        'RDEPEND="dev-libs/foo"\nDEPEND="\n\tdev-libs/bar\n\tvirtual/pkgconfig\n\tdoc? ( app-text/docbook )\n"',
      ),
    );
    expect(fixed(six('DEPEND="dev-libs/foo"\n\nBDEPEND="a/b c/d"'))).toBe(
      six('DEPEND="\n\tdev-libs/foo\n\ta/b\n\tc/d\n"\n').replace(/\n\n$/, '\n'),
    );
  });

  test('moves those of IDEPEND to RDEPEND before EAPI 8', () => {
    const text = 'EAPI=7\nBDEPEND="a/b"\nRDEPEND="c/d"\nIDEPEND="e/f"\n';
    expect(findIn(text)[0]?.message).toBe(
      'Move the atoms to RDEPEND, or use EAPI 8 or later: EAPI 7 has no IDEPEND, so the package manager ignores it.',
    );
    expect(fixed(text)).toBe('EAPI=7\nBDEPEND="a/b"\nRDEPEND="\n\tc/d\n\te/f\n"\n');
  });

  test('has no edit if the other variable goes on to a third one', () => {
    const text = six('DEPEND="a/b"\nRDEPEND="${DEPEND}"\nBDEPEND="c/d"');
    expect(underlined(text)).toEqual(['ignored-variable error: BDEPEND']);
    expect(findIn(text)[0]?.fix).toBeUndefined();
  });

  test.each([
    ['an EAPI that has it', 'EAPI=7\nBDEPEND="a/b"\n'],
    ['both in EAPI 8', 'EAPI=8\nBDEPEND="a/b"\nIDEPEND="a/b"\n'],
    ['an EAPI with another name', 'EAPI=own-1\nBDEPEND="a/b"\n'],
    ['a helper of DEPEND', six('BDEPEND="a/b"\nDEPEND="${BDEPEND}"')],
    ['a branch that asks for the EAPI', six('if [[ ${EAPI} == 7 ]]; then\n\tBDEPEND="a/b"\nfi')],
    ['nothing', six('BDEPEND=""')],
  ])('not %s', (_, text) => {
    expect(underlined(text).filter((found) => found.startsWith('ignored-variable'))).toEqual([]);
  });
});

describe('missing-test-restrict', () => {
  const ebuild = (body: string) => `EAPI=8\n${body}\nSLOT="0"\n`;

  test('writes RESTRICT below IUSE', () => {
    const text = ebuild('IUSE="png +test"');
    expect(underlined(text)).toEqual(['missing-test-restrict warning: test']);
    expect(findIn(text)[0]?.message).toBe(
      'Write RESTRICT="!test? ( test )": src_test is run without the flag test of IUSE too, when what it needs may be missing.',
    );
    expect(fixed(text)).toBe(ebuild('IUSE="png +test"\nRESTRICT="!test? ( test )"'));
  });

  test('adds to the RESTRICT that is there', () => {
    const text = ebuild('IUSE="test"\nRESTRICT="mirror"');
    expect(fixed(text)).toBe(ebuild('IUSE="test"\nRESTRICT="mirror !test? ( test )"'));
    expect(fixed(ebuild('inherit toolchain\nIUSE="test"'))).toContain('RESTRICT="!test? ( test )"\n');
  });

  test.each([
    ['it is restricted', 'IUSE="test"\nRESTRICT="!test? ( test )"'],
    ['tests are never run', 'IUSE="test"\nRESTRICT="test"'],
    ['another flag restricts them', 'IUSE="test gtk"\nRESTRICT="gtk? ( test )"'],
    ['there is no such flag', 'IUSE="png tests latest test-full"'],
    ['an eclass may restrict them', 'inherit enabling\nIUSE="test"'],
    ['an eclass is not known', 'inherit strange\nIUSE="test"'],
    ['only bash knows the eclass', 'inherit ${X}\nIUSE="test"'],
    ['only bash knows RESTRICT', 'IUSE="test"\nRESTRICT="${X}"'],
    ['a branch restricts them', 'IUSE="test"\nif true; then\n\tRESTRICT="test"\nfi'],
    ['the flag is in a branch', 'if true; then\n\tIUSE="test"\nfi'],
  ])('not if %s', (_, body) => {
    expect(underlined(ebuild(body))).toEqual([]);
  });

  test.each([
    ['f() {\n\tRESTRICT+=" !test? ( test )"\n}', true],
    ['RESTRICT="test"', true],
    ['RESTRICT="${RESTRICT} ${MORE}"', true],
    ['RESTRICT+=" mirror"', false],
    ['# RESTRICT="test"\nIUSE="test"', false],
  ])('an eclass with %j: %s', (text, restricts) => {
    expect(readEclass('own', text, () => undefined).restrictsTests).toBe(restricts);
  });
});
