/**
 * The new findings of a review as commands that GitHub Actions turns into annotations
 * (https://docs.github.com/actions/reference/workflow-commands-for-github-actions). Forgejo Actions shows them in its log.
 */
import { showText } from '../../errors/visible-text.ts';
import { placeAt } from '../../page/line-index.ts';
import type { Review } from '../../review/review.ts';
import type { ReviewSetting } from './report.ts';
import { listResults, messageLines, type ReviewResult } from './review-result.ts';
import { describeLeftOut, describeTrials, headline, type ReviewNote } from './review-sentences.ts';

type Command = 'error' | 'warning' | 'notice';

const COMMANDS: Readonly<Record<ReviewResult['finding']['severity'], Command>> = {
  error: 'error',
  warning: 'warning',
  information: 'notice',
  hint: 'notice',
};

/** Formats one command a line: the new findings, the most severe first, then what else a review says. */
export function formatGithub(review: Review, { now, why }: ReviewSetting): string {
  return [
    ...listResults(review).map((result) => describeResult(result, why)),
    ...review.ebuilds.flatMap((ebuild) =>
      joinImageNotes(describeTrials(ebuild, now())).map(({ title, text }) =>
        writeCommand(title === 'not judged' ? 'warning' : 'notice', { file: ebuild.path, title }, text),
      ),
    ),
    ...[headline(review), ...describeLeftOut(review)].map((sentence) =>
      writeCommand('notice', { title: 'Ebuild Audit' }, sentence),
    ),
  ].join('\n');
}

/** Joins what is said about the image, because GitHub shows ten notices of a step. */
function joinImageNotes(notes: readonly ReviewNote[]): { readonly title: string; readonly text: string }[] {
  const ofImage = notes.filter(({ isOfImage }) => isOfImage);
  const image = ofImage.map(({ label, text }) => `${label}: ${text}`).join('\n');
  const others = notes.filter(({ isOfImage }) => !isOfImage);
  return [
    ...(ofImage.length === 0 ? [] : [{ title: 'installed files', text: image }]),
    ...others.map(({ label, text }) => ({ title: label === '' ? 'Ebuild Audit' : label, text })),
  ];
}

function describeResult({ path, text, finding }: ReviewResult, why: boolean): string {
  const start = placeAt(text, finding.range.start);
  const end = placeAt(text, finding.range.end);
  const fix = finding.fix === undefined ? [] : [`fix: ${showText(finding.fix.title)}`];
  return writeCommand(
    COMMANDS[finding.severity],
    {
      file: path,
      line: start.line,
      endLine: end.line,
      // GitHub refuses columns of more than one line.
      ...(start.line === end.line && { col: start.column, endColumn: end.column }),
      title: finding.code,
    },
    [...messageLines(finding, why), ...fix].join('\n'),
  );
}

/** Writes a command as GitHub's toolkit does: what would end a value is escaped. */
function writeCommand(
  command: Command,
  properties: Readonly<Record<string, string | number>>,
  message: string,
): string {
  const pairs = Object.entries(properties).map(([name, value]) => `${name}=${escapeProperty(`${value}`)}`);
  return `::${command} ${pairs.join(',')}::${escapeData(message)}`;
}

function escapeData(text: string): string {
  // A carriage return is not seen, so it has been written as text.
  return showText(text).replaceAll('%', '%25').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
