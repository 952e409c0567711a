import { DEPENDENCY_VARIABLES } from '../../pms/dependency-variable.ts';
import type { Assignment, EbuildFacts } from '../ebuild-facts.ts';
import { effectiveAssignments } from '../variable-value.ts';

/** More names than this are not followed for one variable. */
const MOST = 200;

/**
 * For each dependency variable that the file sets: the variables whose whole value becomes a part of it, itself first, through
 * plain references such as `DEPEND="${RDEPEND}"` and however many others in between. A reference inside a conditional does not
 * count, and neither does one that comes before its variable is set.
 */
export function carriersOf(facts: EbuildFacts): ReadonlyMap<string, ReadonlySet<string>> {
  return follow(facts, (referred) => referred.length > 0);
}

/** Every fix of one text asks for them. Only those of the last text are kept, as in `declared.ts`. */
let last:
  | { readonly facts: EbuildFacts; readonly carriers: ReadonlyMap<string, ReadonlySet<string>> }
  | undefined;

/** The same, of the variables where an atom that is added to them now reaches the dependency variable. */
export function carriersOfAdditions(facts: EbuildFacts): ReadonlyMap<string, ReadonlySet<string>> {
  if (last?.facts === facts) return last.carriers;
  const carriers = follow(facts, (referred, name) => {
    const target = chooseAssignment(assignmentsOf(facts, name));
    return target !== undefined && referred.includes(target);
  });
  last = { facts, carriers };
  return carriers;
}

/** Every assignment of a variable that is not in a function. */
export function assignmentsOf(facts: EbuildFacts, name: string): Assignment[] {
  return facts.assignments.filter((found) => found.name === name && found.context !== 'function');
}

/**
 * The assignment to add to: the last one that surely sets the variable, else one that surely appends to it. None where an
 * assignment that bash may or may not reach would throw the addition away, or where there is only such.
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

/** @param counts whether a reference that stands for these assignments is followed */
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
          if (!standsAlone(value, offset, part.end - part.start)) continue;
          if (!counts(effectiveAssignments(facts, part.name, assignment.start), part.name)) continue;
          names.add(part.name);
          queue.push({ name: part.name, position: assignment.start });
        }
      }
    }
    if (names.size > 1 || assignmentsOf(facts, variable).length > 0) result.set(variable, names);
  }
  return result;
}

/** Whether a reference is a word of its own outside every group. */
function standsAlone(value: string, offset: number, length: number): boolean {
  const before = value.slice(0, offset);
  const after = value.slice(offset + length);
  if (/\S$/.test(before) || /^\S/.test(after)) return false;
  return (before.match(/\(/g)?.length ?? 0) === (before.match(/\)/g)?.length ?? 0);
}
