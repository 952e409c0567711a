import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compareVersions,
  parseVersion,
  printVersion,
  startsWithVersion,
  type Version,
} from '../../server/src/pms/version.ts';
import { versionText } from './arbitrary.ts';

function version(text: string): Version {
  const parsed = parseVersion(text);
  if (parsed === undefined) throw new Error(`not a version: ${text}`);
  return parsed;
}

const compare = (left: string, right: string): number => compareVersions(version(left), version(right));

describe('compareVersions (PMS 3.3)', () => {
  test.each([
    // Algorithm 3.2: the first component is an integer, more components are newer
    ['1', '2'],
    ['9', '10'],
    ['1', '1.0'],
    ['1.0', '1.0.0'],
    ['99999999999999999999', '100000000000000000000'],
    // Algorithm 3.3: a leading zero makes components fractions
    ['1.01', '1.1'],
    ['1.001', '1.01'],
    ['1.05', '1.5'],
    ['1.09', '1.1'],
    ['1.9', '1.10'],
    // Algorithm 3.4: letters
    ['1', '1a'],
    ['1a', '1b'],
    ['1.2b', '1.10'],
    // Algorithms 3.5 and 3.6: suffixes
    ['1_alpha', '1_beta'],
    ['1_beta', '1_pre'],
    ['1_pre', '1_rc'],
    ['1_rc', '1'],
    ['1', '1_p'],
    ['1_alpha', '1_alpha1'],
    ['1_rc9', '1_rc10'],
    ['1_alpha_rc', '1_alpha'],
    ['1_alpha', '1_alpha_p'],
    ['1_p', '1_p1'],
    ['1a_rc1', '1a'],
    ['1_rc1', '1a_alpha'],
    // Algorithm 3.7: revisions
    ['1', '1-r1'],
    ['1-r2', '1-r10'],
    ['1-r9', '1_p'],
  ])('%s is older than %s', (older, newer) => {
    expect(compare(older, newer)).toBe(-1);
    expect(compare(newer, older)).toBe(1);
  });

  test.each([
    ['1', '1-r0'],
    ['1-r1', '1-r01'],
    ['01', '1'],
    ['1.0', '1.00'],
    ['1.10', '1.10'],
    ['1.010', '1.01'],
    ['1_rc', '1_rc0'],
    ['1_p0', '1_p'],
  ])('%s equals %s', (left, right) => {
    expect(compare(left, right)).toBe(0);
  });

  test('is a total order', () => {
    fc.assert(
      fc.property(versionText, versionText, versionText, (a, b, c) => {
        expect(compare(a, a)).toBe(0);
        expect(compare(a, b)).toBe(0 - compare(b, a) || 0);
        const [low, middle, high] = [a, b, c].sort(compare);
        expect(compare(low ?? '', middle ?? '')).toBeLessThanOrEqual(0);
        expect(compare(middle ?? '', high ?? '')).toBeLessThanOrEqual(0);
        expect(compare(low ?? '', high ?? '')).toBeLessThanOrEqual(0);
        if (compare(a, b) === 0) expect(compare(a, c)).toBe(compare(b, c));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('parseVersion (PMS 3.2)', () => {
  test('prints the text that was read', () => {
    fc.assert(
      fc.property(versionText, (text) => {
        expect(printVersion(version(text))).toBe(text);
      }),
    );
  });

  test.each([
    '',
    'a',
    '1.',
    '.1',
    '1..2',
    '1A',
    '1ab',
    '1_',
    '1_gamma',
    '1-r',
    '1-1',
    '1.2a.3',
    '1 ',
    '1\n',
    '1-r1-r2',
  ])('%j is no version', (text) => {
    expect(parseVersion(text)).toBeUndefined();
  });

  test('is total', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect([undefined, text]).toContain(print(text));
      }),
    );
  });
});

function print(text: string): string | undefined {
  const parsed = parseVersion(text);
  return parsed === undefined ? undefined : printVersion(parsed);
}

describe('startsWithVersion (PMS 8.3.1, asterisk)', () => {
  test.each([
    ['1.2', '1.2', true],
    ['1.2.5', '1.2', true],
    ['1.2b', '1.2', true],
    ['1.2_rc1-r3', '1.2', true],
    ['1.2-r3', '1.2', true],
    ['1.20', '1.2', false],
    ['12', '1', false],
    ['1', '1.2', false],
    ['1.2b_p1', '1.2b', true],
    ['1.2', '1.2b', false],
    ['1.2_rc1', '1.2_rc', true],
    ['1.2_rc1', '1.2_rc1', true],
    ['1.2_rc11', '1.2_rc1', false],
    ['1.2_rc1_p3', '1.2_rc1', true],
    ['1.2_p1', '1.2_rc', false],
    ['1.2.3_rc1', '1.2_rc1', false],
    ['1.2-r1', '1.2-r1', true],
    ['1.2-r11', '1.2-r1', false],
  ])('%s begins with %s: %s', (text, prefix, expected) => {
    expect(startsWithVersion(version(text), version(prefix))).toBe(expected);
  });

  test('every version begins with itself', () => {
    fc.assert(
      fc.property(versionText, (text) => {
        expect(startsWithVersion(version(text), version(text))).toBe(true);
      }),
    );
  });
});
