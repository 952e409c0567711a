import type { Finding } from './finding.ts';
import { inTextOrder } from './finding-order.ts';

/**
 * Merges the findings of the text and of a trial into one list in the order of the text, without duplicates.
 * `not-installed` is left out for a package that is known not to exist.
 */
export function mergeFindings(
  statically: readonly Finding[],
  judged: readonly Finding[],
): readonly Finding[] {
  if (judged.length === 0) return inTextOrder(statically);
  const unknown = new Set(statically.filter(({ code }) => code.startsWith('unknown-')).map(placeOf));
  const known = new Set(statically.map(identify));
  const more = judged.filter(
    (finding) =>
      !known.has(identify(finding)) && !(finding.code === 'not-installed' && unknown.has(placeOf(finding))),
  );
  return inTextOrder([...statically, ...more]);
}

/** Findings with the same code, package and place are the same, even if their messages differ. */
function identify(finding: Finding): string {
  return `${placeOf(finding)} ${finding.code} ${finding.about.join(' ')}`;
}

function placeOf({ range }: Finding): string {
  return `${range.start} ${range.end}`;
}
