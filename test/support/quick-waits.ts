/** Waits of `setTimeout` from node:timers/promises that take no time, for what is tried again after seconds. */
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';
import { afterAll, beforeAll } from 'vitest';

/** Call it in a file of tests. @returns the waits that were asked for, in milliseconds; a test may empty it */
export function useQuickWaits(): number[] {
  const asked: number[] = [];
  const before = timers.setTimeout;
  const set = (wait: typeof before) => {
    timers.setTimeout = wait;
    // The modules that imported it see the change.
    syncBuiltinESMExports();
  };
  beforeAll(() =>
    set(((time: number, value: unknown, options: object) => {
      asked.push(time);
      return before(1, value, options);
    }) as typeof before),
  );
  afterAll(() => set(before));
  return asked;
}
