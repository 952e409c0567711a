import type { TextRange } from '../pms/text-range.ts';
import type { Assignment, EbuildFacts } from './ebuild-facts.ts';
import { repeatsItsArgument } from './generator-call.ts';
import { applyEdits } from './text-edit.ts';

/**
 * Variables that no phase has to read: `DEPEND` and its like (PMS 8.1), the helper variables that ebuilds name after them, and those that
 * describe the package (PMS 7.2, 7.3).
 */
const UNREAD = String.raw`(?:(?:\w*_)?[BRPI]?DEPEND|DESCRIPTION|KEYWORDS)`;
const UNREAD_VARIABLE = new RegExp(`^${UNREAD}$`);
const EVERY_NAME = new RegExp(String.raw`\b${UNREAD}\b`, 'g');

/**
 * Code that can read a variable without naming it, a line number of the ebuild, or the ebuild itself: `eval`, `${!name}`, a nameref, lists of
 * all variables (`declare -x` without a name), and the files in which a package manager keeps them.
 */
const INDIRECT =
  /\beval\b|\$\{!|\b(?:declare|typeset|local|export|readonly)[ \t]+-(?:\w*[np]|\w*x\w*(?!\w|[ \t]+\w+\+?=))|\b(?:compgen|caller|LINENO|BASH_LINENO|BASH_SOURCE|EBUILD|PS4)\b|\/environment\b|\.ebuild\b|(?:^|[;&|({`])[ \t]*(?:set|declare|typeset|export)[ \t]*(?:$|[;&|>)`])/m;

/** Expansions without an effect (bash(1), Parameter Expansion): neither `:=`, `=` nor `:?`, and no subscript that is evaluated. */
const PLAIN_EXPANSION = /^\$\{\w+(?:\[[@*\d]\])?(?:(?:[#%/^,]|:[-+\d])[^$`{}\\]*)?\}$/;
const PLAIN_GENERATOR = /^\$\(\s*(\w+)((?:\s+(?:'[^']*'|[\w./-]+))*)\s*\)$/;

/** The beginning of a here-document, after which a line may look like a comment or an assignment and be neither. */
const HERE_DOCUMENT = /<<(?!<)/;

/**
 * Writes the text that is built in place of an ebuild: without its dependencies and description, without comments that have a line of their own
 * or ignore findings, and without the empty lines between its statements. So an author can edit these, and every step whose view is the same needs no
 * new run: not because the texts seem alike, but because the text that ran is the same.
 *
 * Such a variable stays, and so does every one of them that it names, if any other code may read it or its value runs something. (PMS 7.2
 * wants the values to be constants, and says nothing of phases that read them.) Everything stays if code may read any variable, or the text.
 *
 * @param readByEclasses names of variables that the functions of inherited eclasses read; see {@link listVariablesRead}
 */
export function writeBuildText(facts: EbuildFacts, readByEclasses: ReadonlySet<string>): string {
  const { text, assignments, comments, errors } = facts;
  if (errors.length > 0) return text;
  const end = HERE_DOCUMENT.exec(text)?.index ?? text.length;
  const isBefore = (range: TextRange) => range.end <= end;
  const silent = comments.filter(isBefore);
  const unread = silent.filter((comment) => isIgnoreComment(text, comment) || isWholeLine(text, comment));
  const candidates = assignments.filter((assignment) => isBefore(assignment) && isPlain(text, assignment));
  // It may also see the number of a line, or its comments.
  if (hasIndirectReads(removeRanges(text, [...candidates, ...silent]))) return text;
  const removed = [...keepWhatIsRead(text, candidates, silent, readByEclasses), ...unread];
  const lines = joinRanges(text, removed).map((range) => wholeLines(text, range));
  const empty = emptyLines(facts).filter(isBefore);
  return removeRanges(text, [...lines, ...empty]);
}

/** Whether code may read a variable without naming it, or the text of the ebuild itself. */
export function hasIndirectReads(code: string): boolean {
  return INDIRECT.test(code);
}

function isWholeLine(text: string, { start }: TextRange): boolean {
  return /(?:^|\n)[ \t]*$/.test(text.slice(Math.max(0, text.lastIndexOf('\n', start - 1)), start));
}

/** `# audit: ignore …` */
function isIgnoreComment(text: string, { start, end }: TextRange): boolean {
  return /^#[ \t]*audit:[ \t]*ignore(?![\w-])/.test(text.slice(start, end));
}

/** Whether an assignment is a statement of its own that sets a dependency variable and does nothing else. */
function isPlain(text: string, assignment: Assignment): boolean {
  const { name, start, end, statement, context, closed, quote, parts } = assignment;
  if (!UNREAD_VARIABLE.test(name) || context !== 'global' || !closed || quote === 'array') return false;
  if (statement.start !== start || statement.end !== end) return false;
  const line = text.lastIndexOf('\n', start - 1) + 1;
  const isAlone = text.slice(line, start).trim() === '' && /^[ \t]*(?:#|\n|$)/.test(text.slice(end));
  return (
    isAlone && parts.every((part) => part.kind !== 'opaque' || isInert(text.slice(part.start, part.end)))
  );
}

function isInert(expansion: string): boolean {
  if (PLAIN_EXPANSION.test(expansion)) return true;
  const generator = PLAIN_GENERATOR.exec(expansion)?.[1];
  return generator !== undefined && repeatsItsArgument(generator);
}

/**
 * Leaves out the assignments to variables that other code may read.
 *
 * @param silent comments
 */
function keepWhatIsRead(
  text: string,
  candidates: readonly Assignment[],
  silent: readonly TextRange[],
  readElsewhere: ReadonlySet<string>,
): readonly Assignment[] {
  const outside = (ranges: readonly TextRange[]) => removeRanges(text, [...ranges, ...silent]);
  let left = candidates;
  for (;;) {
    const named = new Set([...outside(left).matchAll(EVERY_NAME)].map(([name]) => name));
    const next = left.filter(({ name }) => !named.has(name) && !readElsewhere.has(name));
    if (next.length === left.length) return next;
    left = next;
  }
}

/** Extends a range to its whole line, or over the blanks before it, if nothing else is on the line. */
function wholeLines(text: string, { start, end }: TextRange): TextRange {
  const line = text.lastIndexOf('\n', start - 1) + 1;
  const code = text.slice(line, start).trimEnd();
  const blanks = /^[ \t]*/.exec(text.slice(end))?.[0].length ?? 0;
  const isLast = text[end + blanks] === '\n' || end + blanks === text.length;
  if (!isLast) return { start, end };
  if (code === '' && !isContinued(text, line)) return { start: line, end: end + blanks + 1 };
  return { start: line + code.length, end: end + blanks };
}

/** Whether the line before a line ends with a backslash, so that bash would join it with the line after a removed one. */
function isContinued(text: string, line: number): boolean {
  return text[line - 2] === '\\';
}

/** The empty lines beside statements and comments: bash reads nothing there. Others may be part of a string. */
function emptyLines({ text, assignments, functions, commands, comments }: EbuildFacts): TextRange[] {
  const known = [...functions, ...commands, ...assignments, ...comments];
  const starts = new Set(known.map(({ start }) => start));
  const ends = new Set(known.map(({ end }) => end));
  return [...text.matchAll(/(?<=^|\n)(?:[ \t]*\n)+/g)].flatMap(({ index, 0: lines }) => {
    const range = { start: index, end: index + lines.length };
    const next = range.end + (/^[ \t]*/.exec(text.slice(range.end))?.[0].length ?? 0);
    const isBeside = starts.has(next) || ends.has(text.slice(0, index).trimEnd().length);
    const isInside = known.some(({ start, end }) => start < range.start && range.end < end);
    return isBeside && !isInside && !isContinued(text, index) ? [range] : [];
  });
}

/** Joins ranges with only blanks between them. */
function joinRanges(text: string, ranges: readonly TextRange[]): TextRange[] {
  const joined: { start: number; end: number }[] = [];
  for (const { start, end } of [...ranges].sort((left, right) => left.start - right.start)) {
    const last = joined.at(-1);
    const isNear = last !== undefined && /^[ \t]*$/.test(text.slice(last.end, start));
    if (isNear) last.end = Math.max(last.end, end);
    else joined.push({ start, end });
  }
  return joined;
}

function removeRanges(text: string, ranges: readonly TextRange[]): string {
  const edits = joinRanges(text, ranges).map(({ start, end }) => ({ start, end, newText: '' }));
  return applyEdits(text, edits);
}

/** A line of a text of bash that has a comment and nothing else, unless it is part of a string or a here-document. */
export const COMMENT_LINE = /^[ \t]*#.*$/gm;
/** An assignment to such a variable with its value: it moves dependencies into dependencies, which no build sees. */
const ASSIGNMENT =
  /\b(?:\w*DEPEND|DESCRIPTION|KEYWORDS)\+?=(?:\([^)]*\)|"(?:[^"\\]|\\[\s\S])*"|'[^']*'|[^\s"'();&|]*)/g;

/**
 * Lists the variables that {@link writeBuildText} would leave out and that an eclass may read for another purpose than to set such variables, as `perl-module` reads BDEPEND in
 * src_configure.
 *
 * @param eclass its text
 */
export function listVariablesRead(eclass: string): string[] {
  const rest = eclass.replace(COMMENT_LINE, '').replace(ASSIGNMENT, '');
  return [...new Set([...rest.matchAll(EVERY_NAME)].map(([name]) => name))];
}
