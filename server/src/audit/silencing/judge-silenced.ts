import type { EbuildFacts } from '../../ebuild/ebuild-facts.ts';
import type { Finding, Verdict } from '../finding.ts';
import { judge } from '../judge.ts';
import type { TrialRecord } from '../record.ts';
import { showFinding } from '../shown-finding.ts';
import { isTextOf, proposeIgnore, readIgnoreComments } from './ignore-comment.ts';
import { namesExactly } from './ignore-file.ts';
import { type IgnoreRule, isAboutTrial } from './ignore-rule.ts';
import { hasJudged } from './judged-codes.ts';
import { silence } from './silence.ts';

/**
 * Judges a record as {@link judge} does, and removes the findings that the ebuild or its repository ignores. A
 * finding that is not an error gets an alternative that ignores it. Total. Takes milliseconds.
 *
 * @param repositoryRules the rules of the ebuild's repository that apply to it
 */
export function judgeSilenced(
  record: TrialRecord,
  facts: EbuildFacts,
  repositoryRules: readonly IgnoreRule[],
): Verdict {
  const isBuilt = isTextOf(record, facts);
  const judged = judge(isBuilt ? { ...record, text: facts.text } : record, facts);
  const isFinal = isBuilt && record.outcome === 'passed';
  const rules = [...readIgnoreComments(facts).rules, ...repositoryRules].filter(isAboutTrial);
  const { findings, silenced } = silence(
    facts,
    judged.findings,
    rules,
    (rule) => isFinal && namesExactly(rule, record) && hasJudged(record, rule),
  );
  return {
    findings: findings.map((finding) => offerIgnore(facts, finding)),
    silenced,
    state: judged.state,
    isBuilt,
  };
}

function offerIgnore(facts: EbuildFacts, finding: Finding): Finding {
  if (finding.severity === 'error' || finding.code === 'stale-ignore') return finding;
  const alternatives = [...(finding.alternatives ?? []), proposeIgnore(facts, finding)];
  return showFinding({ ...finding, alternatives }, facts.text);
}
