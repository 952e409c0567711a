import type { Assignment, EbuildFacts } from './ebuild-facts.ts';
import type { Predefined } from './package-variables.ts';
import { expandShellText } from './shell-expansion.ts';

/** Chains of references longer than this are not followed. */
export const DEEPEST_REFERENCE = 50;
/** Longer values are not computed: a few lines can ask for billions of letters. */
const LONGEST = 10_000;

/** How many references may still be followed; counts down over everything that is read for one answer. */
export interface Budget {
  left: number;
}

/** The assignments that make up the value a variable has just before `position`: from the last sure `=` on. */
export function effectiveAssignments(
  facts: EbuildFacts,
  name: string,
  position: number,
): readonly Assignment[] {
  let result: Assignment[] = [];
  for (const assignment of facts.assignments) {
    if (assignment.start >= position) break;
    if (assignment.name !== name || assignment.context === 'function') continue;
    if (assignment.operator === '=' && assignment.context === 'global') result = [];
    result.push(assignment);
  }
  return result;
}

/** What values are read from. */
export interface ValueScope {
  readonly facts: EbuildFacts;
  readonly predefined: Predefined;
  readonly budget: Budget;
}

/**
 * The value that a variable has just before `position`, where the file alone says it for sure.
 *
 * @param depth how many references led here
 */
export function variableValue(
  scope: ValueScope,
  name: string,
  position: number,
  depth = 0,
): string | undefined {
  const { facts, predefined, budget } = scope;
  if (Object.hasOwn(predefined, name)) return predefined[name];
  if (depth >= DEEPEST_REFERENCE || budget.left-- <= 0) return undefined;
  const sources = effectiveAssignments(facts, name, position);
  // A variable that only `+=` sets begins with what an eclass may have set.
  if (sources[0]?.operator !== '=') return undefined;
  let value = '';
  for (const source of sources) {
    const piece = assignedValue(scope, source, depth);
    if (source.context !== 'global' || piece === undefined || value.length + piece.length > LONGEST)
      return undefined;
    value += piece;
  }
  return value;
}

/** What an assignment sets or appends, where the file alone says it for sure. */
export function assignedValue(scope: ValueScope, assignment: Assignment, depth = 0): string | undefined {
  if (assignment.quote === 'array') return undefined;
  if (assignment.value !== undefined) return assignment.value;
  const lookup = (name: string): string | undefined =>
    variableValue(scope, name, assignment.start, depth + 1);
  let value = '';
  for (const part of assignment.parts) {
    const piece =
      part.kind === 'text'
        ? part.text
        : part.kind === 'variable'
          ? lookup(part.name)
          : expandShellText(scope.facts.text.slice(part.start, part.end), lookup);
    if (piece === undefined || value.length + piece.length > LONGEST) return undefined;
    value += piece;
  }
  return value;
}
