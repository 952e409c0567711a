import { median, quantile } from '../table.ts';

/** The median with the quartiles behind it, e.g. `1.05 (1.03–1.08)`. */
export function printQuartiles(values: readonly number[], digits: number): string {
  const [low = '', high = ''] = [0.25, 0.75].map((share) => quantile(values, share).toFixed(digits));
  return `${median(values).toFixed(digits)} (${low}–${high})`;
}
