import type { Finding, SilencedFinding, Verdict } from '../audit/finding.ts';
import type { Probe, TrialRecord } from '../audit/record.ts';
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
  readonly silenced: readonly unknown[];
  /** What the build looked for and did without; null where it was not asked for. */
  readonly probes: readonly unknown[] | null;
  readonly gaps: readonly string[];
  readonly log: string;
  /** When the trial ended whose stored record answered, in ISO 8601; null: the trial has just been run. */
  readonly storedAt: string | null;
  /** The second trial, when `--verify` asked for one and there was something to verify. */
  readonly verification: JsonReport | null;
}

/** @param withProbes whether what was only looked for is listed */
export function describeAsJson(
  file: string,
  text: string,
  record: TrialRecord,
  verdict: Pick<Verdict, 'findings' | 'silenced'>,
  withProbes: boolean,
  verification: JsonReport | null,
): JsonReport {
  return {
    format: 1,
    file,
    package: `${record.category}/${record.packageAndVersion}`,
    packageManager: record.packageManager,
    outcome: record.outcome,
    failure: record.failure ?? null,
    findings: verdict.findings.map((finding) => describeFinding(text, finding)),
    silenced: describeSilenced(text, verdict.silenced ?? []),
    probes: withProbes ? record.probes.map(describeProbe) : null,
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
    why: finding.why ?? null,
    fix: finding.fix ?? null,
    alternatives: finding.alternatives ?? [],
  };
}

/** What the ebuild or its repository ignores, as both commands report it. */
export function describeSilenced(text: string, silenced: readonly SilencedFinding[]) {
  return silenced.map(({ finding, reason, place }) => ({
    code: finding.code,
    message: finding.message,
    range: { start: placeAt(text, finding.range.start), end: placeAt(text, finding.range.end) },
    reason,
    place,
  }));
}

function describeProbe({ package: { category, name, version }, atom, effect, evidence }: Probe) {
  return { package: `${category}/${name}-${version}`, atom, effect, evidence };
}

/** JSON leaves DEL and the C1 controls as they are; a terminal that a report is shown on may obey them. */
export function formatJson(report: unknown): string {
  return JSON.stringify(report, undefined, 2).replaceAll(
    /[\u007f-\u009f]/g,
    (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
