import type { EbuildFacts } from '../../../ebuild/ebuild-facts.ts';
import { parseAtom } from '../../../pms/atom.ts';
import type { Problem, TextRange } from '../../../pms/text-range.ts';
import type { Fix } from '../../finding.ts';

/** Limit in characters for one atom, so that hostile text takes linear time. */
const LONGEST_ATOM = 200;

const DELIMITER = /[\s"'()\\]/;

/** The operators for a version that has none: exactly this one first, because that is what is written. */
const OPERATORS = ['=', '>=', '~'] as const;

/** What can only be left out: an operator without a version, or the name of a repository. */
const SUPERFLUOUS = /^(?:[<>]=?|[=~]|::[^[]*)$/;

/** A version, maybe with an asterisk, that stands where an operator is missing. */
const VERSION = /^-\d/;

/**
 * The ways to make an atom valid that lacks an operator, or that has an operator or a repository too many (PMS 8.3). Each is a guess, and
 * makes an atom without errors. None if the atom is not in the text as it is, or has other errors too.
 */
export function repairAtom({ text, eapi }: EbuildFacts, problem: Problem): readonly Fix[] {
  const wrong = text.slice(problem.start, problem.end);
  const isSuperfluous = SUPERFLUOUS.test(wrong);
  if (!isSuperfluous && !VERSION.test(wrong)) return [];
  const word = wordAround(text, problem);
  const written = text.slice(word.start, word.end);
  const rules = { eapi, ebuild: true };
  const { errors } = parseAtom(written, word.start, rules);
  // Another word may be wrong at this place, for example one in the brackets of an expansion.
  const isOfAtom = errors.length === 1 && errors[0]?.start === problem.start && errors[0].end === problem.end;
  if (!isOfAtom) return [];
  const nameStart = word.start + written.search(/[^!]/);
  const edits = isSuperfluous
    ? [{ start: problem.start, end: problem.end, newText: '' }]
    : OPERATORS.map((operator) => ({ start: nameStart, end: nameStart, newText: operator }));
  return edits.flatMap((edit): Fix[] => {
    const { start, end, newText } = edit;
    const repaired = text.slice(word.start, start) + newText + text.slice(end, word.end);
    if (parseAtom(repaired, 0, rules).errors.length > 0) return [];
    return [{ title: `Change to ${repaired}`, edits: [edit], guess: true }];
  });
}

/** The characters around a range up to white space, quotes or parentheses. */
function wordAround(text: string, { start, end }: TextRange): TextRange {
  const isInside = (position: number): boolean => {
    const character = text[position];
    return character !== undefined && !DELIMITER.test(character);
  };
  let first = start;
  while (first > start - LONGEST_ATOM && isInside(first - 1)) first--;
  let last = end;
  while (last < end + LONGEST_ATOM && (isInside(last) || isDefault(text, last))) last++;
  return { start: first, end: last };
}

/** Whether the position is in the default of a USE dependency, `(+)` or `(-)`. */
function isDefault(text: string, position: number): boolean {
  return (
    (text[position] === '(' && /^\([+-]\)/.test(text.slice(position, position + 3))) ||
    (text[position] === ')' && /^\([+-]\)$/.test(text.slice(position - 2, position + 1)))
  );
}
