import type { Finding } from '../audit/finding.ts';

/** Exit codes of the commands, documented in docs/command-line.md. */
export const CLEAN = 0;
export const FINDINGS = 1;
export const COULD_NOT_RUN = 2;

/** Whether one of the findings is an error or a warning. Hints and information do not make a check fail. */
export function hasFault(findings: readonly Finding[]): boolean {
  return findings.some(({ severity }) => severity === 'error' || severity === 'warning');
}
