import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isSeen } from '../../server/src/errors/visible-text.ts';
import { toCode, toMarkdown } from '../../server/src/page/markdown-text.ts';
import { hostileText } from './made-review.ts';
import { withoutCode } from './markdown-reader.ts';

describe('a sentence as Markdown', () => {
  test.each([
    ['The build fails without it.', 'The build fails without it.'],
    ['add sys-libs/zlib:= to DEPEND.', 'add `sys-libs/zlib:=` to DEPEND.'],
    ['/usr/bin/foo, (2 times)', '`/usr/bin/foo`, (2 times)'],
    ['by @user, see #1 and GH-1: <b>', 'by `@user`, see `#1` and `GH-1`: `<b>`'],
    ['https://evil.test www.evil.test', '`https://evil.test` `www.evil.test`'],
    ['deadbeef 1234567 123', '`deadbeef` `1234567` 123'],
    ['[a](b) *c* _d_ | \\ $e$ :tada:', '`[a](b)` `*c*` `_d_` `|` `\\` `$e$` `:tada`:'],
    ['1. x 2) y 3, z', '`1`. x `2)` y 3, z'],
    ['a\nb\u202ec', 'a `b\\u{202e}c`'],
    ['``` x', '```` ``` ```` x'],
    ['', ''],
  ])('%j becomes %j', (sentence, markdown) => {
    expect(toMarkdown(sentence)).toBe(markdown);
  });

  test('a name with blanks is one piece of code', () => {
    expect([toCode('a b'), toCode('`'), toCode(' '), toCode('a``b'), toCode('')]).toEqual([
      '`a b`',
      '`` ` ``',
      '`   `',
      '```a``b```',
      '`  `',
    ]);
  });

  test('has nothing outside code but words, whatever an ebuild places in it', () => {
    fc.assert(
      fc.property(hostileText, hostileText, (one, other) => {
        for (const markdown of [
          toMarkdown(`The ${one} of ${other} is.`),
          `${toCode(one)} of ${toCode(other)}`,
        ]) {
          expect(isSeen(markdown)).toBe(true);
          expect(markdown).not.toContain('\n');
          expect(withoutCode(markdown)).toMatch(/^[\p{L}\p{N}\u2423 .,:;"“”()'’–›-]*$/u);
          expect(withoutCode(markdown)).not.toMatch(/[0-9a-f]{7}/i);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
