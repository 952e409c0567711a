import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findTests } from '../../../server/src/trial/reading/found-tests.ts';

let layer: string;
beforeEach(() => {
  layer = mkdtempSync(join(tmpdir(), 'ebuild-audit-tests-'));
});
afterEach(() => rmSync(layer, { recursive: true }));

test.each([
  ['a target of make', 'work/p-1/Makefile', 'all: x\ncheck: x\n\t./x\n', true, true],
  ['a target of make, named test', 'work/Makefile', 'test : x\n', true, true],
  ['no target', 'work/p-1/Makefile', 'all: x\nchecked: x\n', true, false],
  ['the target that automake writes without tests', 'work/p-1/Makefile', 'check: check-am\n', true, false],
  ['tests of automake', 'work/p-1/Makefile', 'TESTS = a b\ncheck: check-am\n', true, true],
  ['a target of bundled sources', 'work/p-1/lib/bundled/Makefile', 'test:\n', true, false],
  ['an installed file', 'image/usr/share/Makefile', 'test:\n', true, false],
  ['tests of CMake', 'work/p-1_build/sub/CTestTestfile.cmake', 'add_test(a "a")\n', false, true],
  ['CMake without tests', 'work/p-1_build/CTestTestfile.cmake', '# nothing\n', false, false],
  ['tests that no phase runs', 'work/p-1_build/CTestTestfile.cmake', 'add_test(a "a")\n', true, false],
  ['tests of Meson', 'work/p-1-build/meson-info/intro-tests.json', '[{"name": "a"}]', false, true],
  ['Meson without tests', 'work/p-1-build/meson-info/intro-tests.json', '[]', false, false],
])('%s', (_, path, text, isDefault, expected) => {
  mkdirSync(dirname(join(layer, path)), { recursive: true });
  writeFileSync(join(layer, path), text);
  expect(findTests({ layers: [layer], isDefault })).toBe(expected);
});
