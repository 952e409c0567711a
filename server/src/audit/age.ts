const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * Prints how long ago something was, e.g. `3 hours ago`.
 *
 * @param then,now milliseconds since the epoch; a `then` in the future, as after a clock was put back, counts as now
 */
export function printAge(then: number, now: number): string {
  const age = now - then;
  for (const [unit, length] of [
    ['day', DAY],
    ['hour', HOUR],
    ['minute', MINUTE],
  ] as const) {
    const count = Math.floor(age / length);
    if (count > 0) return `${count} ${unit}${count === 1 ? '' : 's'} ago`;
  }
  return 'a moment ago';
}
