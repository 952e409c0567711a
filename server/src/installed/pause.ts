import { setImmediate as nextTurn } from 'node:timers/promises';

/** The longest time without a pause, in milliseconds, because the same process answers an editor. */
const LONGEST_WORK = 10;

/** @returns a function to await between pieces of work; after ten milliseconds it waits for a turn of the event loop */
export function createPause(): () => Promise<void> {
  let rested = performance.now();
  return async () => {
    if (performance.now() - rested < LONGEST_WORK) return;
    await nextTurn();
    rested = performance.now();
  };
}
