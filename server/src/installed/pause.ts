import { setImmediate as nextTurn } from 'node:timers/promises';

/** So long others wait at most, in milliseconds: an editor is to be answered by the same process. */
const LONGEST_WORK = 10;

/** @returns a function to be awaited between pieces of work; when they have taken ten milliseconds, it lets others have their turn */
export function createPause(): () => Promise<void> {
  let rested = performance.now();
  return async () => {
    if (performance.now() - rested < LONGEST_WORK) return;
    await nextTurn();
    rested = performance.now();
  };
}
