import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deriveCondition, printUnder, printUseStates } from '../../server/src/audit/use-condition.ts';

const IUSE = ['jpeg', 'png', 'ssl', 'test'];
/** USE states as one word each, of their enabled flags: `png,ssl`; `-` has none. */
const states = (text: string): string[][] =>
  text === '' ? [] : text.split(' ').map((state) => (state === '-' ? [] : state.split(',')));
const derive = (needed: string, notNeeded: string) => {
  const found = deriveCondition(states(needed), states(notNeeded), IUSE);
  return found && `${printUnder('a/b', found.alternatives)}${found.sure ? '' : ' perhaps'}`;
};

describe('deriveCondition', () => {
  test.each([
    ['png -', '', 'a/b'],
    ['png', '- jpeg', 'png? ( a/b )'],
    ['png png,ssl', '- jpeg ssl', 'png? ( a/b )'],
    ['- jpeg', 'png png,ssl', '!png? ( a/b )'],
    ['png jpeg', '- ssl', 'jpeg? ( a/b ) png? ( a/b )'],
    ['png,ssl', 'png ssl - jpeg', 'png? ( ssl? ( a/b ) )'],
    ['png jpeg,ssl', '- jpeg ssl', 'png? ( a/b ) jpeg? ( ssl? ( a/b ) )'],
    // Both flags explain the states.
    ['png,jpeg', '-', 'jpeg? ( a/b ) perhaps'],
    // An enabled flag is preferred to a disabled one.
    ['png', 'jpeg', 'png? ( a/b )'],
    ['elibc_glibc,png', 'elibc_glibc', 'png? ( a/b )'],
    // No flag of IUSE differs.
    ['elibc_glibc', '-', undefined],
    ['png', 'png', undefined],
  ])('needed in %j and not in %j: %j', (needed, notNeeded, expected) => {
    expect(derive(needed, notNeeded)).toBe(expected);
  });

  test('a condition holds where it was needed and nowhere else', () => {
    const state = fc.subarray(IUSE);
    fc.assert(
      fc.property(
        fc.array(state, { minLength: 1, maxLength: 6 }),
        fc.array(state, { maxLength: 6 }),
        (needed, not) => {
          const found = deriveCondition(needed, not, IUSE);
          const holds = (enabled: readonly string[]): boolean | undefined =>
            found?.alternatives.some((conditions) =>
              conditions.every(({ flag, negated }) => enabled.includes(flag) !== negated),
            );
          for (const enabled of needed) expect(holds(enabled)).not.toBe(false);
          for (const enabled of not) expect(holds(enabled)).not.toBe(true);
        },
      ),
    );
  });
});

test('a USE state is written as USE has it', () => {
  const on = (flag: string) => ({ flag, negated: false });
  const off = (flag: string) => ({ flag, negated: true });
  expect(printUseStates([[on('png')]])).toBe('USE=png');
  expect(printUseStates([[on('png'), off('ssl')], [off('jpeg')]])).toBe('USE="png -ssl" or USE=-jpeg');
});
