import type { EbuildFacts } from '../../ebuild/ebuild-facts.ts';
import type { Finding } from '../finding.ts';
import type { EbuildIdentity } from '../subject.ts';
import { readIgnoreComments } from './ignore-comment.ts';
import { namesExactly } from './ignore-file.ts';
import { type IgnoreRule, isAboutTrial } from './ignore-rule.ts';
import { type Silencing, silence } from './silence.ts';

/** What has been looked for in a text. */
export interface Looked {
  /** Whether the repositories are known as a whole, so that nothing was left unsaid for want of knowledge. */
  readonly repositories: boolean;
  /** Whether pkgcheck has scanned this very text. */
  readonly pkgcheck: boolean;
}

/**
 * Leaves out of the findings of a text, pkgcheck's among them, what the ebuild or its repository ignores, and adds what is wrong with the
 * comments that say so. What they say of trials is not looked at. Total.
 *
 * @param repositoryRules the rules of the ebuild's repository that are about it
 * @param identity undefined for a text that is in no repository yet
 */
export function silenceStatic(
  facts: EbuildFacts,
  found: readonly Finding[],
  repositoryRules: readonly IgnoreRule[],
  identity: EbuildIdentity | undefined,
  looked: Looked,
): Silencing {
  const comments = readIgnoreComments(facts);
  const rules = [...comments.rules, ...repositoryRules].filter((rule) => !isAboutTrial(rule));
  return silence(
    facts,
    // No rule silences what is wrong with a comment.
    [...found, ...comments.problems],
    rules,
    (rule) => (identity === undefined || namesExactly(rule, identity)) && isJudged(rule, looked),
  );
}

function isJudged({ code }: IgnoreRule, { repositories, pkgcheck }: Looked): boolean {
  if (code.startsWith('pkgcheck:')) return pkgcheck;
  return code === 'invalid-atom' || code === 'duplicate-atom' || repositories;
}
