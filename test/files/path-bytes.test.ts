import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodePath, encodePath, isPlainText } from '../../server/src/files/path-bytes.ts';

describe('paths are bytes', () => {
  test('any bytes survive the way to a string and back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect([...encodePath(decodePath(bytes))]).toEqual([...bytes]);
      }),
      { numRuns: 2000 },
    );
  });
  test('valid UTF-8 reads as text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (text) => {
        expect(decodePath(Buffer.from(text, 'utf8'))).toBe(text);
      }),
    );
  });
  test('a stray byte becomes one lone surrogate', () => {
    expect(decodePath(Uint8Array.of(0x61, 0xff, 0xc3, 0xa9))).toBe('a\udcffé');
    expect(isPlainText('a\udcff')).toBe(false);
    expect(isPlainText('é')).toBe(true);
  });
});
