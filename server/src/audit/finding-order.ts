import type { Finding } from './finding.ts';

/** Sorts findings by their place in the text; findings at the same place keep their order. */
export function inTextOrder(findings: readonly Finding[]): readonly Finding[] {
  return [...findings].sort(
    (left, right) => left.range.start - right.range.start || left.range.end - right.range.end,
  );
}
