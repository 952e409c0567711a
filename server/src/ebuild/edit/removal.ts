import type { TextRange } from '../../pms/text-range.ts';
import type { Assignment, EbuildFacts } from '../ebuild-facts.ts';
import type { TextEdit } from '../text-edit.ts';
import type { AtomLocation } from './atom-location.ts';

/** The edit that takes a word out, with the groups that would be empty without it, and its line where it stands alone. */
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

/** Whether the word is all that the value holds. */
export function isOnlyWord({ lists }: AtomLocation): boolean {
  return lists.every(({ nodes }) => nodes.length === 1);
}

/**
 * Whether nothing would miss the assignment if it held nothing: a variable that eclasses or nobody else sets is left out by
 * ebuilds rather than set to nothing. Where something appends to it or refers to it, it stays, empty.
 */
export function isSuperfluous(facts: EbuildFacts, assignment: Assignment): boolean {
  if (assignment.context !== 'global' || assignment.statement.start !== assignment.start) return false;
  const reference = new RegExp(`\\$\\{?${assignment.name}\\b`);
  if (reference.test(facts.text)) return false;
  if (
    assignment.operator === '=' &&
    facts.assignments.some((other) => other !== assignment && other.name === assignment.name)
  )
    return false;
  const { lineStart, lineEnd } = linesOf(facts.text, assignment, { start: 0, end: facts.text.length });
  return lineStart !== undefined && lineEnd !== undefined;
}

function cutStatement(text: string, assignment: Assignment): TextEdit {
  const whole = { start: 0, end: text.length };
  const { lineStart = assignment.start, lineEnd = assignment.end } = linesOf(text, assignment, whole);
  const blankBefore =
    lineStart === 0 || /\n[ \t]*\r?\n$/.test(text.slice(Math.max(0, lineStart - 200), lineStart));
  const blankAfter = /^[ \t]*\r?\n/.exec(text.slice(lineEnd, lineEnd + 200))?.[0];
  // Of two blank lines that come together one goes too.
  const end = blankBefore && blankAfter !== undefined ? lineEnd + blankAfter.length : lineEnd;
  return { start: lineStart, end, newText: '' };
}

/** Cuts a piece out of a list so that what stands beside it stays as it is written. */
function cut(text: string, target: TextRange, inside: TextRange): TextEdit {
  const { lineStart, lineEnd, blankEnd } = linesOf(text, target, inside);
  if (lineStart !== undefined && lineEnd !== undefined)
    return { start: lineStart, end: lineEnd, newText: '' };
  let blankStart = target.start;
  while (blankStart > inside.start && isBlank(text[blankStart - 1])) blankStart--;
  if (lineStart !== undefined && blankEnd === inside.end) {
    // The last line, which ends with the quote: the line break before it goes instead of the one after it.
    let start = lineStart - 1;
    if (text[start - 1] === '\r') start--;
    return { start: Math.max(start, inside.start), end: target.end, newText: '' };
  }
  const startsLine = lineStart !== undefined;
  if (!startsLine && blankStart > inside.start) return { start: blankStart, end: target.end, newText: '' };
  // The first word after the quote: what follows moves up to the quote, over the end of the line too.
  let end = blankEnd;
  if (!startsLine) while (end < inside.end && /\s/.test(text[end] ?? '')) end++;
  return { start: target.start, end, newText: '' };
}

/** Where the lines of a piece begin and end, line break included; undefined where it shares them with something. */
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
    /** After the blanks behind the piece. */
    blankEnd: end,
  };
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t';
}
