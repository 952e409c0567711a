/** How a sweep is getting on. */
export interface Pace {
  /** Trials that have ended in an hour; undefined before the first has ended. */
  readonly perHour: number | undefined;
  /** How long the rest will take, in milliseconds. */
  readonly left: number;
}

/** Estimates how long the rest of a sweep takes, from the durations that were planned and those that were measured. */
export interface Estimate {
  /** A trial has ended. @param expected as it was planned @param took as it was, both in milliseconds */
  note(expected: number, took: number): void;
  /** @param elapsed milliseconds since the sweep began or went on */
  read(elapsed: number): Pace;
}

/**
 * The share of the plan that is taken as measured from the beginning: the first trials may be answered by records, or be the largest, and
 * then say little about the rest.
 */
const TRUST = 0.01;

/**
 * @param workers the number of trials that run at the same time
 * @param expected the planned durations of all trials, in milliseconds
 */
export function createEstimate(workers: number, expected: readonly number[]): Estimate {
  const whole = expected.reduce((sum, duration) => sum + duration, 0);
  let ended = 0;
  let planned = 0;
  let measured = 0;
  return {
    note(duration, took) {
      ended++;
      planned += duration;
      measured += took;
    },
    read(elapsed) {
      const trusted = TRUST * whole;
      const ratio = planned + trusted === 0 ? 1 : (measured + trusted) / (planned + trusted);
      // One trial cannot be shared among workers.
      const busy = Math.max(1, Math.min(workers, expected.length - ended));
      return {
        perHour: ended === 0 || elapsed <= 0 ? undefined : (ended * 3_600_000) / elapsed,
        left: (Math.max(0, whole - planned) * ratio) / busy,
      };
    },
  };
}
