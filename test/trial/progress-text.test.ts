import { expect, test } from 'vitest';
import { describeElapsed, describeStep } from '../../server/src/trial/progress.ts';

test.each([
  ['preparing', 'preparing'],
  ['unpack', 'unpack (step 1 of 6)'],
  ['confirming compile', 'confirming compile (step 4 of 6)'],
  ['comparing install with USE="-png" (2 of 5)', 'comparing install (step 6 of 6) with USE="-png" (2 of 5)'],
  ['', ''],
])('the phase %j is shown as %j', (phase, shown) => {
  expect(describeStep(phase)).toBe(shown);
});

test.each([
  [{ elapsed: 12_345 }, 0, '12 s'],
  [{ elapsed: 12_345, usual: 44_100 }, 0, '12 s of about 45 s'],
  [{ elapsed: 12_345, usual: 44_100 }, 1, '12.3 s of about 45 s'],
  // The estimate was wrong: nothing is said that is known to be false.
  [{ elapsed: 50_000, usual: 44_100 }, 0, '50 s'],
])('the time %j with %i digits is shown as %j', (progress, digits, shown) => {
  expect(describeElapsed(progress, digits)).toBe(shown);
});
