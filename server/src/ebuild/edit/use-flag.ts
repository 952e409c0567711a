import { isUseFlag } from '../../pms/names.ts';
import type { Assignment, EbuildFacts } from '../ebuild-facts.ts';
import type { TextEdit } from '../text-edit.ts';
import { assignmentsOf, chooseAssignment } from './reference.ts';

/**
 * Adds a flag to IUSE (PMS 7.2): in order if the flags are sorted, else at the end.
 *
 * @returns no edit if IUSE has the flag already, if `flag` is not a valid name, or if the file has no plain assignment of
 *   IUSE to add to
 */
export function addUseFlag(facts: EbuildFacts, flag: string): TextEdit[] {
  const assignments = assignmentsOf(facts, 'IUSE');
  const target = chooseAssignment(assignments);
  if (!isUseFlag(flag) || target === undefined) return [];
  if (target.quote !== 'double' && target.quote !== 'single') return [];
  const { start, end } = target.valueRange;
  const words = [...facts.text.slice(start, end).matchAll(/\S+/g)].map((match) => ({
    name: match[0].replace(/^[+-]/, ''),
    start: start + match.index,
    end: start + match.index + match[0].length,
  }));
  if (words.some(({ name }) => name === flag)) return [];
  const first = words[0];
  if (first === undefined) {
    const newText = target.operator === '+=' ? ` ${flag}` : flag;
    return [{ start, end, newText }];
  }
  const sorted = words.every(({ name }, index) => index === 0 || (words[index - 1]?.name ?? '') <= name);
  const before = sorted ? words.findLast(({ name }) => name <= flag) : words[words.length - 1];
  return before === undefined
    ? [{ start: first.start, end: first.start, newText: `${flag} ` }]
    : [{ start: before.end, end: before.end, newText: ` ${flag}` }];
}

/** The variables below which IUSE stands in Gentoo's skel.ebuild, the nearest first. */
const ABOVE = ['KEYWORDS', 'SLOT', 'LICENSE'] as const;

/** The assignment below which IUSE belongs in a file without it; undefined if the file has none of them. */
export function assignmentAboveIuse(facts: EbuildFacts): Assignment | undefined {
  return ABOVE.map((name) => assignmentsOf(facts, name)[0]).find((found) => found !== undefined);
}

/**
 * Like {@link addUseFlag}, and a file that does not set IUSE gets it, below KEYWORDS, SLOT or LICENSE.
 *
 * @returns no edit if there is no place for the flag, or if it is there already
 */
export function declareUseFlag(facts: EbuildFacts, flag: string): TextEdit[] {
  if (assignmentsOf(facts, 'IUSE').length > 0) return addUseFlag(facts, flag);
  const below = assignmentAboveIuse(facts);
  return below === undefined || !isUseFlag(flag) ? [] : addLines(facts, below, [`IUSE="${flag}"`]);
}

/** Adds lines below the line on which an assignment ends. */
export function addLines({ text }: EbuildFacts, below: Assignment, lines: readonly string[]): TextEdit[] {
  if (lines.length === 0) return [];
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const line = text.indexOf('\n', below.statement.end);
  const end = line < 0 ? text.length : text[line - 1] === '\r' ? line - 1 : line;
  return [{ start: end, end, newText: lines.map((added) => newline + added).join('') }];
}
