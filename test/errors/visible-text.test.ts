import { describe, expect, test } from 'vitest';
import { formatJson } from '../../server/src/cli/report/json-report.ts';
import { UserError } from '../../server/src/errors/user-error.ts';
import { escapeJson, isSeen, showLine, showName, showText } from '../../server/src/errors/visible-text.ts';

/** One character of each kind that a reader does not see, or that moves what the reader sees. */
const UNSEEN: Readonly<Record<string, string>> = {
  'an escape': '\u001b',
  'a bell': '\u0007',
  'a carriage return': '\r',
  'a C1 control': '\u009b',
  'an override': '\u202e',
  'an isolate': '\u2066',
  'a mark': '\u200e',
  'an Arabic mark': '\u061c',
  'a zero-width space': '\u200b',
  'a zero-width joiner': '\u200d',
  'a word joiner': '\u2060',
  'a byte order mark': '\ufeff',
  'a soft hyphen': '\u00ad',
  'a grapheme joiner': '\u034f',
  'a Hangul filler': '\u3164',
  'a halfwidth filler': '\uffa0',
  'a Khmer vowel without a shape': '\u17b4',
  'a Mongolian selector': '\u180b',
  'a variation selector': '\ufe0f',
  'a late variation selector': '\u{e0100}',
  'a tag': '\u{e0041}',
  'an annotation': '\ufff9',
  'an invisible operator': '\u2063',
  'a line separator': '\u2028',
  'a paragraph separator': '\u2029',
  'a no-break space': '\u00a0',
  'an ideographic space': '\u3000',
  'an empty Braille pattern': '\u2800',
  'a private character': '\ue000',
  'an unassigned character': '\u0378',
  'no character': '\uffff',
  'a lone surrogate': '\ud800',
};

describe('a text', () => {
  for (const [what, character] of Object.entries(UNSEEN)) {
    test(`shows ${what}`, () => {
      const code = character.codePointAt(0)?.toString(16);
      expect(showText(`a${character}b`)).toBe(`a\\u{${code}}b`);
      expect(isSeen(character)).toBe(false);
      expect(new UserError(`No ${character}.`).message).toBe(`No \\u{${code}}.`);
      const json = formatJson({ name: character });
      expect(json).toMatch(/^[ -~\n]*$/);
      expect(JSON.parse(json)).toEqual({ name: character });
    });
  }

  test('keeps what can be seen, in any script', () => {
    const seen = 'aäß漢字 العربية עברית ไทย हिन्दी 한국어 “…” – › · 😀\n\tx';
    expect(showText(seen)).toBe(seen);
    expect(showLine(seen)).toBe(seen.replace('\n\t', '  '));
    expect(showName(seen)).toBe(seen.replace('\n\t', '\\u{a}\\u{9}'));
    expect(escapeJson(JSON.stringify(seen))).toBe(JSON.stringify(seen));
    expect(isSeen(seen)).toBe(true);
  });

  test('is the same if it is shown twice', () => {
    const all = Object.values(UNSEEN).join('x');
    expect(showText(showText(all))).toBe(showText(all));
  });

  test('shows a byte that is not UTF-8 as a byte', () => {
    expect(showText('bad-\udcff\udc80')).toBe('bad-\\xff\\x80');
  });
});
