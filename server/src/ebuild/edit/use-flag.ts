import { isUseFlag } from '../../pms/names.ts';
import type { EbuildFacts } from '../ebuild-facts.ts';
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
