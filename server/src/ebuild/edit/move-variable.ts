import type { DependencyVariable } from '../../pms/dependency-variable.ts';
import type { EbuildFacts } from '../ebuild-facts.ts';
import type { TextEdit } from '../text-edit.ts';
import { valueList } from './atom-location.ts';
import { insertIntoValue } from './list-edit.ts';
import { assignmentsOf, chooseAssignment, isReferredTo } from './reference.ts';
import { cutStatement } from './removal.ts';

/**
 * Moves everything that a dependency variable declares to another one: the variable is renamed if the file does not set the other one, else
 * its entries are written there.
 *
 * @returns no edit if another variable refers to one of the two, or if a value is not a plain string outside branches
 */
export function moveVariable(
  facts: EbuildFacts,
  from: DependencyVariable,
  to: DependencyVariable,
): TextEdit[] {
  const { text } = facts;
  const sources = assignmentsOf(facts, from);
  const targets = assignmentsOf(facts, to);
  if (isReferredTo(facts, from) || isReferredTo(facts, to)) return [];
  const isPlain = [...sources, ...targets].every(
    ({ context, quote, closed, start, statement }) =>
      context === 'global' &&
      closed &&
      (quote === 'double' || quote === 'single') &&
      statement.start === start,
  );
  if (!isPlain) return [];
  if (targets.length === 0) return sources.map(({ nameRange }) => ({ ...nameRange, newText: to }));
  const [source, ...others] = sources;
  const target = chooseAssignment(targets);
  if (source === undefined || others.length > 0 || target === undefined) return [];
  const written = (assignment: typeof source) =>
    valueList(text, assignment).nodes.map(({ start, end }) => text.slice(start, end));
  const known = new Set(targets.flatMap(written));
  const entries = written(source).filter((entry) => !known.has(entry));
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const added = entries.length === 0 ? [] : insertIntoValue(text, target, entries.join(`${newline}\t`));
  return [cutStatement(text, source), ...added];
}
