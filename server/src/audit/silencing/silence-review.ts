import type { EbuildFacts } from '../../ebuild/ebuild-facts.ts';
import type { Finding } from '../finding.ts';
import { readIgnoreComments } from './ignore-comment.ts';
import { type IgnoreRule, isAboutReview } from './ignore-rule.ts';
import { silence } from './silence.ts';

/**
 * Removes the findings about a change that the ebuild or its repository ignores. No rule is stale, because the next change may give the
 * finding again. Total.
 *
 * @param facts of the text at the head
 * @param repositoryRules the rules of the ebuild's repository that apply to it
 * @returns in the order of the text
 */
export function silenceReview(
  facts: EbuildFacts,
  found: readonly Finding[],
  repositoryRules: readonly IgnoreRule[],
): readonly Finding[] {
  const rules = [...readIgnoreComments(facts).rules, ...repositoryRules].filter(isAboutReview);
  return silence(facts, found, rules, () => false).findings;
}
