/** The guard of the tests' own ebuilds, see test/support/ebuild-files.ts. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { requireInstalled, writeRepository } from '../support/ebuild-files.ts';

const INSTALLED = new Set(['dev-libs/bar', 'media-libs/libpng', 'virtual/pkgconfig']);
const check = (text: string, absent: readonly string[] = []) => requireInstalled(text, absent, INSTALLED);
const SENTENCE =
  'This test names dev-libs/foo, which set-up does not install: add its Debian package to scripts/set-up/system-packages.ts.';

describe('an ebuild that a test writes', () => {
  test.each([
    'DEPEND="dev-libs/foo"',
    'RDEPEND="media-libs/libpng:=\n\t>=dev-libs/foo-1.2:3/4=[bar,-baz(+)]\n"',
    "BDEPEND='virtual/pkgconfig dev-libs/foo'",
    'PDEPEND=dev-libs/foo',
    'IDEPEND="gui? ( || ( dev-libs/foo dev-libs/bar ) )"',
    'COMMON_DEPEND="dev-libs/foo"\nDEPEND="${COMMON_DEPEND}"',
    'if use a; then\n\tDEPEND+=" dev-libs/foo"\nfi',
    'DEPEND="${RDEPEND} dev-libs/foo"',
  ])('may not name what set-up does not install: %j', (text) => {
    expect(() => check(text)).toThrow(SENTENCE);
  });
  test('may name what set-up installs, and block anything', () => {
    check('DEPEND="media-libs/libpng:= !!dev-libs/foo !<dev-libs/foo-2"\nBDEPEND="virtual/pkgconfig"');
    check('SRC_URI="https://example.org/dev-libs/foo"\nDEPEND="${FOO}/foo $(dev-libs/foo)"');
  });
  test('may name a package that is to be absent, where the test says so', () => {
    check('DEPEND="dev-libs/foo"', ['dev-libs/foo']);
    expect(() => check('DEPEND="dev-libs/foo"', ['dev-libs/other'])).toThrow(SENTENCE);
  });
  test('is refused before anything is written', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-guard-'));
    const repository = join(folder, 'guarded');
    const files = { 'dev-test/a/a-1.ebuild': 'DEPEND="dev-test/not-there-at-all"' };
    try {
      expect(() => writeRepository(repository, files)).toThrow('This test names dev-test/not-there-at-all,');
      expect(existsSync(repository)).toBe(false);
      writeRepository(repository, files, ['dev-test/not-there-at-all']);
      expect(existsSync(join(repository, 'dev-test/a/a-1.ebuild'))).toBe(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
