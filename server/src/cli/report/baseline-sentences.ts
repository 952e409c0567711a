import { showLine } from '../../errors/visible-text.ts';
import type { BaselineSummary, StaleFinding } from '../../review/baseline.ts';
import { countOf } from './count-of.ts';

/** More would hide the rest of a report. */
const MOST_NAMED = 20;

/** What a run says about a baseline: how many findings it hides, and what can go. One sentence each. */
export function describeBaseline({ name, hidden, stale, written }: BaselineSummary): string[] {
  const known = `${countOf(hidden, 'known finding')} ${hidden === 1 ? 'is' : 'are'} hidden`;
  if (written !== undefined) return [showLine(`${known}; ${name} now lists ${written}.`)];
  const more = stale.length - MOST_NAMED;
  return [
    `${known} by ${name}.`,
    ...stale
      .slice(0, MOST_NAMED)
      .map((gone) => `${describeStale(gone)}: remove it from ${name}, or use --write-baseline.`),
    ...(more > 0 ? [`${more} more of ${name} are gone: use --write-baseline to remove them.`] : []),
  ].map(showLine);
}

function describeStale({ file, code, about, count, left, reason }: StaleFinding): string {
  const what = `${code} in ${file}${about === '' ? '' : ` (${about})`}`;
  if (reason === 'ebuild-gone') return `${what} is gone with its ebuild`;
  return left === 0 ? `${what} is gone` : `${what} is there only ${left} of ${countOf(count, 'time')}`;
}
