import { DEPENDENCY_VARIABLES, isDependencyVariable } from '../../pms/dependency-variable.ts';
import type { Assignment, EbuildFacts } from '../ebuild-facts.ts';
import { effectiveAssignments } from '../variable-value.ts';

/** The number of names that are followed for one variable. */
const MOST = 200;

/**
 * The carriers of each dependency variable that the file sets: itself, and the variables whose whole value becomes a part
 * of it through plain references such as `DEPEND="${RDEPEND}"`, direct or indirect. A reference inside a conditional, or
 * before its variable is set, does not count.
 */
export function carriersOf(facts: EbuildFacts): ReadonlyMap<string, ReadonlySet<string>> {
  return follow(facts, (referred) => referred.length > 0);
}

/** Every fix of one text asks for them. Only those of the last text are kept, as in `declared.ts`. */
let last:
  | { readonly facts: EbuildFacts; readonly carriers: ReadonlyMap<string, ReadonlySet<string>> }
  | undefined;

/** The carriers, but only those through which an atom that is added to them reaches the dependency variable. */
export function carriersOfAdditions(facts: EbuildFacts): ReadonlyMap<string, ReadonlySet<string>> {
  if (last?.facts === facts) return last.carriers;
  const carriers = follow(facts, (referred, name) => {
    // `DEPEND="${RDEPEND}"` without RDEPEND: it will be set above.
    if (isUnset(facts, name)) return true;
    const target = chooseAssignment(assignmentsOf(facts, name));
    return target !== undefined && referred.includes(target);
  });
  last = { facts, carriers };
  return carriers;
}

/** All assignments of a variable outside functions. */
export function assignmentsOf(facts: EbuildFacts, name: string): Assignment[] {
  return facts.assignments.filter(
    (assignment) => assignment.name === name && assignment.context !== 'function',
  );
}

/**
 * The assignment to add to: the last unconditional one that sets the variable, else the first unconditional one that
 * appends to it. Undefined if all are conditional, or if a later conditional one would discard the addition.
 */
export function chooseAssignment(assignments: readonly Assignment[]): Assignment | undefined {
  let target: Assignment | undefined;
  for (const assignment of assignments) {
    if (assignment.context === 'global') {
      if (assignment.operator === '=' || target === undefined) target = assignment;
    } else if (assignment.operator === '=') target = undefined;
  }
  return target;
}

/** Whether an assignment of another variable, outside functions, refers to this one in any form. */
export function isReferredTo({ text, assignments }: EbuildFacts, name: string): boolean {
  const reference = new RegExp(`\\$\\{?${name}\\b`);
  return assignments.some(
    (assignment) =>
      assignment.name !== name &&
      assignment.context !== 'function' &&
      reference.test(text.slice(assignment.start, assignment.end)),
  );
}

/** Whether a name is that of a dependency variable that the file does not set. */
function isUnset(facts: EbuildFacts, name: string): boolean {
  return isDependencyVariable(name) && assignmentsOf(facts, name).length === 0;
}

/** @param counts whether a reference to these assignments is followed */
function follow(
  facts: EbuildFacts,
  counts: (referred: readonly Assignment[], name: string) => boolean,
): ReadonlyMap<string, ReadonlySet<string>> {
  const result = new Map<string, ReadonlySet<string>>();
  for (const variable of DEPENDENCY_VARIABLES) {
    const names = new Set([variable as string]);
    const queue: { name: string; position: number }[] = [
      { name: variable, position: Number.POSITIVE_INFINITY },
    ];
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      for (const assignment of effectiveAssignments(facts, next.name, next.position)) {
        if (assignment.context !== 'global' || names.size >= MOST) continue;
        const value = facts.text.slice(assignment.valueRange.start, assignment.valueRange.end);
        for (const part of assignment.parts) {
          if (part.kind !== 'variable' || names.has(part.name)) continue;
          const offset = part.start - assignment.valueRange.start;
          if (!isWholeWord(value, offset, part.end - part.start)) continue;
          if (!counts(effectiveAssignments(facts, part.name, assignment.start), part.name)) continue;
          names.add(part.name);
          queue.push({ name: part.name, position: assignment.start });
        }
      }
    }
    if (names.size > 1 || assignmentsOf(facts, variable).length > 0) result.set(variable, names);
  }
  for (const names of [...result.values()])
    for (const name of names)
      if (!result.has(name) && isUnset(facts, name)) result.set(name, new Set([name]));
  return result;
}

/** Whether a reference is a word of its own outside every group. */
function isWholeWord(value: string, offset: number, length: number): boolean {
  const before = value.slice(0, offset);
  const after = value.slice(offset + length);
  if (/\S$/.test(before) || /^\S/.test(after)) return false;
  return (before.match(/\(/g)?.length ?? 0) === (before.match(/\)/g)?.length ?? 0);
}
