import fc from 'fast-check';
import { inputsFor } from './mutation.ts';
import type { FuzzTarget } from './target.ts';

/** No parser may take longer than this for one input, in milliseconds. */
const SLOWEST = 100;
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
 * @throws an Error with the smallest input found that makes it throw or takes it more than 100 ms
 */
export function fuzz(target: FuzzTarget, inputs: number, seed: number): FuzzResult {
  let slowest = 0;
  for (const text of target.seeds) target.run(text);
  const before = process.memoryUsage.rss();
  const property = fc.property(inputsFor(target), (text) => {
    const took = timeOf(target, text);
    slowest = Math.max(slowest, took);
    if (took > SLOWEST) throw new Error(`took ${Math.round(took)} ms for ${text.length} characters`);
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

/** The shortest of up to four runs: another process or a collection may come in between, but not every time. */
function timeOf(target: FuzzTarget, text: string): number {
  let shortest = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 4 && shortest > SLOWEST; run++) {
    const began = performance.now();
    target.run(text);
    shortest = Math.min(shortest, performance.now() - began);
  }
  return shortest;
}
