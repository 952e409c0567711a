import { type ParsedDependency, parseDependency } from '../pms/dependency.ts';
import type { Assignment } from './ebuild-facts.ts';

interface Kept {
  readonly start: number;
  readonly eapi: string | undefined;
  readonly parsed: ParsedDependency;
}

/** More values than two ebuilds have. */
const MOST_VALUES = 32;

/** By the value: with the rules for ebuilds of an EAPI, and without. */
const strict = new Map<string, Kept>();
const lenient = new Map<string, Kept>();

/**
 * Parses the value of an assignment as a dependency specification. The last results are kept, because several findings ask for them and
 * most values are the same after a keystroke. (A WeakMap by assignment would keep more, but its entries outlive several collections: each
 * collection then takes several milliseconds.)
 *
 * @param text the ebuild
 * @param eapi its EAPI, whose rules the value must follow; absent: no rules
 */
export function parseAssignedValue(text: string, assignment: Assignment, eapi?: string): ParsedDependency {
  const { start, end } = assignment.valueRange;
  const value = text.slice(start, end);
  const store = eapi === undefined ? lenient : strict;
  const kept = store.get(value);
  if (kept !== undefined && kept.eapi === eapi && kept.start === start) return kept.parsed;
  const parsed = parseDependency(value, start, eapi === undefined ? {} : { eapi, ebuild: true });
  if (store.size >= MOST_VALUES) store.clear();
  store.set(value, { start, eapi, parsed });
  return parsed;
}
