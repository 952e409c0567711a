import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  activeWhen,
  type Condition,
  holdsFor,
  implies,
  isAlways,
  isNever,
  printCondition,
} from '../../server/src/pms/condition.ts';
import { collectAtoms, parseDependency } from '../../server/src/pms/dependency.ts';
import { evaluateUse } from '../../server/src/pms/use.ts';

/** The condition under which `a/b` is active. */
function solve(text: string): Condition {
  return activeWhen(parseDependency(text).nodes, ({ atom }) => atom.name === 'b');
}

describe('activeWhen (PMS 8.2.2)', () => {
  test.each([
    ['a/b', 'always'],
    ['c/d', 'never'],
    ['ssl? ( a/b )', 'ssl'],
    ['ssl? ( !static? ( a/b ) )', 'ssl and not static'],
    ['ssl? ( a/b c/d ) a/b', 'always'],
    ['foo? ( !foo? ( a/b ) )', 'never'],
    ['foo? ( foo? ( a/b ) )', 'foo'],
    ['foo? ( a/b ) !foo? ( a/b )', 'always'],
    ['foo? ( a/b ) foo? ( bar? ( a/b ) )', 'foo'],
    ['foo? ( a/b ) !foo? ( bar? ( a/b ) )', 'foo, or bar'],
    ['foo? ( a/b ) bar? ( baz? ( a/b ) )', 'foo, or bar and baz'],
    ['foo? ( bar? ( a/b ) ) !foo? ( bar? ( a/b ) )', 'bar'],
    ['|| ( c/d ssl? ( a/b ) ) ( x? ( ( a/b ) ) )', 'ssl, or x'],
    ['x_${i}? ( a/b )', 'x_${i}'],
    // Always, although no two of the alternatives can be simplified.
    [
      'a? ( !b? ( a/b ) ) b? ( !c? ( a/b ) ) c? ( !a? ( a/b ) ) a? ( b? ( c? ( a/b ) ) ) !a? ( !b? ( !c? ( a/b ) ) )',
      'always',
    ],
    [
      'a? ( !b? ( a/b ) ) b? ( !c? ( a/b ) ) c? ( !a? ( a/b ) )',
      'a and not b, or b and not c, or c and not a',
    ],
  ])('%s: %s', (text, expected) => {
    expect(printCondition(solve(text))).toBe(expected);
  });

  const flags = ['p', 'q', 'r', 's'];
  const tree: fc.Arbitrary<string> = fc.letrec<{ list: string; item: string }>((tie) => ({
    item: fc.oneof(
      { depthSize: 'medium' },
      fc.constantFrom('a/b', 'c/d'),
      fc
        .tuple(fc.constantFrom('', '!'), fc.constantFrom(...flags), tie('list'))
        .map(([not, flag, list]) => `${not}${flag}? ( ${list} )`),
    ),
    list: fc.array(tie('item'), { minLength: 1, maxLength: 4 }).map((items) => items.join(' ')),
  })).list;
  const everyUse = Array.from(
    { length: 16 },
    (_, bits) => new Set(flags.filter((_, bit) => bits & (1 << bit))),
  );
  const truth = (condition: Condition) => everyUse.map((use) => holdsFor(condition, use));

  test('agrees with evaluateUse for every set of flags', () => {
    fc.assert(
      fc.property(tree, (text) => {
        const { nodes } = parseDependency(text);
        const condition = solve(text);
        const expected = everyUse.map((use) =>
          collectAtoms(evaluateUse(nodes, use)).some(({ atom }) => atom.name === 'b'),
        );
        expect(truth(condition)).toEqual(expected);
        expect(isAlways(condition)).toBe(expected.every((active) => active));
        expect(isNever(condition)).toBe(!expected.some((active) => active));
      }),
      { numRuns: 1000 },
    );
  });

  test('implies follows logic', () => {
    fc.assert(
      fc.property(tree, tree, (leftTree, rightTree) => {
        const [left, right] = [solve(leftTree), solve(rightTree)];
        const [leftTruth, rightTruth] = [truth(left), truth(right)];
        expect(implies(left, right)).toBe(leftTruth.every((holds, index) => !holds || rightTruth[index]));
      }),
      { numRuns: 1000 },
    );
  });
});
