import { expect, test } from 'vitest';
import { fuzz } from './fuzz.ts';
import { TARGETS } from './targets.ts';

// A share of `npm run fuzz`, the same in every run; how long an input takes is measured there.
test.each(TARGETS.map((target) => [target.name, target] as const))(
  '%s keeps its promises',
  (_, target) => {
    expect(fuzz(target, 200, 1).inputs).toBe(200);
  },
  60_000,
);

test('a parser that breaks a promise is found, with the smallest text that shows it', () => {
  const careless = {
    name: 'careless',
    seeds: ['abc'],
    words: ['('],
    run(text: string) {
      if (text.includes('((')) throw new Error('two brackets');
    },
  };
  expect(() => fuzz(careless, 5000, 1)).toThrow(/Counterexample: \["\(\("\]/);
});
