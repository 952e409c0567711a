import { describe, expect, test } from 'vitest';
import { findRefusal } from '../../server/src/evaluation/refusal.ts';
import { findFullDisk } from '../../server/src/host/output-text.ts';

describe('a full disk in the output of a build', () => {
  test.each([
    [
      'a.c: ok\ncc1: error: writing a.o: No space left on device\n',
      'cc1: error: writing a.o: No space left on device',
    ],
    [
      '\u001b[31mOSError: [Errno 28] No space left on device\u001b[0m',
      'OSError: [Errno 28] No space left on device',
    ],
    ['tar: x: Cannot write: Disk quota exceeded', 'tar: x: Cannot write: Disk quota exceeded'],
    ['cat: write error to /dev/full: No space left on device', undefined],
    ['a.c:1:10: fatal error: png.h: No such file or directory', undefined],
  ])('%j', (output, words) => {
    expect(findFullDisk(output)).toBe(words);
  });
});

describe('why an ebuild could not be evaluated', () => {
  const traceback = 'Traceback (most recent call last):\n  File "x.py", line 1, in y\n    z()\n';
  test.each([
    [
      'EAPI=8',
      '/r/a/b/b-1.ebuild: line 3: syntax error\n * ERROR: a/b-1::r failed (depend phase):\n *   error sourcing\n',
      '/r/a/b/b-1.ebuild: line 3: syntax error',
    ],
    [
      'EAPI=8',
      ' * ERROR: a/b-1::r failed (depend phase):\n *   x.eclass could not be found by inherit()\n * \n',
      'x.eclass could not be found by inherit()',
    ],
    [
      'EAPI=8',
      `${traceback}a.b.ProcessorError: inherit requires unknown eclass: x.eclass\n\n${traceback}a.c.Exc: failed`,
      'inherit requires unknown eclass: x.eclass',
    ],
    ['EAPI=8', `${traceback}a.b.First: one\n${traceback}a.b.Last: two\n`, 'two'],
    ['# c\nEAPI="99" # x', traceback, 'EAPI "99" is not known'],
    ['EAPI=8', 'one\n\u001b[2Jtwo\r\n\n', 'two'],
    ['EAPI=8', '', 'no reason given'],
  ])('%j, %j', (text, output, reason) => {
    expect(findRefusal(text, output)).toBe(reason);
  });
});
