import type { Assignment, EbuildFacts } from './ebuild-facts.ts';
import type { Predefined } from './package-variables.ts';
import { expandShellText } from './shell-expansion.ts';

/** The length up to which chains of references are followed. */
export const DEEPEST_REFERENCE = 50;
/** The length up to which values are computed. A few lines can make a value of billions of characters. */
const LONGEST = 10_000;

/** The number of references that may still be followed. It is shared by everything that is read for one result. */
export interface Budget {
  left: number;
}

/** The assignments that make up the value of a variable before `position`: from the last unconditional `=` on. */
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

/** The inputs from which values are computed. */
export interface ValueScope {
  readonly facts: EbuildFacts;
  readonly predefined: Predefined;
  readonly budget: Budget;
}

/**
 * The value of a variable before `position`; undefined if the file alone does not determine it.
 *
 * @param depth the number of references that led here
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
  // If only `+=` sets the variable, an eclass may have set its beginning.
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

/** The value that an assignment sets or appends; undefined if the file alone does not determine it. */
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
