import { expect, test } from 'vitest';
import { explain, runTakeovers, type Takeover } from './takeover.ts';

test('what is taken over is what a fresh trial says, whatever was edited, merged or written before', async () => {
  const done: Takeover[] = [];
  for (const seed of [1, 2, 3]) await runTakeovers(seed, 25, (takeover) => void done.push(takeover));
  const wrong = done.filter(({ taken, fresh }) => taken.says !== fresh.says);
  expect(wrong.map(explain)).toEqual([]);
  // Otherwise nothing was put to the test.
  expect(done.filter(({ taken }) => taken.isRecalled).length).toBeGreaterThan(5);
  expect(done.filter(({ taken }) => taken.reused > 0).length).toBeGreaterThan(5);
  expect(new Set(done.map(({ fresh }) => fresh.says)).size).toBeGreaterThan(done.length / 10);
}, 300_000);
