import { endOfExpansion } from '../pms/shell-text.ts';
import type { BashParser } from './bash-parser.ts';
import type { Assignment, EbuildFacts, EbuildFunction, Inherit } from './ebuild-facts.ts';
import { orderFacts, parseEbuild, SWALLOWED } from './facts.ts';
import { METADATA_VARIABLES } from './static-metadata.ts';
import { splitValue } from './value.ts';

/**
 * Reads an ebuild as {@link parseEbuild} does, in a tenth of the time if everything outside its functions is simple, as in nine of ten
 * ebuilds. Bodies of functions are skipped, so the facts have no assignments in them. Commands, comments and errors are searched
 * only when they are read.
 */
export function outlineEbuild(text: string, parser: BashParser): EbuildFacts {
  const outline = readOutline(text);
  if (outline === undefined) return parseEbuild(text, parser);
  let parsed: EbuildFacts | undefined;
  const inFull = (): EbuildFacts => {
    parsed ??= parseEbuild(text, parser);
    return parsed;
  };
  return {
    ...outline,
    get commands() {
      return inFull().commands;
    },
    get comments() {
      return inFull().comments;
    },
    get errors() {
      return inFull().errors;
    },
  };
}

/**
 * Reads the facts of an ebuild whose statements outside functions are assignments, `inherit` lines, simple commands and `if` blocks of
 * those. It does not guess at other statements.
 *
 * @returns undefined if a parser for bash is needed; otherwise the result of {@link parseEbuild} without the facts inside functions
 */
export function readOutline(text: string): Omit<EbuildFacts, 'commands' | 'comments' | 'errors'> | undefined {
  if (text.includes('\r') || text.includes('\0')) return undefined;
  const assignments: Assignment[] = [];
  const functions: EbuildFunction[] = [];
  const inherits: Inherit[] = [];
  /** The blocks around the statement, outermost first. */
  const open: Block[] = [];
  for (let start = skip(BETWEEN, text, 0); start < text.length; ) {
    const context = open.length > 0 ? 'conditional' : 'global';
    const [begun, variable, operator = '', functionName, word, guard] = match(STATEMENT, text, start) ?? [];
    if (begun === undefined) return undefined;
    let end: number | undefined;
    if (variable !== undefined) {
      const valueStart = start + begun.length;
      const nameEnd = valueStart - operator.length;
      const nameRange = { start: nameEnd - variable.length, end: nameEnd };
      end = endOfValue(text, valueStart);
      if (end === undefined || hasLandmark(text, valueStart, end)) return undefined;
      assignments.push({
        name: variable,
        nameRange,
        operator: operator === '+=' ? '+=' : '=',
        start: nameRange.start,
        end,
        ...splitValue(text, valueStart, end),
        context,
        statement: open[0]?.range ?? { start, end },
      });
    } else if (functionName !== undefined) {
      const found = context === 'global' ? readFunction(text, start, begun, functionName) : undefined;
      if (found === undefined) return undefined;
      functions.push(found);
      end = found.end;
    } else if (guard !== undefined) {
      if (!isPlainCondition(guard) || open.at(-1)?.closer === '') return undefined;
      open.push({ range: { start, end: start }, closer: '' });
      start += begun.length;
      continue;
    } else if (word !== undefined && Object.hasOwn(CLOSERS, word)) {
      end = endOfHeader(text, start, word);
      if (end === undefined) return undefined;
      open.push({ range: { start, end }, closer: CLOSERS[word] ?? '' });
    } else if (word === 'elif' || word === 'else') {
      if (open.at(-1)?.closer !== 'fi') return undefined;
      end = word === 'elif' ? endOfHeader(text, start, word) : start + word.length;
    } else if (word === 'fi' || word === 'done') {
      const block = open.pop();
      if (block?.closer !== word) return undefined;
      end = start + word.length;
      block.range.end = end;
    } else if (word !== undefined && !NO_COMMAND.has(word)) {
      const eclasses = word === 'inherit' ? inherits : undefined;
      end = endOfCommand(text, start + word.length, (from, to) =>
        eclasses?.push({ name: text.slice(from, to), start: from, end: to, context }),
      );
    }
    if (end === undefined) return undefined;
    const next = skip(END_OF_STATEMENT, text, end);
    if (next < text.length && text[next] !== '\n') return undefined;
    if (open.at(-1)?.closer === '') (open.pop() as Block).range.end = end;
    start = skip(BETWEEN, text, next);
  }
  return open.length > 0 ? undefined : orderFacts(text, { assignments, functions, inherits });
}

/** A statement that contains other statements. */
interface Block {
  /** The end is set when the block is closed. */
  readonly range: { readonly start: number; end: number };
  /** The word that ends it; empty if it ends with the first statement in it, as after `&&`. */
  readonly closer: string;
}

const CLOSERS: Readonly<Record<string, string>> = { if: 'fi', for: 'done' };

const BETWEEN = /(?:[ \t\n]+|#[^\n]*)*/y;
const END_OF_STATEMENT = /[ \t]+#[^\n]*|[ \t]*/y;
const CONDITION = /(?:[^\n;`()<>]|\$\([\w .-]*\))+?/.source;
const STATEMENT = new RegExp(
  [
    /(?:(?:declare|export|local|readonly|typeset)(?:[ \t]+-\w+)*[ \t]+)?([A-Za-z_]\w*)(\+?=)/.source,
    /(?:function[ \t]+)?([A-Za-z_][\w-]*)[ \t]*\(\)[ \t]*\{[ \t]*(?=\n)/.source,
    /(:|[a-z_][\w-]*)(?=[ \t\n\\]|$)/.source,
    `(\\[\\[[ \\t]${CONDITION}[ \\t]\\]\\])[ \\t]*(?:&&|\\|\\|)[ \\t]*(?![ \\t\\n\\\\[])`,
  ].join('|'),
  'y',
);
const IF = new RegExp(`(?:el)?if[ \\t]+(${CONDITION})[ \\t]*[;\\n][ \\t]*then(?=[ \\t\\n])`, 'y');
const FOR = new RegExp(
  `for[ \\t]+\\w+[ \\t]+in[ \\t]+(${CONDITION})[ \\t]*[;\\n][ \\t]*do(?=[ \\t\\n])`,
  'y',
);
const PHASE = /^(?:pkg|src)_/;
const NESTED = /^[ \t]+(?:function[ \t]|[\w-]+[ \t]*\(\))/m;
const SETS_METADATA = new RegExp(`\\b(?:EAPI|${METADATA_VARIABLES.join('|')})\\+?=`);

/** Words that begin another kind of statement, or a command that assigns to its arguments. */
const NO_COMMAND: ReadonlySet<string> = new Set(
  'case coproc do esac function in select then time until while declare export local readonly typeset unset'.split(
    ' ',
  ),
);

/** The end of the line that opens a block. */
function endOfHeader(text: string, start: number, word: string): number | undefined {
  const [header, condition = ''] = match(word === 'for' ? FOR : IF, text, start) ?? [];
  return header !== undefined && isPlainCondition(condition) ? start + header.length : undefined;
}

/** @param header from `start` to the brace that begins the body */
function readFunction(text: string, start: number, header: string, name: string): EbuildFunction | undefined {
  const end = endOfFunction(text, start + header.length);
  if (end === undefined) return undefined;
  const body = text.slice(start + header.length, end);
  if (NESTED.test(body) || (!PHASE.test(name) && SETS_METADATA.test(body))) return undefined;
  const nameStart =
    start + (header.startsWith('function') && name !== 'function' ? header.indexOf(name, 8) : 0);
  return { name, nameRange: { start: nameStart, end: nameStart + name.length }, start, end };
}

/** Whether a condition only tests: it assigns nothing, inherits nothing and closes its quotes. */
function isPlainCondition(condition: string): boolean {
  const even = (quote: string): boolean => condition.split(quote).length % 2 === 1;
  return even('"') && even("'") && !/\\$|\s#|\binherit\b|(?:^|[\s&|!])\w+\+?=|[&|{]\s*$/.test(condition);
}

/** Whether a value contains something like the beginning of another: a quote may be missing before it. */
function hasLandmark(text: string, start: number, end: number): boolean {
  return text.lastIndexOf('\n', end) > start && SWALLOWED.test(text.slice(start, end));
}

/** The end of the value of an assignment, which is a word or a list in parentheses. */
function endOfValue(text: string, start: number): number | undefined {
  return text[start] === '(' ? endOfList(text, start + 1) : endOfWord(text, start, PLAIN_VALUE);
}

const PLAIN_VALUE = /[\w./:@%+,=~-]+/y;
const PLAIN_ARGUMENT = /[\w./:@%+,=*?!^[\]{}~-]+/y;
const BLANK = /(?:[ \t]|\\\n)*/y;
const BLANK_IN_LIST = /(?:[ \t\n]|\\\n)*/y;
const COMMENT = /#[^\n]*/y;

function endOfList(text: string, start: number): number | undefined {
  for (let at = skip(BLANK_IN_LIST, text, start); at < text.length; at = skip(BLANK_IN_LIST, text, at)) {
    if (text[at] === ')') return at + 1;
    const end = text[at] === '#' ? skip(COMMENT, text, at) : endOfWord(text, at, PLAIN_ARGUMENT);
    if (end === undefined || end === at) return undefined;
    at = end;
  }
  return undefined;
}

/** The end of the last argument of a simple command. */
function endOfCommand(
  text: string,
  start: number,
  onArgument: (start: number, end: number) => void,
): number | undefined {
  let last = start;
  for (;;) {
    const at = skip(BLANK, text, last);
    if (at >= text.length || text[at] === '\n' || (text[at] === '#' && at > last)) return last;
    const end = endOfWord(text, at, PLAIN_ARGUMENT);
    if (end === undefined || end === at) return undefined;
    onArgument(at, end);
    last = end;
  }
}

/** The end of a word of quoted pieces, expansions and plain text; `start` if no such word begins there. */
function endOfWord(text: string, start: number, plain: RegExp): number | undefined {
  for (let at = start; ; ) {
    const end = endOfQuoted(text, at) ?? skip(plain, text, at);
    if (end === at) return at === text.length || /[ \t\n)]/.test(text.charAt(at)) ? at : undefined;
    at = end;
  }
}

/**
 * The end of quotes or of an expansion.
 *
 * @returns undefined if none begin here; more than the length of the text if they are not closed
 */
function endOfQuoted(text: string, start: number): number | undefined {
  const character = text[start];
  if (character === '"') return endOfDoubleQuotes(text, start);
  if (character === "'") return after(text, text.indexOf("'", start + 1));
  if (character === '$') {
    const next = text[start + 1] ?? '';
    if (next === "'" || next === '"') return undefined;
    const end = endOfExpansion(text, start) ?? text.length + 1;
    return end > start ? end : undefined;
  }
  return undefined;
}

const UNQUOTED = /[^"\\$`]*/y;

function endOfDoubleQuotes(text: string, start: number): number {
  for (let at = skip(UNQUOTED, text, start + 1); at < text.length; at = skip(UNQUOTED, text, at)) {
    const character = text[at];
    if (character === '"') return at + 1;
    if (character === '\\') at += 2;
    else at = Math.max(endOfExpansion(text, at) ?? text.length + 1, at + 1);
  }
  return text.length + 1;
}

function after(text: string, position: number): number {
  return position < 0 ? text.length + 1 : position + 1;
}

const NOTABLE = /["'`\\$#\n<]/g;
const HERE_DOCUMENT = /<<(-?)[ \t]*(?:"([^"\n]+)"|'([^'\n]+)'|\\?([\w.]+))/y;
const CLOSED = /\}[ \t]*(?:[ \t]#[^\n]*)?(?=\n|$)/y;

/**
 * The end of the function whose body begins at `start`, which is the end of a line. It is after the first `}` in column 0 outside quotes
 * and here-documents.
 *
 * @returns undefined if there is other text in column 0 or a quote is not closed
 */
function endOfFunction(text: string, start: number): number | undefined {
  const hereDocuments: RegExp[] = [];
  for (let at: number | undefined = start; at !== undefined && at < text.length; ) {
    NOTABLE.lastIndex = at;
    at = NOTABLE.exec(text)?.index ?? text.length;
    const character = text[at];
    if (character === '\n') {
      for (const end of hereDocuments.splice(0)) {
        end.lastIndex = at;
        if (!end.test(text)) return undefined;
        at = end.lastIndex;
      }
      at++;
      if (text[at] === '}') return match(CLOSED, text, at) === null ? undefined : at + 1;
      if (!/[ \t\n#]/.test(text[at] ?? '')) return undefined;
    } else if (character === '\\') at += 2;
    else if (character === '#') {
      at = /[\s;|&()]/.test(text[at - 1] ?? '') ? skip(COMMENT, text, at) : at + 1;
    } else if (character === '<') {
      if (text.startsWith('<<<', at)) at += 3;
      else if (text.startsWith('<<', at)) {
        const found = match(HERE_DOCUMENT, text, at);
        if (found === null) return undefined;
        const [whole, tabs, ...delimiters] = found;
        hereDocuments.push(endOfHereDocument(tabs === '-', delimiters.join('')));
        at += whole.length;
      } else at++;
    } else if (character === '$' && text[at + 1] === '(') {
      // Its content is read like the rest of the body.
      at += 2;
    } else if (character === '$' && text[at + 1] === "'") return undefined;
    else if (character === '`') at = endOfExpansion(text, at);
    else at = endOfQuoted(text, at) ?? at + 1;
  }
  return undefined;
}

/** Matches the line that ends a here-document, from the end of an earlier line. */
function endOfHereDocument(afterTabs: boolean, delimiter: string): RegExp {
  const escaped = delimiter.replace(/[^\w]/g, '\\$&');
  return new RegExp(`\\n${afterTabs ? '\\t*' : ''}${escaped}(?=\\n)`, 'g');
}

/** The end of the match of a sticky pattern at `position`; `position` if it does not match. */
function skip(pattern: RegExp, text: string, position: number): number {
  pattern.lastIndex = position;
  return pattern.test(text) ? pattern.lastIndex : position;
}

function match(pattern: RegExp, text: string, position: number): RegExpExecArray | null {
  pattern.lastIndex = position;
  return pattern.exec(text);
}
