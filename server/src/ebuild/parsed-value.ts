import { type ParsedDependency, parseDependency } from '../pms/dependency.ts';
import type { Assignment } from './ebuild-facts.ts';

interface Kept {
  readonly value: string;
  readonly eapi: string | undefined;
  readonly parsed: ParsedDependency;
}

/** With the rules for ebuilds of an EAPI, and without. */
const strict = new WeakMap<Assignment, Kept>();
const lenient = new WeakMap<Assignment, Kept>();

/**
 * Parses the value of an assignment as a dependency specification. The result is kept with the assignment, because several findings ask
 * for it and most assignments are the same after a keystroke.
 *
 * @param text the ebuild
 * @param eapi its EAPI, whose rules the value must follow; absent: no rules
 */
export function parseAssignedValue(text: string, assignment: Assignment, eapi?: string): ParsedDependency {
  const { start, end } = assignment.valueRange;
  const value = text.slice(start, end);
  const store = eapi === undefined ? lenient : strict;
  const kept = store.get(assignment);
  if (kept !== undefined && kept.eapi === eapi && kept.value === value) return kept.parsed;
  const rules = eapi === undefined ? {} : { eapi, ebuild: true };
  const parsed = parseDependency(value, start, rules);
  store.set(assignment, { value, eapi, parsed });
  return parsed;
}
