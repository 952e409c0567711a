/** The review as Markdown for a comment or a job summary on GitHub or Codeberg (Forgejo). */
import picocolors from 'picocolors';
import type { Finding, Fix } from '../../audit/finding.ts';
import { addressOf } from '../../audit/finding-address.ts';
import { applyEdits } from '../../ebuild/text-edit.ts';
import { isSeen, showLine } from '../../errors/visible-text.ts';
import { cutText } from '../../page/cut-text.ts';
import { placeAt } from '../../page/line-index.ts';
import { toCode, toCodeBlock, toHtml, toMarkdown } from '../../page/markdown-text.ts';
import { formatDiff } from '../../page/text-diff.ts';
import type { Review, ReviewedEbuild } from '../../review/review.ts';
import { countOf } from './count-of.ts';
import type { ReviewSetting } from './report.ts';
import { messageLines } from './review-result.ts';
import { describeLeftOut, describeOrigin, describeTrials, headline } from './review-sentences.ts';
import { toWholeLines } from './whole-lines.ts';

/** The length of a comment on GitHub, in UTF-16 units; a line break may be added at its end. */
export const LONGEST_COMMENT = 65_536 - 1;
/** The length of a line about a finding, in UTF-16 units. */
const LONGEST_LINE = 2000;
/** The length of a block with an edit, in UTF-16 units. */
const LONGEST_BLOCK = 8000;
/** Room for what ends a text that is cut. */
const ENDING = 400;

/** A paragraph of an ebuild's section. */
interface Piece {
  readonly kind: 'new' | 'fixed' | 'note';
  readonly text: string;
}

interface Section {
  readonly opening: string;
  readonly pieces: readonly Piece[];
}

const CLOSING = '</details>';

/** Formats a review, cut between two findings if it is too long for a comment. */
export function formatMarkdown(review: Review, setting: ReviewSetting): string {
  const first = review.ebuilds.length === 0 ? toMarkdown(headline(review)) : headline(review);
  const sections = review.ebuilds.map((ebuild) => describeEbuild(ebuild, setting));
  const notes = describeLeftOut(review).map((sentence) => toMarkdown(cutText(sentence, LONGEST_LINE)));
  const end = notes.join('\n\n').length > ENDING * 4 ? [] : notes;
  const blocks = [first];
  let length = [first, ...end].join('\n\n').length;
  const add = (text: string) => {
    length += text.length + 2;
    blocks.push(text);
  };
  const fits = (text: string) => length + text.length + 2 + CLOSING.length + 2 + ENDING <= LONGEST_COMMENT;
  const left: Piece[] = [];
  for (const { opening, pieces } of sections) {
    const [piece] = pieces;
    if (left.length > 0 || !fits(`${opening}\n\n${piece?.text ?? ''}`)) {
      left.push(...pieces);
      continue;
    }
    add(opening);
    for (const next of pieces) {
      if (left.length === 0 && fits(next.text)) add(next.text);
      else left.push(next);
    }
    add(CLOSING);
  }
  return [...blocks, ...describeCut(left), ...end].join('\n\n');
}

function describeCut(left: readonly Piece[]): string[] {
  if (left.length === 0) return [];
  const count = (kind: Piece['kind']) => left.filter((piece) => piece.kind === kind).length;
  const findings = `${countOf(count('new'), 'new finding')} and ${countOf(count('fixed'), 'fixed one')}`;
  return [`${findings} are left out, because a comment has no more room: run the review to see them.`];
}

function describeEbuild(ebuild: ReviewedEbuild, { now, why }: ReviewSetting): Section {
  const { path, added, fixed, unchanged, before, after } = ebuild;
  const counts = [
    `${added.length} new`,
    `${fixed.length} fixed`,
    `${unchanged.length} unchanged`,
    ...(ebuild.isJudged ? [] : ['not judged']),
  ].join(', ');
  const origin = toHtml(cutText(describeOrigin(ebuild), LONGEST_LINE));
  const name = toHtml(cutText(showLine(path), LONGEST_LINE));
  return {
    opening: `<details>\n<summary>${name} (${origin}): ${counts}</summary>`,
    pieces: [
      ...added.map((finding): Piece => ({ kind: 'new', text: describeNew(path, after.text, finding, why) })),
      ...fixed.map(
        (finding): Piece => ({
          kind: 'fixed',
          text: `Fixed: ${describeHead(before?.text ?? '', finding)}: ${toLine(finding.message)}`,
        }),
      ),
      ...describeTrials(ebuild, now()).map(
        ({ label, text }): Piece => ({
          kind: 'note',
          text: `${label === '' ? '' : `${capitalize(label)}: `}${toLine(text)}`,
        }),
      ),
    ],
  };
}

function describeHead(text: string, finding: Finding): string {
  const { line } = placeAt(text, finding.range.start);
  return `**${finding.severity}** [${toCode(finding.code)}](${addressOf(finding)}), line ${line}`;
}

function describeNew(path: string, text: string, finding: Finding, why: boolean): string {
  const [message = '', ...chain] = messageLines(finding, why).map(toLine);
  const evidence = chain.map((link) => `- ${link}`).join('\n');
  return [
    `${describeHead(text, finding)}: ${message}`,
    ...(evidence === '' || evidence.length > LONGEST_BLOCK ? [] : [evidence]),
    ...(finding.fix === undefined ? [] : [describeFix(path, text, finding.fix)]),
    ...(finding.alternatives ?? []).map(({ title }) => `Or: ${toLine(title)}.`),
  ].join('\n\n');
}

/** The edit as GitHub's block of a suggestion if it is one edit, otherwise as a diff. */
function describeFix(path: string, text: string, { title, edits }: Fix): string {
  const [edit] = edits;
  if (edits.length === 1 && edit !== undefined) {
    const { first, last, lines } = toWholeLines(text, edit);
    const place = first === last ? `line ${first}` : `lines ${first} to ${last}`;
    if (isSeen(lines) && lines.length <= LONGEST_BLOCK)
      return `Fix: ${toLine(title)} (${place}):\n\n${toCodeBlock('suggestion', lines)}`;
  }
  const diff = formatDiff(path, text, applyEdits(text, edits), picocolors.createColors(false)).join('\n');
  return diff.length > LONGEST_BLOCK
    ? `Fix: ${toLine(title)} (too long to show here).`
    : `Fix: ${toLine(title)}:\n\n${toCodeBlock('diff', diff)}`;
}

const toLine = (sentence: string): string => toMarkdown(cutText(sentence, LONGEST_LINE));

const capitalize = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);
