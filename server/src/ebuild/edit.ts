import { parseAtom, printAtom } from '../pms/atom.ts';
import { parseDependency } from '../pms/dependency.ts';
import type { DependencyVariableName } from './dependency-variable.ts';
import type { Assignment, EbuildFacts } from './facts.ts';
import { insertIntoValue } from './list-edit.ts';
import { placeAppending, placeVariable } from './placement.ts';
import type { TextEdit } from './text-edit.ts';

/**
 * Adds an atom to a dependency variable in the house style of the file: tabs, one atom a line, in its place where the list is
 * sorted and else at the end. What stands in groups and conditionals stays as it is, and so does all the rest of the file.
 *
 * @param atomText the atom as it shall be written, e.g. `dev-libs/openssl:=`
 * @returns no edit where the variable already names exactly this atom outside groups, where `atomText` is not an atom, or where
 *   the variable is a bash array, which no package manager reads
 */
export function addAtom(facts: EbuildFacts, variable: DependencyVariableName, atomText: string): TextEdit[] {
  const { atom, errors } = parseAtom(atomText);
  if (atom === undefined || errors.length > 0) return [];
  const written = printAtom(atom);
  const assignments = facts.assignments.filter(
    (assignment) => assignment.name === variable && assignment.context !== 'function',
  );
  if (assignments.some((assignment) => names(facts.text, assignment, written))) return [];
  if (assignments.length === 0) return placeVariable(facts, variable, atomText);
  const target = chooseAssignment(assignments);
  if (target === undefined) return placeAppending(facts, variable, assignments, atomText);
  return insertIntoValue(facts.text, target, atomText);
}

/**
 * The assignment to add to: the last one that surely sets the variable, else one that surely appends to it. None where an
 * assignment that bash may or may not reach would throw the addition away, or where there is only such.
 */
function chooseAssignment(assignments: readonly Assignment[]): Assignment | undefined {
  let target: Assignment | undefined;
  for (const assignment of assignments) {
    if (assignment.context === 'global') {
      if (assignment.operator === '=' || target === undefined) target = assignment;
    } else if (assignment.operator === '=') target = undefined;
  }
  return target;
}

/** Whether the value names the atom outside every group. */
function names(text: string, assignment: Assignment, atomText: string): boolean {
  if (assignment.context !== 'global' || assignment.quote === 'array') return false;
  const value = text.slice(assignment.valueRange.start, assignment.valueRange.end);
  return parseDependency(value).nodes.some(
    (node) => node.kind === 'atom' && printAtom(node.atom) === atomText,
  );
}
