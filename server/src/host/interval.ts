/** A time since which files must not have changed. */
export interface Interval {
  /** Its beginning in milliseconds since the epoch, as the kernel stamps files. */
  readonly start: number;
  /**
   * Whether nothing that changed at a time, in milliseconds since the epoch, changed since the beginning. If the clock was set since then,
   * times of files say nothing, and it is never sure.
   */
  isBefore(changed: number): boolean;
}

/** Greatest age in milliseconds of the clock tick with which the kernel stamps files (CLOCK_REALTIME_COARSE, clock_getres(2)). */
const CLOCK_TICK_MS = 10;

/** Milliseconds by which the two clocks may differ: a clock that is slewed gains or loses half a second in a thousand (adjtimex(2)). */
const MOST_DRIFT_MS = 200;
const SLEWED = 0.001;

/**
 * Begins an interval.
 *
 * @param wall milliseconds since the epoch
 * @param steady milliseconds of a clock that cannot be set
 */
export function beginInterval(
  wall: () => number = Date.now,
  steady: () => number = () => performance.now(),
): Interval {
  const start = wall();
  const steadyStart = steady();
  return {
    start,
    isBefore(changed) {
      const passed = steady() - steadyStart;
      const isSet = Math.abs(wall() - start - passed) > MOST_DRIFT_MS + passed * SLEWED;
      return !isSet && changed <= start - CLOCK_TICK_MS;
    },
  };
}
