import { describe, expect, test } from 'vitest';
import { findFirstError, stripEscapes } from '../../server/src/trial/build-log.ts';

describe('the first error of a build', () => {
  test.each([
    ['make: *** [Makefile:3: x] Error 1\n', 'make: *** [Makefile:3: x] Error 1'],
    [
      'cc -c a.c\na.c:1:10: fatal error: png.h: No such file or directory\nmake: *** [x] Error 1\n * ERROR: cat/p-1::r failed (compile phase):\n',
      'a.c:1:10: fatal error: png.h: No such file or directory',
    ],
    ['checking for x... no\nconfigure: error: libpng is required\n', 'configure: error: libpng is required'],
    [
      '\u001b[31m\u001b[1mmeson.build:2:4: ERROR: Dependency "libpng" not found\u001b[0m\n',
      'meson.build:2:4: ERROR: Dependency "libpng" not found',
    ],
    [
      'checking for x... not found\none\n * ERROR: a/b-1::r failed (configure phase):\n *   no configure script found\n * \n',
      'no configure script found',
    ],
    ['one\ntwo\n', 'two'],
    ['', 'the build ended without a word'],
  ])('%j', (output, expected) => {
    expect(findFirstError(output)).toBe(expected);
  });

  test('escapes that act on a terminal are taken out', () => {
    expect(stripEscapes('\u001b]0;title\u0007a\u001b[2Jb\rc\u0000\td')).toBe('abc\td');
  });
});
