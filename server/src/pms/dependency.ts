import { type Atom, isUseFlag, parseAtom } from './atom.ts';
import { endOfExpansion } from './shell-text.ts';
import type { Problem, TextRange } from './text-range.ts';

export interface AtomNode extends TextRange {
  readonly kind: 'atom';
  readonly atom: Atom;
  /** As written. */
  readonly text: string;
}

/** `( … )`, `|| ( … )`, `^^ ( … )` and `?? ( … )` of PMS 8.2. */
export interface GroupNode extends TextRange {
  readonly kind: 'all-of' | 'any-of' | 'exactly-one-of' | 'at-most-one-of';
  readonly children: readonly DependencyNode[];
}

/** `flag? ( … )` and `!flag? ( … )`. */
export interface UseConditionalNode extends TextRange {
  readonly kind: 'use-conditional';
  /** The flag's name; unexpanded shell text when `opaque`. */
  readonly flag: string;
  readonly negated: boolean;
  /** Whether the flag's name is only known after bash has expanded it, as in `python_targets_${impl}? ( … )`. */
  readonly opaque: boolean;
  readonly children: readonly DependencyNode[];
}

/** A word that bash expands: `${PYTHON_DEPS}`, `$(python_gen_cond_dep …)`, `dev-qt/qtbase-${PV}`. */
export interface OpaqueNode extends TextRange {
  readonly kind: 'opaque';
  readonly text: string;
}

/** A word that means nothing here. An error says why. */
export interface InvalidNode extends TextRange {
  readonly kind: 'invalid';
  readonly text: string;
}

export type DependencyNode = AtomNode | GroupNode | UseConditionalNode | OpaqueNode | InvalidNode;

export interface ParsedDependency {
  readonly nodes: readonly DependencyNode[];
  readonly errors: readonly Problem[];
}

/** Deeper groups are read as if their parentheses were not there, so that walking the tree cannot exhaust the stack. */
const DEEPEST = 100;

const OPERATORS: Readonly<Record<string, GroupNode['kind']>> = {
  '||': 'any-of',
  '^^': 'exactly-one-of',
  '??': 'at-most-one-of',
};

interface Word extends TextRange {
  readonly text: string;
  readonly kind: 'word' | 'opaque' | 'open' | 'close' | 'comment';
}

/** A group whose closing parenthesis has not come yet. */
interface OpenGroup {
  readonly head: Word | undefined;
  readonly parenthesis: Word;
  readonly children: DependencyNode[];
}

/**
 * Reads a dependency specification (PMS 8.2) as it stands in an ebuild or in metadata.
 *
 * Shell text that bash has not expanded is no error: it becomes an `opaque` node. After an error the next atom is always
 * found again.
 *
 * @param text the value without the quotes around it
 * @param baseOffset where `text` begins in the whole file; added to every range
 */
export function parseDependency(text: string, baseOffset = 0): ParsedDependency {
  const errors: Problem[] = [];
  const report = (range: TextRange, message: string): void => {
    errors.push({ start: baseOffset + range.start, end: baseOffset + range.end, message });
  };
  const top: DependencyNode[] = [];
  const open: OpenGroup[] = [];
  let ignoredParentheses = 0;
  let head: Word | undefined;
  let lastEnd = 0;

  const add = (node: DependencyNode): void => {
    (open[open.length - 1]?.children ?? top).push(node);
  };
  const dropHead = (): void => {
    if (head === undefined) return;
    report(
      head,
      `\`${head.text}\` governs nothing: put what it governs after it, in \`( … )\`, or remove it.`,
    );
    add({ kind: 'invalid', text: head.text, start: baseOffset + head.start, end: baseOffset + head.end });
    head = undefined;
  };
  const close = (end: number): void => {
    const group = open.pop();
    if (group !== undefined) add(makeGroup(group, end, baseOffset));
  };

  for (const word of splitWords(text, report)) {
    lastEnd = word.end;
    if (word.kind === 'open') {
      if (open.length >= DEEPEST) {
        report(word, `Groups are nested more than ${DEEPEST} deep: take this pair of parentheses away.`);
        ignoredParentheses++;
        head = undefined;
      } else {
        open.push({ head, parenthesis: word, children: [] });
        head = undefined;
      }
      continue;
    }
    dropHead();
    const range = { start: baseOffset + word.start, end: baseOffset + word.end };
    if (word.kind === 'close') {
      if (ignoredParentheses > 0) ignoredParentheses--;
      else if (open.length > 0) close(word.end);
      else report(word, 'This `)` closes nothing: remove it or add the `(` that belongs to it.');
    } else if (word.kind === 'comment') {
      report(word, 'A comment cannot stand inside a dependency string: move it above the variable.');
      add({ kind: 'invalid', text: word.text, ...range });
    } else if (word.text in OPERATORS && Object.hasOwn(OPERATORS, word.text)) {
      head = word;
    } else if (word.text.endsWith('?') && !word.text.includes('/')) {
      head = word;
      const flag = word.text.slice(word.text.startsWith('!') ? 1 : 0, -1);
      if (word.kind !== 'opaque' && !isUseFlag(flag)) {
        report(
          word,
          `\`${flag}\` is not a USE flag: use letters, digits and + _ @ - and begin with a letter or a digit.`,
        );
      }
    } else if (word.kind === 'opaque') {
      add({ kind: 'opaque', text: word.text, ...range });
    } else {
      const parsed = parseAtom(word.text, range.start);
      errors.push(...parsed.errors);
      add(
        parsed.atom === undefined
          ? { kind: 'invalid', text: word.text, ...range }
          : { kind: 'atom', atom: parsed.atom, text: word.text, ...range },
      );
    }
  }
  dropHead();
  while (open.length > 0) {
    const group = open[open.length - 1];
    if (group !== undefined)
      report(group.parenthesis, 'This `(` is never closed: add `)` where the group ends.');
    close(lastEnd);
  }
  errors.sort((left, right) => left.start - right.start);
  return { nodes: top, errors };
}

/** Every atom of the tree in the order of the text, blockers too, whatever group or conditional it stands in. */
export function collectAtoms(nodes: readonly DependencyNode[]): AtomNode[] {
  const result: AtomNode[] = [];
  const visit = (node: DependencyNode): void => {
    if (node.kind === 'atom') result.push(node);
    else if (node.kind !== 'opaque' && node.kind !== 'invalid') node.children.forEach(visit);
  };
  nodes.forEach(visit);
  return result;
}

function makeGroup(group: OpenGroup, end: number, baseOffset: number): DependencyNode {
  const { head, children } = group;
  const range = { start: baseOffset + (head ?? group.parenthesis).start, end: baseOffset + end };
  if (head === undefined) return { kind: 'all-of', children, ...range };
  const operator = Object.hasOwn(OPERATORS, head.text) ? OPERATORS[head.text] : undefined;
  if (operator !== undefined) return { kind: operator, children, ...range };
  const negated = head.text.startsWith('!');
  return {
    kind: 'use-conditional',
    flag: head.text.slice(negated ? 1 : 0, -1),
    negated,
    opaque: head.kind === 'opaque',
    children,
    ...range,
  };
}

/** Splits at white space, and at parentheses even where the white space that PMS 8.2 wants around them is missing. */
function splitWords(text: string, report: (range: TextRange, message: string) => void): Word[] {
  const words: Word[] = [];
  let position = 0;
  while (position < text.length) {
    const blank = lengthOfBlank(text, position);
    if (blank > 0) {
      position += blank;
      continue;
    }
    const start = position;
    const character = text[position];
    const glued = start > 0 && lengthOfBlank(text, start - 1) === 0;
    if (character === '(' || character === ')') {
      position++;
      if (glued) report({ start, end: position }, `A space is missing before \`${character}\`: add it.`);
      else if (
        position < text.length &&
        lengthOfBlank(text, position) === 0 &&
        !'()'.includes(text[position] ?? '')
      ) {
        report({ start, end: position }, `A space is missing after \`${character}\`: add it.`);
      }
      words.push({ kind: character === '(' ? 'open' : 'close', text: character, start, end: position });
    } else if (character === '#' && !glued) {
      const newline = text.indexOf('\n', start);
      position = newline < 0 ? text.length : newline;
      words.push({ kind: 'comment', text: text.slice(start, position), start, end: position });
    } else {
      const word = readWord(text, start, report);
      words.push(word);
      position = word.end;
    }
  }
  return words;
}

function readWord(text: string, start: number, report: (range: TextRange, message: string) => void): Word {
  let position = start;
  let opaque = false;
  let inBrackets = false;
  while (position < text.length) {
    const character = text[position];
    if (lengthOfBlank(text, position) > 0) {
      const rest = inBrackets ? restOfBrackets(text, position) : 0;
      if (rest === 0) break;
      report({ start: position, end: position + 1 }, 'White space cannot stand inside `[…]`: remove it.');
      position += rest;
      inBrackets = false;
      continue;
    }
    if (character === '$' || character === '`') {
      const end = endOfExpansion(text, position);
      opaque = true;
      position = end === undefined ? endOfBlackWord(text, position) : Math.max(end, position + 1);
      if (end === undefined) {
        report(
          { start, end: position },
          'This shell expansion is not closed: add the missing `)`, `}` or backtick.',
        );
      }
      continue;
    }
    if (character === '(' || character === ')') {
      // Inside brackets a parenthesis can only be the default of a USE dependency, as in [flag(+)].
      const isDefault =
        inBrackets && character === '(' && /^\([+-]\)/.test(text.slice(position, position + 3));
      if (!isDefault) break;
      position += 3;
      continue;
    }
    if (character === '[') inBrackets = true;
    else if (character === ']') inBrackets = false;
    position++;
  }
  return { kind: opaque ? 'opaque' : 'word', text: text.slice(start, position), start, end: position };
}

/** How much of the text from a blank inside brackets to `]` can only be the rest of the USE dependency; 0 when in doubt. */
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

/** White space, or a backslash at the end of a line, which bash takes away with the line's end. */
function lengthOfBlank(text: string, position: number): number {
  const character = text[position];
  if (character === ' ' || character === '\t' || character === '\n' || character === '\r') return 1;
  if (character === '\f' || character === '\v') return 1;
  if (character !== '\\') return 0;
  if (text[position + 1] === '\n') return 2;
  return text[position + 1] === '\r' && text[position + 2] === '\n' ? 3 : 0;
}
