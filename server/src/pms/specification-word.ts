import { nameOfCharacter } from './names.ts';
import { endOfExpansion } from './shell-text.ts';
import type { Report, TextRange } from './text-range.ts';

/** A word between white space; each parenthesis is a word of its own. */
export interface Word extends TextRange {
  readonly text: string;
  /** `opaque` if it has an expansion. */
  readonly kind: 'word' | 'opaque' | 'open' | 'close' | 'comment';
}

/** The characters that do not end a word: the brackets of an atom, the parentheses and commas of a URI, or neither. */
export type WordSyntax = 'atom' | 'uri' | 'plain';

/** After so many unclosed expansions, the ends of others are not searched, so that hostile text takes linear time. */
const MOST_UNCLOSED = 16;
/** Unicode white space that looks like a separator and is not one: no-break, typographic and zero-width spaces. */
const FALSE_BLANK = /[\u00a0\u1680\u2000-\u200d\u2028\u2029\u202f\u205f\u2060\u3000\ufeff]/;

/** Splits at white space, and at parentheses even if the white space that PMS 8.2 requires around them is missing. */
export function splitWords(text: string, syntax: WordSyntax, report: Report): Word[] {
  const words: Word[] = [];
  const reader: Reader = { text, syntax, report, unclosed: 0 };
  let position = 0;
  while (position < text.length) {
    const blank = lengthOfBlank(text, position);
    if (blank > 0) {
      position += blank;
      continue;
    }
    const start = position;
    const character = text.charAt(position);
    const glued = start > 0 && lengthOfBlank(text, start - 1) === 0;
    if (character === '(' || character === ')') {
      position++;
      if (glued) report(start, position, `A space is missing before \`${character}\`: add it.`);
      else if (
        position < text.length &&
        lengthOfBlank(text, position) === 0 &&
        !'()'.includes(text.charAt(position))
      ) {
        report(start, position, `A space is missing after \`${character}\`: add it.`);
      }
      words.push({ kind: character === '(' ? 'open' : 'close', text: character, start, end: position });
    } else if (character === '#' && !glued) {
      const newline = text.indexOf('\n', start);
      position = newline < 0 ? text.length : newline;
      words.push({ kind: 'comment', text: text.slice(start, position), start, end: position });
    } else if (isSeparator(text, position, syntax)) {
      position++;
      const shown = /[,;]/.test(character)
        ? `\`${character}\``
        : `The character ${nameOfCharacter(character)}`;
      report(start, position, `${shown} does not separate words here: write a plain space.`);
    } else {
      const word = readWord(reader, start);
      words.push(word);
      position = word.end;
    }
  }
  return words;
}

interface Reader {
  readonly text: string;
  readonly syntax: WordSyntax;
  readonly report: Report;
  unclosed: number;
}

function readWord(reader: Reader, start: number): Word {
  const { text, syntax, report } = reader;
  let position = start;
  let opaque = false;
  let inBrackets = false;
  while (position < text.length) {
    const character = text.charAt(position);
    if (lengthOfBlank(text, position) > 0) {
      const rest = inBrackets ? restOfBrackets(text, position) : 0;
      if (rest === 0) break;
      report(position, position + 1, 'White space cannot stand inside `[…]`: remove it.');
      position += rest;
      inBrackets = false;
      continue;
    }
    if (!inBrackets && isSeparator(text, position, syntax)) break;
    if (character === '$' || character === '`') {
      opaque = true;
      const end = reader.unclosed < MOST_UNCLOSED ? endOfExpansion(text, position) : undefined;
      position = end === undefined ? endOfBlackWord(text, position) : Math.max(end, position + 1);
      if (end === undefined) {
        reader.unclosed++;
        report(start, position, 'This shell expansion is not closed: add the missing `)`, `}` or backtick.');
      }
      continue;
    }
    if (character === '(' || character === ')') {
      const length =
        character === '(' && position > start ? lengthOfInnerParentheses(reader, position, inBrackets) : 0;
      if (length === 0) break;
      position += length;
      continue;
    }
    if (syntax === 'atom') {
      if (character === '[') inBrackets = true;
      else if (character === ']') inBrackets = false;
    }
    position++;
  }
  return { kind: opaque ? 'opaque' : 'word', text: text.slice(start, position), start, end: position };
}

/** The length of a pair of parentheses inside a word: the default of a USE dependency, or a part of a URI. Otherwise 0. */
function lengthOfInnerParentheses({ text, syntax }: Reader, position: number, inBrackets: boolean): number {
  if (syntax === 'atom')
    return inBrackets && '+-'.includes(text[position + 1] ?? ' ') && text[position + 2] === ')' ? 3 : 0;
  if (syntax === 'plain') return 0;
  return /^\([^()\s$`]*\)/.exec(text.slice(position, position + 200))?.[0].length ?? 0;
}

/** The length of the text from a blank inside brackets to `]`, if it can only be the rest of a USE dependency; else 0. */
function restOfBrackets(text: string, position: number): number {
  return (
    /^[ \t]*(?:,[ \t]*)?[A-Za-z0-9+_@!?=(), \t-]*\]/.exec(text.slice(position, position + 500))?.[0].length ??
    0
  );
}

function endOfBlackWord(text: string, position: number): number {
  let end = position + 1;
  while (end < text.length && lengthOfBlank(text, end) === 0) end++;
  return end;
}

/** Whether the author meant this character as a space. */
function isSeparator(text: string, position: number, syntax: WordSyntax): boolean {
  const code = text.charCodeAt(position);
  if (code < 128) return syntax !== 'uri' && (code === 44 || code === 59);
  return FALSE_BLANK.test(text.charAt(position));
}

/** The length of a white space character, or of a backslash and a line break, which bash removes; else 0. */
function lengthOfBlank(text: string, position: number): number {
  const code = text.charCodeAt(position);
  if (code === 32 || (code >= 9 && code <= 13)) return 1;
  if (code !== 92) return 0;
  if (text[position + 1] === '\n') return 2;
  return text[position + 1] === '\r' && text[position + 2] === '\n' ? 3 : 0;
}
