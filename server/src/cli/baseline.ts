import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Finding, SilencedFinding } from '../audit/finding.ts';
import type { Looked } from '../audit/silencing/silence-static.ts';
import { repositoryFolder } from '../repository/ebuild-location.ts';
import {
  type BaselineSummary,
  findStale,
  isLookedForInText,
  isLookedForInTrial,
  type KnownFinding,
  renewBaseline,
  type SeenFindings,
  selectKnown,
  toKnownPath,
} from '../review/baseline.ts';
import type { Review, ReviewedEbuild } from '../review/review.ts';
import { findBaseline, readBaseline, writeBaseline } from './baseline-file.ts';
import { demandOutput } from './output-file.ts';
import type { TrialResult } from './report/report.ts';

export interface BaselineFlags {
  readonly baseline?: string;
  readonly writeBaseline?: string;
}

/** The known findings of one command. They are reported as silenced; a review has them apart. */
export interface Baseline {
  /** Moves known findings of an ebuild to those that are silenced. Total. */
  hide<T extends Judged>(path: string, judged: T): T;
  /** Takes the result of a check of an ebuild that was reported; a later one replaces it. */
  noteCheck(path: string, judged: Judged, looked: Looked): void;
  /** The same for a trial. */
  noteTrial(path: string, result: Pick<TrialResult, 'record' | 'verdict'>): void;
  /**
   * Moves known findings of a review to `known`, and sums up as {@link finish} does.
   *
   * @param top the clone
   * @param isComplete whether the repositories are known completely
   */
  applyTo(review: Review, top: string, isComplete: boolean): Review;
  /** Sums up when all ebuilds have been noted, and writes the file if that was asked for. @throws UserError */
  finish(): BaselineSummary;
}

interface Judged {
  readonly findings: readonly Finding[];
  readonly silenced?: readonly SilencedFinding[];
}

const REASON = 'known finding';

/**
 * Opens the baseline that the user has named.
 *
 * @returns undefined if there is none
 * @throws UserError if the file is missing, damaged or cannot be written
 */
export function openBaseline({ baseline, writeBaseline: written }: BaselineFlags): Baseline | undefined {
  if (written !== undefined) {
    demandOutput(written);
    return createBaseline(written, findBaseline(written) ?? [], true);
  }
  return baseline === undefined ? undefined : createBaseline(baseline, readBaseline(baseline), false);
}

/** @param isRenewed whether every finding becomes known, and the file is written */
function createBaseline(name: string, entries: readonly KnownFinding[], isRenewed: boolean): Baseline {
  const byFile = new Map<string, KnownFinding[]>();
  for (const known of entries) byFile.set(known.file, [...(byFile.get(known.file) ?? []), known]);
  const seen = new Map<string, SeenFindings & { readonly hidden: number }>();
  const repositories = new Set<string>();
  const isGone = (file: string) =>
    repositories.size > 0 && ![...repositories].some((repository) => existsSync(join(repository, file)));
  const select = (path: string, findings: readonly Finding[], taken: readonly Finding[] = []) => {
    const file = toKnownPath(path);
    return isRenewed ? new Set(findings) : selectKnown(byFile.get(file) ?? [], file, findings, taken);
  };
  const note = (path: string, judged: SeenFindings & { readonly hidden: number }) => {
    repositories.add(repositoryFolder(resolve(path)));
    seen.set(toKnownPath(resolve(path)), judged);
  };
  const noteJudged = (path: string, judged: Judged, rest: Omit<SeenFindings, 'findings'>) => {
    const hidden = (judged.silenced ?? []).filter(({ place, reason }) => place === name && reason === REASON);
    const findings = [...judged.findings, ...hidden.map(({ finding }) => finding)];
    note(path, { findings, hidden: hidden.length, ...rest });
  };
  const finish = (): BaselineSummary => {
    const hidden = [...seen.values()].reduce((sum, ebuild) => sum + ebuild.hidden, 0);
    if (!isRenewed) return { name, hidden, stale: findStale(entries, seen, isGone) };
    const renewed = renewBaseline(entries, seen, isGone);
    writeBaseline(name, renewed);
    const written = renewed.reduce((sum, { count }) => sum + count, 0);
    return { name, hidden, stale: [], written };
  };
  return {
    hide(path, judged) {
      const known = select(resolve(path), judged.findings);
      if (known.size === 0) return judged;
      const hidden = [...known].map((finding) => ({ finding, reason: REASON, place: name }));
      return {
        ...judged,
        findings: judged.findings.filter((finding) => !known.has(finding)),
        silenced: [...(judged.silenced ?? []), ...hidden],
      };
    },
    noteCheck: (path, judged, looked) =>
      noteJudged(path, judged, {
        hasStates: false,
        isLookedFor: (known) => isLookedForInText(known, looked),
      }),
    noteTrial: (path, { record, verdict }) =>
      noteJudged(path, verdict, {
        hasStates: record.variants.length > 0,
        isLookedFor: (known) => isLookedForInTrial(known, record, verdict),
      }),
    applyTo(review, top, isComplete) {
      const ebuilds = review.ebuilds.map((ebuild) => {
        const known = select(ebuild.path, ebuild.added, ebuild.unchanged);
        const findings = [...ebuild.unchanged, ...ebuild.added];
        const { trial } = ebuild.after;
        note(join(top, ebuild.path), {
          findings,
          hidden: known.size,
          hasStates: trial.kind === 'done' && trial.record.variants.length > 0,
          isLookedFor: (finding) => isLookedForInReview(ebuild, finding, isComplete),
        });
        if (known.size === 0) return ebuild;
        return {
          ...ebuild,
          added: ebuild.added.filter((finding) => !known.has(finding)),
          known: [...known],
        };
      });
      return { ...review, ebuilds, baseline: finish() };
    },
    finish,
  };
}

function isLookedForInReview(
  { after: { text, trial } }: ReviewedEbuild,
  known: KnownFinding,
  isComplete: boolean,
): boolean {
  if (isLookedForInText(known, { repositories: isComplete, pkgcheck: false })) return text !== '';
  return trial.kind === 'done' && isLookedForInTrial(known, trial.record, trial.verdict);
}
