import { expect, test } from 'vitest';
import { beginInterval } from '../../server/src/host/interval.ts';

function clocks() {
  const now = { wall: 1_000_000, steady: 50 };
  const interval = beginInterval(
    () => now.wall,
    () => now.steady,
  );
  const pass = (milliseconds: number, set = 0) => {
    now.wall += milliseconds + set;
    now.steady += milliseconds;
  };
  return { interval, pass };
}

test('a file that changed before the interval began, by more than a clock tick, is older', () => {
  const { interval, pass } = clocks();
  pass(60_000);
  expect([999_000, 999_990, 999_995, 1_000_000, 1_030_000].map(interval.isBefore)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});

test.each([
  ['back', -3_600_000],
  ['forward', 3_600_000],
  ['by a second', 1000],
])('if the clock was set %s, no file is known to be older', (_, set) => {
  const { interval, pass } = clocks();
  pass(60_000, set);
  expect(interval.isBefore(0)).toBe(false);
});

test('a clock that a time server slews is not set', () => {
  const { interval, pass } = clocks();
  pass(3_600_000, 1800);
  expect(interval.isBefore(0)).toBe(true);
});
