import type { EbuildFacts } from '../../ebuild/ebuild-facts.ts';
import type { Finding } from '../finding.ts';
import type { EbuildIdentity } from '../subject.ts';
import { readIgnoreComments } from './ignore-comment.ts';
import { namesExactly } from './ignore-file.ts';
import { type IgnoreRule, isAboutText } from './ignore-rule.ts';
import { type Silencing, silence } from './silence.ts';

/** The checks that a text has been through. */
export interface Looked {
  /** Whether the repositories are known completely, so that no finding is missing for lack of knowledge. */
  readonly repositories: boolean;
  /** Whether pkgcheck has scanned exactly this text. */
  readonly pkgcheck: boolean;
}

/**
 * Removes the findings of a text, including those of pkgcheck, that the ebuild or its repository ignores, and adds
 * findings about invalid ignore comments. Rules about trials and reviews are skipped. Total.
 *
 * @param repositoryRules the rules of the ebuild's repository that apply to it
 * @param identity undefined for a text that is not in a repository yet
 */
export function silenceStatic(
  facts: EbuildFacts,
  found: readonly Finding[],
  repositoryRules: readonly IgnoreRule[],
  identity: EbuildIdentity | undefined,
  looked: Looked,
): Silencing {
  const comments = readIgnoreComments(facts);
  const rules = [...comments.rules, ...repositoryRules].filter(isAboutText);
  return silence(
    facts,
    // No rule silences a finding about a comment.
    [...found, ...comments.problems],
    rules,
    (rule) => (identity === undefined || namesExactly(rule, identity)) && isJudged(rule, looked),
  );
}

/** The codes of findings that the text alone gives. */
const READ_ALONE: ReadonlySet<string> = new Set([
  'duplicate-atom',
  'ignored-variable',
  'invalid-atom',
  'invalid-eapi',
  'syntax-error',
]);

/** Whether these checks give the findings that a rule names, if there are any. */
export function isJudged({ code }: Pick<IgnoreRule, 'code'>, { repositories, pkgcheck }: Looked): boolean {
  if (code.startsWith('pkgcheck:')) return pkgcheck;
  // A trial may give it where the text does not, and another machine where this one does not.
  if (code === 'inherited-atom' || code === 'eclass-not-here') return false;
  return READ_ALONE.has(code) || repositories;
}
