/** How long work may keep everything else waiting, in milliseconds. */
const SLICE_MS = 8;

/**
 * Runs work that comes in small steps, and lets everything else go first after every few milliseconds.
 *
 * @param stopped asked between slices; the work is left as it is when it says so
 * @returns what the work returns, undefined where it was stopped
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
    await new Promise((resolve) => setImmediate(resolve));
    if (stopped()) return undefined;
  }
}
