import type { TextRange } from '../../pms/text-range.ts';
import type { Assignment, EbuildFacts } from '../ebuild-facts.ts';
import type { TextEdit } from '../text-edit.ts';
import type { AtomLocation } from './atom-location.ts';

/** The edit that removes a word, with the groups that would be empty without it, and its line if nothing else is on it. */
export function takeOut(facts: EbuildFacts, location: AtomLocation): TextEdit {
  const { text } = facts;
  let target: TextRange = location.node;
  for (let depth = location.lists.length - 1; depth >= 0; depth--) {
    const list = location.lists[depth];
    if (list === undefined) break;
    if (list.nodes.length > 1) return cut(text, target, list.inside);
    if (list.holder !== undefined) target = list.holder;
  }
  if (isSuperfluous(facts, location.assignment)) return cutStatement(text, location.assignment);
  const { valueRange } = location.assignment;
  const value = text.slice(valueRange.start, valueRange.end);
  return value.includes('\n') ? cut(text, target, valueRange) : { ...valueRange, newText: '' };
}

/** Whether the value has no other word. */
export function isOnlyWord({ lists }: AtomLocation): boolean {
  return lists.every(({ nodes }) => nodes.length === 1);
}

/**
 * Whether an assignment with an empty value can be removed. Ebuilds omit a variable rather than set it to nothing. If the
 * file appends or refers to the variable, the empty assignment must stay.
 */
export function isSuperfluous(facts: EbuildFacts, assignment: Assignment): boolean {
  if (assignment.context !== 'global' || assignment.statement.start !== assignment.start) return false;
  const reference = new RegExp(`\\$\\{?${assignment.name}\\b`);
  if (reference.test(facts.text)) return false;
  if (
    assignment.operator === '=' &&
    facts.assignments.some(({ name, start }) => name === assignment.name && start !== assignment.start)
  )
    return false;
  const { lineStart, lineEnd } = linesOf(facts.text, assignment, { start: 0, end: facts.text.length });
  return lineStart !== undefined && lineEnd !== undefined;
}

/** The edit that removes an assignment with its line. */
export function cutStatement(text: string, assignment: Assignment): TextEdit {
  const whole = { start: 0, end: text.length };
  const { lineStart = assignment.start, lineEnd = assignment.end } = linesOf(text, assignment, whole);
  const blankBefore =
    lineStart === 0 || /\n[ \t]*\r?\n$/.test(text.slice(Math.max(0, lineStart - 200), lineStart));
  const blankAfter = /^[ \t]*\r?\n/.exec(text.slice(lineEnd, lineEnd + 200))?.[0];
  // A blank line at the end of a file is a mistake of style.
  const blankLast =
    lineEnd === text.length && /\n([ \t]*\r?\n)$/.exec(text.slice(Math.max(0, lineStart - 200), lineStart));
  if (blankLast) return { start: lineStart - (blankLast[1]?.length ?? 0), end: lineEnd, newText: '' };
  // The removal would leave two blank lines together, so one of them is removed too.
  const end = blankBefore && blankAfter !== undefined ? lineEnd + blankAfter.length : lineEnd;
  return { start: lineStart, end, newText: '' };
}

/** Removes a piece of a list and leaves the text beside it as it is written. */
function cut(text: string, target: TextRange, inside: TextRange): TextEdit {
  const { lineStart, lineEnd, blankEnd } = linesOf(text, target, inside);
  if (lineStart !== undefined && lineEnd !== undefined)
    return { start: lineStart, end: lineEnd, newText: '' };
  let blankStart = target.start;
  while (blankStart > inside.start && isBlank(text[blankStart - 1])) blankStart--;
  if (lineStart !== undefined && blankEnd === inside.end) {
    // The last line ends with the quote, so the line break before it is removed instead of the one after it.
    let start = lineStart - 1;
    if (text[start - 1] === '\r') start--;
    return { start: Math.max(start, inside.start), end: target.end, newText: '' };
  }
  const startsLine = lineStart !== undefined;
  if (!startsLine && blankStart > inside.start) return { start: blankStart, end: target.end, newText: '' };
  // The first word after the quote: the next word moves up to the quote, also from the next line.
  let end = blankEnd;
  if (!startsLine) while (end < inside.end && /\s/.test(text[end] ?? '')) end++;
  return { start: target.start, end, newText: '' };
}

/** The start and the end of the lines of a piece, with the line break; undefined if other text is on the line. */
function linesOf(text: string, target: TextRange, inside: TextRange) {
  let start = target.start;
  while (start > inside.start && isBlank(text[start - 1])) start--;
  let end = target.end;
  while (end < inside.end && isBlank(text[end])) end++;
  const breakAt = text[end] === '\r' && text[end + 1] === '\n' ? end + 1 : end;
  return {
    lineStart:
      (start > inside.start && text[start - 1] === '\n') || (start === 0 && inside.start === 0)
        ? start
        : undefined,
    lineEnd: breakAt < inside.end && text[breakAt] === '\n' ? breakAt + 1 : undefined,
    /** The offset after the blanks that follow the piece. */
    blankEnd: end,
  };
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t';
}
