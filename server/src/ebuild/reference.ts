import { DEPENDENCY_VARIABLES } from './dependency-variable.ts';
import type { EbuildFacts } from './facts.ts';
import { effectiveAssignments } from './variable-value.ts';

/** More names than this are not followed for one variable. */
const MOST = 200;

/**
 * For each dependency variable that the file sets: the variables whose whole value becomes a part of it, itself first, through
 * plain references such as `DEPEND="${RDEPEND}"` and however many others in between. What is added to one of those outside its
 * conditionals is added to the dependency variable; a reference inside a conditional does not count.
 */
export function carriersOf(facts: EbuildFacts): ReadonlyMap<string, ReadonlySet<string>> {
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
          names.add(part.name);
          queue.push({ name: part.name, position: assignment.start });
        }
      }
    }
    if (
      names.size > 1 ||
      facts.assignments.some(({ name, context }) => name === variable && context !== 'function')
    )
      result.set(variable, names);
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
