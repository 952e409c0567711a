import { expect, test } from 'vitest';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { inlayHints, type PackageUses } from '../../server/src/language/inlay-hints.ts';
import { makeKnowledge } from '../audit/world.ts';
import { bash } from '../ebuild/bash.ts';

const WORLD = makeKnowledge([
  'dev-libs/a-1',
  'dev-libs/a-2',
  'dev-libs/a-3:1',
  'dev-libs/b-1',
  'dev-libs/b-2',
  'dev-libs/b-1.5::',
]);

/** The text with its hints. */
function withHints(text: string, uses?: PackageUses, from = 0): string {
  const facts = parseEbuild(text, bash);
  const identity = { category: 'a-b', packageAndVersion: 'c-1' };
  const hints = inlayHints({ facts, knowledge: WORLD, identity }, uses, { start: from, end: text.length });
  return [...hints]
    .sort((left, right) => right.position - left.position)
    .reduce(
      (shown, { position, label }) => `${shown.slice(0, position)}‹${label}›${shown.slice(position)}`,
      text,
    );
}

test('an atom shows the version that satisfies it: installed, else the newest offered one', () => {
  expect(
    withHints(
      'EAPI=8\nRDEPEND="\n\tdev-libs/a:0\n\t<dev-libs/a-2\n\tdev-libs/b:=\n\t>=dev-libs/b-2\n\tdev-libs/none\n\t!dev-libs/a\n"\n',
    ),
  ).toBe(
    'EAPI=8\nRDEPEND="\n\tdev-libs/a:0‹2›\n\t<dev-libs/a-2‹1›\n\tdev-libs/b:=‹1.5›\n\t>=dev-libs/b-2‹2›\n\tdev-libs/none\n\t!dev-libs/a\n"\n',
  );
});

test('and what the last trial used it for', () => {
  const uses: PackageUses = new Map([['dev-libs/a', ['header', 'linked', 'header']]]);
  expect(withHints('EAPI=8\nDEPEND="ssl? ( dev-libs/a )"\nRDEPEND="${DEPEND}"\n', uses)).toBe(
    'EAPI=8\nDEPEND="ssl? ( dev-libs/a‹3 · header, linked› )"\nRDEPEND="${DEPEND}"\n',
  );
});

test('only the asked part of the text gets hints', () => {
  expect(withHints('EAPI=8\nDEPEND="dev-libs/a"\nRDEPEND="dev-libs/b"\n', undefined, 30)).toBe(
    'EAPI=8\nDEPEND="dev-libs/a"\nRDEPEND="dev-libs/b‹1.5›"\n',
  );
});
