import { describe, expect, test } from 'vitest';
import { toMarkdown, writeInline } from '../../server/src/lsp/markdown.ts';

describe('a text of others', () => {
  test.each([
    [
      'A plain sentence, with (brackets) and 100% of it.',
      'A plain sentence, with (brackets) and 100% of it.',
    ],
    ['reads /usr/include/png.h, which was hidden', 'reads `/usr/include/png.h`, which was hidden'],
    ['see [x](command:evil) now', 'see `[x](command:evil)` now'],
    ['a *b* _c_', 'a `*b* _c_`'],
    ['a `b`, c', 'a `b`, c'],
    ['links (DT_NEEDED), and (a_b)', 'links (`DT_NEEDED`), and (`a_b`)'],
    ['([x](command:evil))', '`([x](command:evil))`'],
    ['a `b c', 'a `` `b `` c'],
    ['x (i.e. "no", etc.). & - y', 'x (i.e. "no", etc.). & - y'],
    ['- x', '– x'],
    ['1. x', '`1.` x'],
    ['www.example.org', '`www.example.org`'],
    ['<img src=x>', '`<img src=x>`'],
    ['two\nlines', 'two lines'],
    ['', ''],
  ])('%s', (text, written) => {
    expect(writeInline(text)).toBe(written);
  });
});

test('code cannot end its block, and a link is only a link', () => {
  expect(toMarkdown([{ kind: 'code', text: 'a\n```\n[x](y)' }])).toBe('````ebuild\na\n```\n[x](y)\n````');
  expect(toMarkdown([{ kind: 'link', uri: 'https://a.example/x y>z' }])).toBe(
    '<https://a.example/x%20y%3Ez>',
  );
});
