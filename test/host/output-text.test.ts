import { expect, test } from 'vitest';
import { stripEscapes } from '../../server/src/host/output-text.ts';

test('escapes that act on a terminal are removed', () => {
  expect(stripEscapes('\u001b]0;title\u0007a\u001b[2Jb\rc\u0000\td')).toBe('abc\td');
});
