import type { EbuildFacts } from '../ebuild-facts.ts';
import type { TextEdit } from '../text-edit.ts';
import { assignmentsOf, chooseAssignment } from './reference.ts';

/**
 * Adds a constraint to REQUIRED_USE (PMS 7.3.4), at its end. A file without it gets it below IUSE, as in Gentoo's skel.ebuild.
 *
 * @param constraint such as `vala? ( introspection )`
 * @returns no edit if REQUIRED_USE has the constraint already, or if the file has no plain assignment to add to
 */
export function addRequiredUse(facts: EbuildFacts, constraint: string): TextEdit[] {
  const { text } = facts;
  const assignments = assignmentsOf(facts, 'REQUIRED_USE');
  if (assignments.length > 0) {
    const target = chooseAssignment(assignments);
    if (target === undefined || (target.quote !== 'double' && target.quote !== 'single')) return [];
    const { start, end } = target.valueRange;
    const value = text.slice(start, end);
    if (value.includes(constraint)) return [];
    const last = start + value.trimEnd().length;
    const indent = /\n([ \t]+)\S[^\n]*\s*$/.exec(value)?.[1];
    const before = value.trim() === '' ? '' : indent === undefined ? ' ' : `\n${indent}`;
    return [{ start: last, end: last, newText: `${before}${constraint}` }];
  }
  const iuse = chooseAssignment(assignmentsOf(facts, 'IUSE'));
  if (iuse === undefined) return [];
  const line = text.indexOf('\n', iuse.statement.end);
  const end = line < 0 ? text.length : text[line - 1] === '\r' ? line - 1 : line;
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  return [{ start: end, end, newText: `${newline}REQUIRED_USE="${constraint}"` }];
}
