import type { Assignment, EbuildFacts } from '../ebuild/ebuild-facts.ts';
import { parseAtom } from '../pms/atom.ts';
import type { NamedPackage } from '../pms/package-name.ts';
import type { TextRange } from '../pms/text-range.ts';
import { DEPENDENCY_VALUE, FLAG_VALUE, takesFlag } from './contexts.ts';
import { EXPORT_FUNCTIONS } from './words/commands.ts';

/** What the author points at. The range is that of the word. */
export type Place = TextRange &
  (
    | { readonly kind: 'eclass' | 'variable' | 'function' | 'command'; readonly name: string }
    /** A flag of the ebuild, or of the package whose USE dependency names it. */
    | { readonly kind: 'flag'; readonly name: string; readonly of: NamedPackage | undefined }
    | { readonly kind: 'package'; readonly package: NamedPackage }
    /** A word in the value of a variable such as KEYWORDS, without what stands before its name. */
    | { readonly kind: 'value'; readonly variable: string; readonly name: string }
  );

/** Longer words are no names. The bound keeps the search short in very long lines. */
const LONGEST_WORD = 500;
/** The variables whose words have a meaning of their own. */
const VALUES = /^(?:KEYWORDS|LICENSE|RESTRICT|PROPERTIES|EAPI|PYTHON_COMPAT)$/;

/** Says what a place of an ebuild names. Total. @returns undefined in comments, in plain text and between words */
export function placeAt(facts: EbuildFacts, offset: number): Place | undefined {
  const { text, comments } = facts;
  if (comments.some(({ start, end }) => start <= offset && offset <= end)) return undefined;
  const inherit = facts.inherits.find(({ start, end }) => start <= offset && offset <= end);
  if (inherit !== undefined) return { kind: 'eclass', name: inherit.name, ...rangeOf(inherit) };
  const defined = facts.functions.find(({ nameRange }) => holds(nameRange, offset));
  if (defined !== undefined) return { kind: 'function', name: defined.name, ...defined.nameRange };
  const assigned = facts.assignments.find(({ nameRange }) => holds(nameRange, offset));
  if (assigned !== undefined) return { kind: 'variable', name: assigned.name, ...assigned.nameRange };
  return (
    expansionAt(text, offset) ??
    placeInAssignment(facts, offset) ??
    placeInCommand(facts, offset) ??
    packageAt(text, offset)
  );
}

/** `$NAME`, `${NAME}` and `${NAME…`. */
function expansionAt(text: string, offset: number): Place | undefined {
  const range = wordAround(text, offset, /\w/);
  const name = text.slice(range.start, range.end);
  if (!/^[A-Za-z_]\w*$/.test(name)) return undefined;
  const before = text.slice(Math.max(0, range.start - 3), range.start);
  return /\$(?:\{[!#]?)?$/.test(before) ? { kind: 'variable', name, ...range } : undefined;
}

function placeInAssignment(facts: EbuildFacts, offset: number): Place | undefined {
  const assignment = assignmentAt(facts, offset);
  if (assignment === undefined) return undefined;
  const { name, quote } = assignment;
  // The words of an array are read one by one, and are no specification.
  if (quote === 'array' && DEPENDENCY_VALUE.test(name)) return conditionAt(facts.text, offset);
  return placeInValue(facts.text, name, offset);
}

/** What a place in the value of a variable names. Total. */
export function placeInValue(text: string, variable: string, offset: number): Place | undefined {
  if (VALUES.test(variable)) {
    const condition = conditionAt(text, offset);
    if (condition !== undefined) return condition;
    const range = wordAround(text, offset, /[\w.+-]/);
    const start = text[range.start] === '-' ? range.start + 1 : range.start;
    const name = text.slice(start, range.end);
    return name === '' ? undefined : { kind: 'value', variable, name, start, end: range.end };
  }
  if (FLAG_VALUE.test(variable)) return flagAt(text, offset);
  if (DEPENDENCY_VALUE.test(variable)) return conditionAt(text, offset) ?? packageAt(text, offset);
  return conditionAt(text, offset);
}

/** The innermost assignment whose value holds a place: those of functions lie in no other. */
export function assignmentAt(facts: EbuildFacts, offset: number): Assignment | undefined {
  return facts.assignments.find(({ valueRange }) => holds(valueRange, offset));
}

function placeInCommand(facts: EbuildFacts, offset: number): Place | undefined {
  const { text } = facts;
  const around = facts.commands.filter((command) => holds(command, offset));
  // Commands inside `$(…)` come after the command that has them as an argument.
  const command = around.at(-1);
  if (command === undefined) return undefined;
  const { name, start } = command;
  if (offset <= start + name.length) return { kind: 'command', name, start, end: start + name.length };
  if (name === EXPORT_FUNCTIONS.name) {
    const range = wordAround(text, offset, /\w/);
    return { kind: 'command', name: text.slice(range.start, range.end), ...range };
  }
  return takesFlag(text, command, offset) ? flagAt(text, offset) : undefined;
}

/** The flag of a USE conditional, `flag?` or `!flag?`. */
function conditionAt(text: string, offset: number): Place | undefined {
  const range = wordAround(text, offset, /[\w+@-]/);
  if (text[range.end] !== '?' || text[range.start - 1] === '/') return undefined;
  return flagAt(text, offset);
}

function flagAt(text: string, offset: number): Place | undefined {
  const range = wordAround(text, offset, /[\w+@-]/);
  const skipped = /^[+-]*/.exec(text.slice(range.start, range.end))?.[0].length ?? 0;
  const start = range.start + skipped;
  const name = text.slice(start, range.end);
  return name === '' ? undefined : { kind: 'flag', name, of: undefined, start, end: range.end };
}

/** An atom, or a flag of its USE dependency. */
function packageAt(text: string, offset: number): Place | undefined {
  const word = atomAround(text, offset);
  const bangs = /^!*/.exec(text.slice(word.start, word.end))?.[0].length ?? 0;
  return atomIn(text, { start: word.start + bangs, end: word.end }, offset, word);
}

/**
 * What a place of an atom names: its package, or a flag of its USE dependency.
 *
 * @param range of the atom without marks before it
 * @param word the range that stands for the package
 */
export function atomIn(
  text: string,
  range: TextRange,
  offset: number,
  word: TextRange = range,
): Place | undefined {
  const written = text.slice(range.start, range.end);
  if (!written.includes('/') || written.includes('://')) return undefined;
  const bracket = written.indexOf('[');
  const { atom } = parseAtom(bracket < 0 ? written.replace(/[$].*$/, '') : written.slice(0, bracket));
  if (atom === undefined) return undefined;
  const found: NamedPackage = { category: atom.category, name: atom.name };
  if (bracket >= 0 && offset > range.start + bracket) {
    const flag = flagAt(text, offset);
    return flag?.kind === 'flag' ? { ...flag, of: found } : undefined;
  }
  return { kind: 'package', package: found, start: word.start, end: word.end };
}

/** The word around a place in which an atom may be. The parentheses of a default, as in `[flag(+)]`, are part of it. */
export function atomAround(text: string, offset: number): TextRange {
  const from = Math.max(text.lastIndexOf('\n', offset - 1) + 1, offset - LONGEST_WORD);
  const before = /(?:[^\s"'()|]|\([+-]\))*$/.exec(text.slice(from, offset))?.[0].length ?? 0;
  const after = /^(?:[^\s"'()|]|\([+-]\))*/.exec(text.slice(offset, offset + LONGEST_WORD))?.[0].length ?? 0;
  return { start: offset - before, end: offset + after };
}

/** The characters of this kind around a place. */
export function wordAround(text: string, offset: number, letter: RegExp): TextRange {
  let start = offset;
  let end = offset;
  while (start > 0 && offset - start < LONGEST_WORD && letter.test(text[start - 1] ?? '')) start--;
  while (end < text.length && end - offset < LONGEST_WORD && letter.test(text[end] ?? '')) end++;
  return { start, end };
}

const holds = ({ start, end }: TextRange, offset: number): boolean => start <= offset && offset <= end;
const rangeOf = ({ start, end }: TextRange): TextRange => ({ start, end });
