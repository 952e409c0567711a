import type { Finding } from '../audit/finding.ts';
import type { TrialRecord } from '../audit/record.ts';
import { placeAt } from './line-index.ts';

/** The form of `--format json`; `format` is raised when a key changes its meaning. Described in docs/command-line.md. */
export interface JsonReport {
  readonly format: 1;
  readonly file: string;
  readonly package: string;
  readonly packageManager: string;
  readonly outcome: TrialRecord['outcome'];
  readonly failure: TrialRecord['failure'] | null;
  readonly findings: readonly unknown[];
  readonly gaps: readonly string[];
  readonly log: string;
  /** When the trial ended whose stored record answered, in ISO 8601; null: the trial has just been run. */
  readonly storedAt: string | null;
  /** The second trial, when `--verify` asked for one and there was something to verify. */
  readonly verification: JsonReport | null;
}

export function describeAsJson(
  file: string,
  text: string,
  record: TrialRecord,
  findings: readonly Finding[],
  verification: JsonReport | null,
): JsonReport {
  return {
    format: 1,
    file,
    package: `${record.category}/${record.packageAndVersion}`,
    packageManager: record.packageManager,
    outcome: record.outcome,
    failure: record.failure ?? null,
    findings: findings.map((finding) => describeFinding(text, finding)),
    gaps: record.gaps,
    log: record.log,
    storedAt: record.storedAt === undefined ? null : new Date(record.storedAt).toISOString(),
    verification,
  };
}

/** One finding as both commands report it. */
export function describeFinding(text: string, finding: Finding) {
  return {
    code: finding.code,
    severity: finding.severity,
    message: finding.message,
    range: { start: placeAt(text, finding.range.start), end: placeAt(text, finding.range.end) },
    evidence: finding.evidence,
    fix: finding.fix ?? null,
  };
}

/** JSON leaves DEL and the C1 controls as they are; a terminal that a report is shown on may obey them. */
export function formatJson(report: unknown): string {
  return JSON.stringify(report, undefined, 2).replaceAll(
    /[\u007f-\u009f]/g,
    (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
