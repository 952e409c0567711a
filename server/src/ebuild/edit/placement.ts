import {
  DEPENDENCY_VARIABLES,
  type DependencyVariable,
  isDependencyVariable,
} from '../../pms/dependency-variable.ts';
import type { Assignment, EbuildFacts } from '../ebuild-facts.ts';
import type { TextEdit } from '../text-edit.ts';

/** The order in which ebuilds set their variables, as in Gentoo's skel.ebuild. */
const ORDER: readonly string[] = [
  'EAPI',
  'DESCRIPTION',
  'HOMEPAGE',
  'SRC_URI',
  'S',
  'LICENSE',
  'SLOT',
  'KEYWORDS',
  'IUSE',
  'PROPERTIES',
  'RESTRICT',
  'REQUIRED_USE',
  ...DEPENDENCY_VARIABLES,
];

/** The edit that adds a dependency variable with one atom to a file that does not set it yet. */
export function placeVariable(facts: EbuildFacts, variable: DependencyVariable, atom: string): TextEdit[] {
  const { text } = facts;
  const newline = newlineOf(text);
  const line = (position: number): string => {
    const called = appendsBefore(facts, position);
    return called ? `${variable}+=" ${atom}"` : `${variable}="${atom}"`;
  };
  const user = facts.assignments.find(
    ({ context, parts }) =>
      context !== 'function' && parts.some((part) => part.kind === 'variable' && part.name === variable),
  );
  if (user !== undefined) return placeAbove(facts, user, line);
  const anchor = findAnchor(facts, variable);
  if (anchor === undefined || !isDependencyVariable(anchor.name)) {
    const next = firstDependencyStatement(facts);
    if (next !== undefined) return placeAbove(facts, next, line);
  }
  if (anchor === undefined) {
    const start = startOfCode(facts);
    if (start >= text.length) {
      const separator = text === '' || text.endsWith('\n') ? '' : newline;
      return [
        { start: text.length, end: text.length, newText: `${separator}${line(text.length)}${newline}` },
      ];
    }
    return [{ start, end: start, newText: `${line(start)}${newline}${newline}` }];
  }
  const start = endOfLine(text, Math.max(anchor.statement.end, endOfInherits(facts)));
  const spaced = isDependencyVariable(anchor.name) ? separatesWithBlankLines(facts) : true;
  const before = spaced ? newline + newline : newline;
  return [
    { start, end: start, newText: `${before}${line(start)}${spaceAfter(facts, start, spaced, newline)}` },
  ];
}

/** Writes a line above an assignment and its comments. @param line gives the line for its position */
function placeAbove(
  facts: EbuildFacts,
  { statement }: Assignment,
  line: (position: number) => string,
): TextEdit[] {
  const newline = newlineOf(facts.text);
  const start = startWithComments(facts.text, statement.start);
  const gap = separatesWithBlankLines(facts) ? newline : '';
  return [{ start, end: start, newText: `${line(start)}${newline}${gap}` }];
}

/** Functions of eclasses that append to dependency variables, such as `distutils_enable_tests` and `ruby_add_bdepend`. */
const APPENDING = /^(?:(?:distutils_enable|ruby_add)_\w+|acct-user_add_deps)$/;

/** Whether such a function is called before this position, so that an `=` after it would discard its additions. */
function appendsBefore(facts: EbuildFacts, position: number): boolean {
  return facts.commands.some(
    ({ name, start, inFunction }) => start < position && inFunction === undefined && APPENDING.test(name),
  );
}

/** The edit that appends an atom after all assignments, for a variable that is only set in branches. */
export function placeAppending(
  facts: EbuildFacts,
  variable: DependencyVariable,
  assignments: readonly Assignment[],
  atom: string,
): TextEdit[] {
  const { text } = facts;
  const last = Math.max(...assignments.map((assignment) => assignment.statement.end));
  const start = endOfLine(text, last);
  return [{ start, end: start, newText: `${newlineOf(text)}${variable}+=" ${atom}"` }];
}

/** The last assignment of the variables that ebuilds write before this one. */
function findAnchor(facts: EbuildFacts, variable: DependencyVariable): Assignment | undefined {
  const rank = ORDER.indexOf(variable);
  const earlier = facts.assignments.filter((assignment) => {
    const itsRank = ORDER.indexOf(assignment.name);
    return assignment.context !== 'function' && itsRank >= 0 && itsRank < rank;
  });
  const dependencies = earlier.filter((assignment) => isDependencyVariable(assignment.name));
  const candidates = dependencies.length > 0 ? dependencies : earlier;
  let anchor: Assignment | undefined;
  for (const candidate of candidates) {
    if (anchor === undefined || candidate.statement.end >= anchor.statement.end) anchor = candidate;
  }
  return anchor;
}

/** The first dependency variable of the text. A new variable that precedes it in the order is written directly above it. */
function firstDependencyStatement(facts: EbuildFacts): Assignment | undefined {
  return facts.assignments.find(
    (assignment) => assignment.context !== 'function' && isDependencyVariable(assignment.name),
  );
}

/** The start of the line at `offset`, or of the comment lines right above it, which belong to it. */
function startWithComments(text: string, offset: number): number {
  let start = text.lastIndexOf('\n', offset - 1) + 1;
  while (start > 0) {
    const above = text.lastIndexOf('\n', start - 2) + 1;
    if (!/^[ \t]*#/.test(text.slice(above, start))) break;
    start = above;
  }
  return start;
}

/** The end of the last `inherit`. Eclasses must be sourced before the ebuild sets its own variables. */
function endOfInherits(facts: EbuildFacts): number {
  return Math.max(0, ...facts.inherits.filter(({ context }) => context === 'global').map(({ end }) => end));
}

/** The start of the first function, or the end of the text. */
function startOfCode(facts: EbuildFacts): number {
  const first = facts.functions[0];
  if (first !== undefined) return facts.text.lastIndexOf('\n', first.start - 1) + 1;
  return facts.text.length;
}

/** Whether this file separates its dependency variables with blank lines. */
function separatesWithBlankLines(facts: EbuildFacts): boolean {
  const dependencies = facts.assignments.filter(
    (assignment) => assignment.context === 'global' && isDependencyVariable(assignment.name),
  );
  for (const [index, assignment] of dependencies.entries()) {
    const next = dependencies[index + 1];
    if (next === undefined) return false;
    const between = facts.text.slice(assignment.end, next.start);
    if (/^[ \t]*(?:#[^\n]*)?\r?\n[ \t]*\r?\n\s*$/.test(between)) return true;
  }
  return false;
}

/** A blank line after the new variable, if the next line would otherwise follow it directly. */
function spaceAfter(facts: EbuildFacts, lineEnd: number, spaced: boolean, newline: string): string {
  const rest = facts.text.slice(lineEnd);
  if (rest === '') return newline;
  if (/^\r?\n[ \t]*(?:\r?\n|$)/.test(rest) || !spaced) return '';
  return newline;
}

function endOfLine(text: string, position: number): number {
  const newline = text.indexOf('\n', position);
  if (newline < 0) return text.length;
  return newline > position && text[newline - 1] === '\r' ? newline - 1 : newline;
}

function newlineOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}
