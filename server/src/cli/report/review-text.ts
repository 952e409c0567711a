import type { Colors } from 'picocolors/types';
import { showLine } from '../../errors/visible-text.ts';
import type { Review, ReviewedEbuild } from '../../review/review.ts';
import { formatFinding } from './finding-text.ts';
import type { ReportSetting } from './report.ts';
import {
  describeLeftOut,
  describeOrigin,
  describeTrials,
  formatShort,
  headline,
  listCodes,
  type ReviewNote,
} from './review-sentences.ts';

/** Formats a review for people: a line that counts, and for each ebuild what is new, what is fixed, and one line for the rest. */
export function formatReview(
  review: Review,
  { colors, why, now }: Pick<ReportSetting, 'colors' | 'why' | 'now'>,
): string {
  const { ebuilds } = review;
  const notes = describeLeftOut(review);
  if (ebuilds.length === 0) return [headline(review), ...notes].join('\n');
  const sections = ebuilds.map((ebuild) => formatEbuild(ebuild, { colors, why, now }));
  const left = notes.length === 0 ? [] : [notes.join('\n')];
  return [colors.bold(headline(review)), ...sections, ...left].join('\n\n');
}

function formatEbuild(
  ebuild: ReviewedEbuild,
  { colors, why, now }: Pick<ReportSetting, 'colors' | 'why' | 'now'>,
): string {
  const { path, added, fixed, unchanged, known = [], after } = ebuild;
  const style = { colors, why, shown: new Set<string>() };
  const rest = [
    ...fixed.map((finding) => `  ${colors.green('fixed')} ${formatShort(finding)}`),
    ...(unchanged.length === 0 ? [] : [`  unchanged: ${listCodes(unchanged)}`]),
    ...(known.length === 0 ? [] : [`  in the baseline: ${listCodes(known)}`]),
    ...describeTrials(ebuild, now()).map((note) => formatNote(note, colors)),
    ...(added.length + fixed.length + unchanged.length + known.length === 0 && ebuild.isJudged
      ? ['  no findings']
      : []),
  ];
  return [
    `${colors.bold(showLine(path))} (${describeOrigin(ebuild)})`,
    ...added.map((finding) => formatFinding(path, after.text, finding, style)),
    ...rest,
  ].join('\n');
}

function formatNote({ label, text }: ReviewNote, colors: Colors): string {
  if (label === '') return `  ${text}`;
  return `  ${label === 'not judged' ? colors.red(label) : label}: ${text}`;
}
