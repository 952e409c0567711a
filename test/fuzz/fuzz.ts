import fc from 'fast-check';
import { inputsFor } from './mutation.ts';
import type { FuzzTarget } from './target.ts';

/** No parser may take longer than this for one input, in milliseconds. */
export const SLOWEST = 100;
/** What the process may have grown by when a parser is through, in bytes; garbage that is not collected yet included. */
const MOST_GROWTH = 400 * 2 ** 20;

export interface FuzzResult {
  readonly inputs: number;
  /** In milliseconds, of the slowest input. */
  readonly slowest: number;
  /** Of the process, in bytes. */
  readonly growth: number;
}

/**
 * Runs a parser on many inputs.
 *
 * @param seed makes a run repeatable
 * @param limit how long one input may take, in milliseconds; a test, which must not depend on the machine, sets none
 * @throws an Error with the smallest input found that makes it throw or takes it longer
 */
export function fuzz(
  target: FuzzTarget,
  inputs: number,
  seed: number,
  limit = Number.POSITIVE_INFINITY,
): FuzzResult {
  let slowest = 0;
  for (const text of target.seeds) target.run(text);
  const before = process.memoryUsage.rss();
  const property = fc.property(inputsFor(target), (text) => {
    const took = timeOf(target, text, limit);
    slowest = Math.max(slowest, took);
    if (took > limit) throw new Error(`took ${Math.round(took)} ms for ${text.length} characters`);
  });
  fc.assert(property, {
    numRuns: inputs,
    seed,
    interruptAfterTimeLimit: 20 * 60_000,
    markInterruptAsFailure: true,
  });
  const growth = process.memoryUsage.rss() - before;
  if (growth > MOST_GROWTH) throw new Error(`${target.name} grew the process by ${growth} bytes`);
  return { inputs, slowest, growth };
}

/**
 * The shortest of up to four runs: a collection may come in between, but not every time. Where other processes have the processor, less
 * of its time than of the clock's has gone by.
 */
function timeOf(target: FuzzTarget, text: string, limit: number): number {
  let shortest = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 4 && (run === 0 || shortest > limit); run++) {
    const began = performance.now();
    const before = process.cpuUsage();
    target.run(text);
    const elapsed = performance.now() - began;
    const { user, system } = process.cpuUsage(before);
    shortest = Math.min(shortest, elapsed, (user + system) / 1000);
  }
  return shortest;
}
