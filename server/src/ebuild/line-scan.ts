import type { Problem, TextRange } from '../pms/text-range.ts';
import type { Assignment, EbuildFunction, Inherit } from './ebuild-facts.ts';
import { expansionStepper, splitValue } from './value.ts';

export interface ScannedLines {
  readonly assignments: readonly Assignment[];
  readonly functions: readonly EbuildFunction[];
  readonly inherits: readonly Inherit[];
  readonly errors: readonly Problem[];
}

/** A line that begins a new statement at the top of an ebuild. A value or function that is still open there has lost its end. */
const LANDMARK = /^(?:([A-Za-z_]\w*)(\+?=)|([A-Za-z_][\w-]*)[ \t]*\(\)|inherit[ \t]+([^\n#]*))/gm;

/** The offsets of the lines that begin an assignment, a function or `inherit` at the top of an ebuild. */
export function landmarkStarts(text: string): number[] {
  return Array.from(text.matchAll(LANDMARK), ({ index }) => index);
}

/**
 * Finds assignments, functions and `inherit` line by line, for a text that is not bash. A value ends at its closing quote or, if that is
 * missing, before the next line that begins a statement.
 */
export function scanLines(text: string): ScannedLines {
  const assignments: Assignment[] = [];
  const functions: EbuildFunction[] = [];
  const inherits: Inherit[] = [];
  const errors: Problem[] = [];
  const landmarks = [...text.matchAll(LANDMARK)];
  let busyUntil = 0;
  for (const [index, landmark] of landmarks.entries()) {
    const start = landmark.index;
    if (start < busyUntil) continue;
    const limit = landmarks[index + 1]?.index ?? text.length;
    if (landmark[1] !== undefined) {
      const assignment = readLineAssignment(
        text,
        start,
        landmark[1],
        landmark[2] === '+=' ? '+=' : '=',
        limit,
      );
      assignments.push(assignment);
      busyUntil = assignment.end;
      if (!assignment.closed) {
        const quote = assignment.quote === 'double' ? '"' : "'";
        const message = `${assignment.name} has no closing quote: add \`${quote}\` after its value.`;
        errors.push({ ...assignment.nameRange, message });
      }
    } else if (landmark[3] !== undefined) {
      const nameRange = { start, end: start + landmark[3].length };
      const close = /^\}/m.exec(text.slice(start, limit));
      const end = close === null ? start + landmark[0].length : start + close.index + 1;
      functions.push({ name: landmark[3], nameRange, start, end });
    } else {
      inherits.push(
        ...readLineInherit(landmark[4] ?? '', start + landmark[0].length - (landmark[4] ?? '').length),
      );
    }
  }
  return { assignments, functions, inherits, errors };
}

function readLineAssignment(
  text: string,
  start: number,
  name: string,
  operator: Assignment['operator'],
  limit: number,
): Assignment {
  const valueStart = start + name.length + operator.length;
  const quote = text[valueStart];
  const isQuoted = quote === '"' || quote === "'";
  const close = isQuoted ? closingQuote(text, valueStart + 1, limit, quote) : undefined;
  let end = close ?? (isQuoted ? endOfContent(text, valueStart, limit) : endOfWord(text, valueStart, limit));
  end = Math.max(end, valueStart);
  const range: TextRange = { start, end };
  const value = splitValue(text, valueStart, end);
  return {
    name,
    nameRange: { start, end: start + name.length },
    operator,
    ...range,
    ...value,
    closed: isQuoted ? close !== undefined : true,
    context: 'global',
    statement: range,
  };
}

/** The offset after the closing quote, if it comes before the next landmark. */
function closingQuote(text: string, start: number, limit: number, quote: string): number | undefined {
  const stepOver = expansionStepper(text, limit);
  let position = start;
  while (position < limit) {
    const character = text[position];
    if (character === quote) return position + 1;
    if (quote === '"' && character === '\\') position += 2;
    else if (quote === '"' && (character === '$' || character === '`')) {
      const end = stepOver(position);
      position = Math.max(end ?? 0, position + 1);
    } else position++;
  }
  return undefined;
}

function endOfContent(text: string, start: number, limit: number): number {
  return start + text.slice(start, limit).trimEnd().length;
}

function endOfWord(text: string, start: number, limit: number): number {
  const stepOver = expansionStepper(text, limit);
  let position = start;
  while (position < limit && !/[\s;&|#]/.test(text[position] ?? '')) {
    const expansion = stepOver(position);
    position = Math.max(expansion ?? 0, position + 1);
  }
  return position;
}

function readLineInherit(written: string, start: number): Inherit[] {
  return [...written.matchAll(/\S+/g)].map((word) => ({
    name: word[0],
    start: start + word.index,
    end: start + word.index + word[0].length,
    context: 'global',
  }));
}

/** The line around an offset, without its line break. */
export function lineOf(text: string, position: number): TextRange {
  const start = text.lastIndexOf('\n', position - 1) + 1;
  const newline = text.indexOf('\n', position);
  let end = newline < 0 ? text.length : newline;
  if (end > start && text[end - 1] === '\r') end--;
  return { start: Math.min(start, end), end };
}
