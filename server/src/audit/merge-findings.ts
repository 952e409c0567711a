import type { Finding } from './finding.ts';
import { inTextOrder } from './finding-order.ts';

/**
 * The findings of the text and of a trial as one list in the order of the text, without what both say. That a package is not installed is
 * left out where it is known not to exist.
 */
export function mergeFindings(
  statically: readonly Finding[],
  judged: readonly Finding[],
): readonly Finding[] {
  const unknown = new Set(statically.filter(({ code }) => code.startsWith('unknown-')).map(placeOf));
  const known = new Set(statically.map(identify));
  const more = judged.filter(
    (finding) =>
      !known.has(identify(finding)) && !(finding.code === 'not-installed' && unknown.has(placeOf(finding))),
  );
  return inTextOrder([...statically, ...more]);
}

/** The same code about the same package at the same place is the same finding, however its sentence is written. */
function identify(finding: Finding): string {
  return `${placeOf(finding)} ${finding.code} ${finding.about.join(' ')}`;
}

function placeOf({ range }: Finding): string {
  return `${range.start} ${range.end}`;
}
