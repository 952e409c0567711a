/** The maximum time for which the work blocks everything else, in milliseconds. */
const SLICE_MS = 4;

/**
 * Runs work that consists of small steps, and lets other work run after every few milliseconds.
 *
 * @param stopped called between slices; if it gives true, the work is abandoned
 * @returns the result of the work; undefined if it was stopped
 */
export async function runInSlices<T>(
  work: Generator<void, T>,
  stopped: () => boolean,
): Promise<T | undefined> {
  for (;;) {
    const end = performance.now() + SLICE_MS;
    do {
      const step = work.next();
      if (step.done) return step.value;
    } while (performance.now() < end);
    await nextTurn();
    // A message that came during the slice is handled after the immediates that were asked for before it.
    await nextTurn();
    if (stopped()) return undefined;
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
