import { createHash } from 'node:crypto';
import type { Finding, Fix } from '../../audit/finding.ts';
import { chainOf } from '../../audit/finding-chain.ts';
import { showLine } from '../../errors/visible-text.ts';
import { identifyFinding } from '../../review/compare-findings.ts';
import type { Review, ReviewedEbuild } from '../../review/review.ts';
import { LINK_LABELS } from './finding-text.ts';

/** A new finding, as the forms for other programs report it. */
export interface ReviewResult {
  /** Of the ebuild at the head, below the top folder of git. */
  readonly path: string;
  /** The text of the ebuild at the head. */
  readonly text: string;
  readonly finding: Finding;
  /** The same for the same finding, wherever its lines move. */
  readonly fingerprint: string;
}

const SEVERITIES = ['error', 'warning', 'information', 'hint'] as const;

/** Lists the new findings of a review, the most severe first, because programs have limits. */
export function listResults({ ebuilds }: Review): readonly ReviewResult[] {
  return ebuilds
    .flatMap(listNew)
    .sort(
      (left, right) => SEVERITIES.indexOf(left.finding.severity) - SEVERITIES.indexOf(right.finding.severity),
    );
}

function listNew({ path, after, added, unchanged, known = [] }: ReviewedEbuild): ReviewResult[] {
  const counts = new Map<string, number>();
  // Those that are not new count first: a new one that is like them must not take their number.
  const results = [...unchanged, ...known, ...added].map((finding): ReviewResult => {
    const identity = createHash('sha256').update(identifyFinding(finding)).digest('hex').slice(0, 16);
    const count = (counts.get(identity) ?? 0) + 1;
    counts.set(identity, count);
    return { path, text: after.text, finding, fingerprint: `${identity}:${count}` };
  });
  return results.slice(unchanged.length + known.length);
}

/** More evidence would hide the message; the whole chain has it. */
const MAX_EVIDENCE = 5;

/**
 * The message of a finding, and a line for each of the first accesses that show it. Every character of it can be seen.
 *
 * @param why whether to give the whole chain instead
 */
export function messageLines(finding: Finding, why: boolean): readonly string[] {
  const chain = chainOf(finding);
  const links = why ? chain : chain.filter(({ kind }) => kind === 'seen').slice(0, MAX_EVIDENCE);
  return [finding.message, ...links.map(({ kind, text }) => `${LINK_LABELS[kind]}${text}`)].map(showLine);
}

/** The fix of a finding, if it has one, and then the alternatives that change something. */
export function fixesOf({ fix, alternatives = [] }: Finding): readonly Fix[] {
  return [...(fix === undefined ? [] : [fix]), ...alternatives].filter(({ edits }) => edits.length > 0);
}
