import type { Assignment, EbuildFacts } from '../ebuild-facts.ts';
import type { TextEdit } from '../text-edit.ts';
import { assignmentsOf, chooseAssignment } from './reference.ts';
import { addLines, addUseFlag, assignmentAboveIuse } from './use-flag.ts';

const RESTRICTION = '!test? ( test )';

/**
 * Adds the flag `test` to IUSE, and to RESTRICT that tests are not run without it (PMS 7.3.6), as packages need that have dependencies for
 * their tests.
 *
 * @returns no edits if there is no place for them, or if the file has both
 */
export function addTestFlag(facts: EbuildFacts): TextEdit[] {
  const [iuse] = assignmentsOf(facts, 'IUSE');
  const restrictions = assignmentsOf(facts, 'RESTRICT');
  const restrict = chooseAssignment(restrictions);
  if (restrictions.length > 0 && restrict === undefined) return [];
  const isRestricted = restrictions.some(({ valueRange }) =>
    /(?<![\w-])test(?![\w-])/.test(facts.text.slice(valueRange.start, valueRange.end)),
  );
  const below = iuse ?? assignmentAboveIuse(facts);
  if (below === undefined) return [];
  const lines = [
    ...(iuse === undefined ? ['IUSE="test"'] : []),
    ...(restrict === undefined ? [`RESTRICT="${RESTRICTION}"`] : []),
  ];
  return [
    ...(iuse === undefined ? [] : addUseFlag(facts, 'test')),
    ...addLines(facts, below, lines),
    ...(restrict === undefined || isRestricted ? [] : append(facts, restrict)),
  ];
}

function append({ text }: EbuildFacts, { quote, valueRange: { start, end } }: Assignment): TextEdit[] {
  if (quote !== 'double' && quote !== 'single') return [];
  const value = text.slice(start, end);
  const last = start + value.trimEnd().length;
  return [{ start: last, end: last, newText: `${value.trim() === '' ? '' : ' '}${RESTRICTION}` }];
}
