/** Which phases run together. */
import { expect, test } from 'vitest';
import { parseEbuild } from '../../../server/src/ebuild/facts.ts';
import { listSteps } from '../../../server/src/trial/builder/steps/step.ts';
import { bash } from '../../ebuild/bash.ts';

const stepsOf = (text: string) =>
  listSteps(parseEbuild(`EAPI=8\n${text}\n`, bash)).map((phases) => phases.join(' '));

const FIRST = 'setup unpack prepare';
const FOUR = [FIRST, 'configure', 'compile', 'test install'];
const ONE = [`${FIRST} configure compile test install`];

const SOURCES = 'SRC_URI="https://example.org/a.tar.gz"\n';

test.each([
  ['', FOUR],
  ['src_configure() { econf; }\nsrc_compile() { emake; }', FOUR],
  ['src_configure() { :; }', [FIRST, 'configure compile', 'test install']],
  ['src_compile() {\n\t:\n}', [FIRST, 'configure', 'compile test install']],
  ['src_configure() { :; }\nfunction src_compile() { true; }', [FIRST, 'configure compile test install']],
  ['src_prepare() { :; }\nsrc_install() { :; }\nsrc_test() { :; }', FOUR],
  ['src_configure() { default; }', FOUR],
  // The last one counts, and bash alone knows which that is.
  ['src_compile() { :; }\nif use x; then\n\tsrc_compile() { emake; }\nfi', FOUR],
  ['src_compile() { : > file; }', FOUR],
  ['src_compile() { :; } > file', FOUR],
])('of sources, and %j', (text, steps) => {
  expect(stepsOf(SOURCES + text)).toEqual(steps);
});

test.each([
  ['RDEPEND="app-misc/jq"', ONE],
  ['src_prepare() { default; }\nsrc_install() { newins - a <<< b; }', ONE],
  ['src_compile() { echo > a; }', [`${FIRST} configure compile`, 'test install']],
  ['src_unpack() { cp "${FILESDIR}"/a .; }', FOUR],
  [
    'src_unpack() { cp "${FILESDIR}"/a .; }\nsrc_configure() { :; }',
    [FIRST, 'configure compile', 'test install'],
  ],
  ['inherit font', FOUR],
  ['inherit ${X}', FOUR],
])('without sources of %j', (text, steps) => {
  expect(stepsOf(text)).toEqual(steps);
});
