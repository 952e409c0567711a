import type { Finding } from './finding.ts';

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
  return [...statically, ...more].sort((left, right) => left.range.start - right.range.start);
}

function identify(finding: Finding): string {
  return `${placeOf(finding)} ${finding.code} ${finding.message}`;
}

function placeOf({ range }: Finding): string {
  return `${range.start} ${range.end}`;
}
