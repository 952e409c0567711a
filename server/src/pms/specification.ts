/** The tree of PMS 8.2 that all specification-style variables share. Each kind of variable has its own leaves. */
import { featuresOf, type SpecificationRules } from './eapi.ts';
import { isUseFlag } from './names.ts';
import { splitWords, type Word, type WordSyntax } from './specification-word.ts';
import type { Problem, Report, TextRange } from './text-range.ts';

/** The properties that every kind of leaf has. */
export interface Item extends TextRange {
  readonly kind: string;
  /** As written. */
  readonly text: string;
}

/** `( … )`, `|| ( … )`, `^^ ( … )` and `?? ( … )` of PMS 8.2. */
export interface Group<Leaf extends Item> extends TextRange {
  readonly kind: 'all-of' | 'any-of' | 'exactly-one-of' | 'at-most-one-of';
  readonly children: readonly SpecificationNode<Leaf>[];
}

/** `flag? ( … )` and `!flag? ( … )`. */
export interface UseConditional<Leaf extends Item> extends TextRange {
  readonly kind: 'use-conditional';
  /** The flag's name; unexpanded shell text when `opaque`. */
  readonly flag: string;
  readonly negated: boolean;
  /** Whether bash still has to expand the name of the flag, as in `python_targets_${impl}? ( … )`. */
  readonly opaque: boolean;
  readonly children: readonly SpecificationNode<Leaf>[];
}

/** A word with an expansion: `${PYTHON_DEPS}`, `$(python_gen_cond_dep …)`, `dev-qt/qtbase-${PV}`. */
export interface OpaqueNode extends TextRange {
  readonly kind: 'opaque';
  readonly text: string;
}

/** A word that is not valid here. An error explains it. */
export interface InvalidNode extends TextRange {
  readonly kind: 'invalid';
  readonly text: string;
}

export type SpecificationNode<Leaf extends Item> =
  | Leaf
  | Group<Leaf>
  | UseConditional<Leaf>
  | OpaqueNode
  | InvalidNode;

export interface Specification<Leaf extends Item> {
  readonly nodes: readonly SpecificationNode<Leaf>[];
  readonly errors: readonly Problem[];
}

/** The syntax of one kind of variable. */
export interface Grammar<Leaf extends Item> {
  /** For messages, e.g. `RESTRICT and PROPERTIES`. */
  readonly variables: string;
  readonly syntax: WordSyntax;
  /** The operators among `||`, `^^` and `??` that are allowed before a group. */
  readonly operators: readonly string[];
  /** Joins words that together are one leaf. */
  joinWords?(
    words: readonly Word[],
    text: string,
    rules: SpecificationRules,
    report: Report,
  ): readonly Word[];
  /**
   * Reads a leaf without shell text in it.
   *
   * @param range of `text` in the whole file; `report` takes offsets in the file too
   * @returns undefined if the text is not a leaf; the reason is reported
   */
  readItem(text: string, range: TextRange, rules: SpecificationRules, report: Report): Leaf | undefined;
}

/** The parentheses of deeper groups are ignored, so that walking the tree cannot exhaust the stack. */
const DEEPEST = 100;

/** The number of errors that are kept. A value with more is not a specification at all. */
const MOST_ERRORS = 1000;

const OPERATORS: ReadonlyMap<string, 'any-of' | 'exactly-one-of' | 'at-most-one-of'> = new Map([
  ['||', 'any-of'],
  ['^^', 'exactly-one-of'],
  ['??', 'at-most-one-of'],
]);

/** A group whose closing parenthesis has not been read yet. */
interface OpenGroup<Leaf extends Item> {
  readonly head: Word | undefined;
  readonly parenthesis: Word;
  readonly children: SpecificationNode<Leaf>[];
}

/**
 * Reads a specification (PMS 8.2) of an ebuild or its metadata.
 *
 * Shell text that bash still has to expand is not an error: it becomes an `opaque` node. After an error, reading
 * continues with the next leaf.
 *
 * @param text the value without the quotes around it
 * @param baseOffset where `text` begins in the whole file; added to every range
 */
export function parseSpecification<Leaf extends Item>(
  grammar: Grammar<Leaf>,
  text: string,
  baseOffset: number,
  rules: SpecificationRules,
): Specification<Leaf> {
  const errors: Problem[] = [];
  const reportAt: Report = (start, end, message) => {
    if (errors.length < MOST_ERRORS) errors.push({ start, end, message });
  };
  const report: Report = (start, end, message) => reportAt(baseOffset + start, baseOffset + end, message);
  const top: SpecificationNode<Leaf>[] = [];
  const open: OpenGroup<Leaf>[] = [];
  let ignoredParentheses = 0;
  let head: Word | undefined;
  let lastEnd = 0;

  const add = (node: SpecificationNode<Leaf>): void => {
    (open[open.length - 1]?.children ?? top).push(node);
  };
  const rangeOf = (word: Word): TextRange => ({ start: baseOffset + word.start, end: baseOffset + word.end });
  const dropHead = (): void => {
    if (head === undefined) return;
    report(head.start, head.end, `\`${head.text}\` has no group: add \`( … )\` after it, or remove it.`);
    add({ kind: 'invalid', text: head.text, ...rangeOf(head) });
    head = undefined;
  };
  const close = (group: OpenGroup<Leaf>, end: number): void => {
    const { start } = group.head ?? group.parenthesis;
    add(makeGroup(group, baseOffset + start, baseOffset + end));
  };

  const split = splitWords(text, grammar.syntax, report);
  for (const word of grammar.joinWords?.(split, text, rules, report) ?? split) {
    lastEnd = word.end;
    if (word.kind === 'open') {
      if (open.length >= DEEPEST) {
        const message = `Groups are nested more than ${DEEPEST} deep: take this pair of parentheses away.`;
        if (ignoredParentheses === 0) report(word.start, word.end, message);
        ignoredParentheses++;
      } else {
        open.push({ head, parenthesis: word, children: [] });
      }
      head = undefined;
      continue;
    }
    dropHead();
    if (word.kind === 'close') {
      const group = ignoredParentheses > 0 ? undefined : open.pop();
      if (ignoredParentheses > 0) {
        ignoredParentheses--;
      } else if (group === undefined) {
        report(word.start, word.end, 'This `)` closes nothing: remove it or add the `(` that belongs to it.');
      } else {
        const { start } = group.head ?? group.parenthesis;
        if (rules.ebuild === true && group.children.length === 0)
          report(start, word.end, 'This group is empty: write something into it or remove it.');
        close(group, word.end);
      }
    } else if (word.kind === 'comment') {
      const message = 'A comment cannot stand inside this value: move it above the variable.';
      report(word.start, word.end, message);
      add({ kind: 'invalid', text: word.text, ...rangeOf(word) });
    } else if (OPERATORS.has(word.text) || isConditional(word.text)) {
      head = word;
      const message = explainHead(grammar, word, rules);
      if (message !== undefined) report(word.start, word.end, message);
    } else {
      const { text: written } = word;
      const range = rangeOf(word);
      if (word.kind === 'opaque') add({ kind: 'opaque', text: written, ...range });
      else {
        const item = grammar.readItem(written, range, rules, reportAt);
        add(item ?? { kind: 'invalid', text: written, ...range });
      }
    }
  }
  dropHead();
  for (let group = open.pop(); group !== undefined; group = open.pop()) {
    const { start, end } = group.parenthesis;
    report(start, end, 'This `(` is never closed: add `)` where the group ends.');
    close(group, lastEnd);
  }
  errors.sort((left, right) => left.start - right.start);
  return { nodes: top, errors };
}

/** Whether the word is a flag with `?`. A word with a `/` is an atom or a URI, even if it ends in `?`. */
function isConditional(text: string): boolean {
  return text.endsWith('?') && !text.includes('/');
}

/** The reason why an operator or a conditional is not allowed here; undefined if it is allowed. */
function explainHead<Leaf extends Item>(
  { operators, variables }: Grammar<Leaf>,
  head: Word,
  rules: SpecificationRules,
): string | undefined {
  const operator = head.text;
  if (!OPERATORS.has(operator)) {
    const flag = flagOf(head);
    if (head.kind === 'opaque' || isUseFlag(flag)) return undefined;
    return `\`${flag}\` is not a USE flag: use letters, digits and + _ @ - and begin with a letter or a digit.`;
  }
  if (!operators.includes(operator)) {
    const fix = operators.includes('||') ? 'write `||` or remove it' : 'remove it or write `flag? ( … )`';
    return `\`${operator}\` is not allowed in ${variables}: ${fix}.`;
  }
  if (operator === '??' && !featuresOf(rules.eapi).atMostOneOf)
    return 'This EAPI has no `??`: use EAPI 5 or later, or say it with `flag? ( !other )`.';
  return undefined;
}

/** The flag of a conditional such as `!flag?`. */
function flagOf({ text }: Word): string {
  return text.slice(text.startsWith('!') ? 1 : 0, -1);
}

function makeGroup<Leaf extends Item>(
  group: OpenGroup<Leaf>,
  start: number,
  end: number,
): SpecificationNode<Leaf> {
  const { head, children } = group;
  if (head === undefined) return { kind: 'all-of', children, start, end };
  const kind = OPERATORS.get(head.text);
  if (kind !== undefined) return { kind, children, start, end };
  const negated = head.text.startsWith('!');
  const opaque = head.kind === 'opaque';
  return { kind: 'use-conditional', flag: flagOf(head), negated, opaque, children, start, end };
}

/** Whether the node is a group or a conditional. */
export function hasChildren<Leaf extends Item>(
  node: SpecificationNode<Leaf>,
): node is Group<Leaf> | UseConditional<Leaf> {
  return 'children' in node;
}

/** Whether the node is a valid leaf. */
export function isItem<Leaf extends Item>(node: SpecificationNode<Leaf>): node is Leaf {
  return !hasChildren(node) && node.kind !== 'opaque' && node.kind !== 'invalid';
}

/** All leaves of the tree in the order of the text, with those in groups and conditionals. */
export function collectItems<Leaf extends Item>(nodes: readonly SpecificationNode<Leaf>[]): Leaf[] {
  const result: Leaf[] = [];
  const visit = (node: SpecificationNode<Leaf>): void => {
    if (hasChildren(node)) node.children.forEach(visit);
    else if (isItem(node)) result.push(node);
  };
  nodes.forEach(visit);
  return result;
}

/**
 * Whether a tree is matched (PMS 8.2). Unexpanded and invalid words are always matched.
 *
 * @param nodes the result of `evaluateUse`; conditionals that are left count as matched
 * @param holds whether a leaf is matched
 * @param eapi decides whether an empty any-of or exactly-one-of group is matched: yes up to EAPI 6 (PMS 8.2.3)
 */
export function isMatched<Leaf extends Item>(
  nodes: readonly SpecificationNode<Leaf>[],
  holds: (leaf: Leaf) => boolean,
  eapi?: string,
): boolean {
  const { emptyGroupsMatch } = featuresOf(eapi);
  const matched = (node: SpecificationNode<Leaf>): boolean => {
    if (isItem(node)) return holds(node);
    if (!hasChildren(node)) return true;
    const { kind, children } = node;
    if (children.length === 0 && emptyGroupsMatch) return true;
    switch (kind) {
      case 'all-of':
        return children.every(matched);
      case 'any-of':
        return children.some(matched);
      case 'exactly-one-of':
        return children.filter(matched).length === 1;
      case 'at-most-one-of':
        return children.filter(matched).length <= 1;
      case 'use-conditional':
        return true;
    }
  };
  return nodes.every(matched);
}
