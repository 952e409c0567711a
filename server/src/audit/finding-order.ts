import type { Finding } from './finding.ts';

/** Findings in the order of the text; those of one place stay as they are. */
export function inTextOrder(findings: readonly Finding[]): readonly Finding[] {
  return [...findings].sort(
    (left, right) => left.range.start - right.range.start || left.range.end - right.range.end,
  );
}
