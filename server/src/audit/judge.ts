import type { EbuildFacts } from '../ebuild/facts.ts';
import type { Finding, Verdict } from './finding.ts';
import { findMissingBdepend } from './findings/missing-bdepend.ts';
import { findMissingDepend } from './findings/missing-depend.ts';
import { findMissingRdepend } from './findings/missing-rdepend.ts';
import { findNotInstalled } from './findings/not-installed.ts';
import type { TrialRecord } from './record.ts';

const RULES: readonly ((record: TrialRecord, facts: EbuildFacts) => Finding[])[] = [
  findNotInstalled,
  findMissingBdepend,
  findMissingDepend,
  findMissingRdepend,
];

/**
 * Judges what a trial saw against a text of its ebuild, which may be a later one than was built. Takes milliseconds, so
 * that every edit is judged as it is made.
 */
export function judge(record: TrialRecord, facts: EbuildFacts): Verdict {
  const findings = RULES.flatMap((rule) => rule(record, facts));
  findings.sort((a, b) => a.range.start - b.range.start);
  const unexplained = record.outcome === 'failed' && findings.length === 0;
  const verified = record.outcome !== 'running' && facts.text === record.text && !unexplained;
  return { findings, state: verified ? 'verified' : 'not-verified' };
}
