import type { LanguageSubject } from '../../language/subject.ts';
import type { TextRange } from '../../pms/text-range.ts';
import type { ReadEbuild } from '../read-ebuild.ts';
import { nameTokens } from './name-tokens.ts';
import type { SemanticToken } from './semantic-token.ts';
import { valueTokens } from './value-tokens.ts';

/**
 * The words of an ebuild or an eclass whose kind a grammar cannot know, in the order of the text. None overlaps another, and each lies on one
 * line. Total. May read files.
 *
 * @param within the part of the text that is shown; absent: all of it
 */
export function tokensOf(ebuild: ReadEbuild, subject: LanguageSubject, within?: TextRange): SemanticToken[] {
  const { text, assignments } = ebuild.facts;
  const isShown = ({ start, end }: TextRange) =>
    within === undefined || (start < within.end && within.start < end);
  const tokens = [
    ...nameTokens(ebuild, subject),
    ...assignments.filter(isShown).flatMap((assignment) => valueTokens(ebuild.facts, assignment)),
  ]
    .filter(isShown)
    .sort((left, right) => left.start - right.start || left.end - right.end);
  let done = 0;
  return tokens.filter(({ start, end }) => {
    if (start < done || end <= start || text.slice(start, end).includes('\n')) return false;
    done = end;
    return true;
  });
}
