import type { DependencyNode } from '../../pms/dependency.ts';
import type { TextRange } from '../../pms/text-range.ts';
import type { UseCondition } from '../declared.ts';
import type { Assignment } from '../ebuild-facts.ts';
import type { TextEdit } from '../text-edit.ts';
import { listIn, valueList, type WrittenList } from './atom-location.ts';

/** An entry of the list outside every group, and its position on its line. */
interface Item extends TextRange {
  /** The white space before it if it is the first on its line, else undefined. */
  readonly indent: string | undefined;
  /** `category/name` if it is an atom or begins like one, else undefined. */
  readonly key: string | undefined;
}

const KEY =
  /^(?:[<>]=?|=|~)?([A-Za-z0-9_][\w+.-]*\/[A-Za-z0-9_][A-Za-z0-9+_-]*?)(?:-\d[^:[]*|-\$[^:[]*)?(?:[:[].*)?$/s;

/** Writes an atom with the USE conditionals around it on one line; `conditions` are outermost first. */
export function underConditions(atom: string, conditions: readonly UseCondition[]): string {
  return conditions.reduceRight(
    (inner, { flag, negated }) => `${negated ? '!' : ''}${flag}? ( ${inner} )`,
    atom,
  );
}

/**
 * The edits that add an atom to the value of an assignment.
 *
 * @param conditions the USE conditionals to put it in; existing groups of the same flags are used
 */
export function insertIntoValue(
  text: string,
  assignment: Assignment,
  atom: string,
  conditions: readonly UseCondition[] = [],
): TextEdit[] {
  if (conditions.length > 0 && (assignment.quote === 'double' || assignment.quote === 'single')) {
    let list = valueList(text, assignment);
    let depth = 0;
    for (; depth < conditions.length; depth++) {
      const inner = conditionalIn(text, list, conditions[depth]);
      if (inner === undefined) break;
      list = inner;
    }
    if (depth > 0) return [insertIntoGroup(text, list, underConditions(atom, conditions.slice(depth)))];
  }
  return insertEntry(text, assignment, underConditions(atom, conditions));
}

/** The content of the last conditional of this flag in a list. */
function conditionalIn(
  text: string,
  list: WrittenList,
  condition: UseCondition | undefined,
): WrittenList | undefined {
  for (let index = list.nodes.length - 1; index >= 0; index--) {
    const node = list.nodes[index];
    if (
      node?.kind !== 'use-conditional' ||
      node.flag !== condition?.flag ||
      node.negated !== condition.negated
    )
      continue;
    if (!node.opaque && text[node.end - 1] === ')') return listIn(text, node);
  }
  return undefined;
}

/** Adds an entry to a group: on a line of its own if its entries have lines of their own, else on the same line. */
export function insertIntoGroup(text: string, { inside, nodes }: WrittenList, entry: string): TextEdit {
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const items = nodes.map((node) => describeItem(text, inside.start, node));
  if (items.length === 0) {
    const blank = text.slice(inside.start, inside.end).trim() === '';
    return blank
      ? { start: inside.start, end: inside.end, newText: ` ${entry} ` }
      : { start: inside.end, end: inside.end, newText: ` ${entry} ` };
  }
  const place = placeAmong(items, entry) ?? items.length;
  const indent = items[0]?.indent;
  if (indent === undefined) {
    const start = items[place]?.start;
    if (start !== undefined) return { start, end: start, newText: `${entry} ` };
    const end = items[items.length - 1]?.end ?? inside.end;
    return { start: end, end, newText: ` ${entry}` };
  }
  if (place === 0) {
    const start = (items[0]?.start ?? inside.start) - indent.length;
    return { start, end: start, newText: `${indent}${entry}${newline}` };
  }
  return insertAfter({ text, range: inside, items, newline }, place - 1, entry);
}

/** The entries of a list and the text that contains it. */
interface Lines {
  readonly text: string;
  /** The value, or the content of the parentheses. */
  readonly range: TextRange;
  readonly items: readonly Item[];
  readonly newline: string;
}

function insertEntry(text: string, assignment: Assignment, atom: string): TextEdit[] {
  const { start, end } = assignment.valueRange;
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  if (assignment.quote === 'array') return [];
  if (assignment.quote === 'mixed') return [{ start: end, end, newText: `" ${atom}"` }];
  if (assignment.quote === 'none') {
    // A stray quote behind the value opens a string that quotes around the value would change.
    if (/["']/.test(text[end] ?? '')) return [];
    const value = text.slice(start, end);
    const newText = value === '' ? `"${atom}"` : `"${list([value], atom, newline)}"`;
    return [{ start, end, newText }];
  }
  const value = text.slice(start, end);
  const { nodes } = valueList(text, assignment);
  if (nodes.length === 0) return [fillEmpty(value, assignment, atom, newline)];
  const items = nodes.map((node) => describeItem(text, start, node));
  const lines: Lines = { text, range: assignment.valueRange, items, newline };
  if (!value.includes('\n')) {
    const pieces = items.map((item) => text.slice(item.start, item.end));
    // A stray parenthesis is not in any item. Then the line is not rewritten.
    const complete = value.replace(/\s/g, '') === pieces.join('').replace(/\s/g, '');
    if (!complete || value.includes('\\')) return [append(lines, atom)];
    if (!isSorted(items)) return [insertOnLine(lines, atom)];
    pieces.splice(placeAmong(items, atom) ?? pieces.length, 0, atom);
    return [{ start, end, newText: list(pieces, undefined, newline) }];
  }
  const place = placeAmong(items, atom);
  if (place === undefined) return [append(lines, atom)];
  return [insertAt(lines, place, atom)];
}

function list(pieces: readonly string[], atom: string | undefined, newline: string): string {
  const entries = atom === undefined ? pieces : [...pieces, atom];
  return `${newline}${entries.map((entry) => `\t${entry}${newline}`).join('')}`;
}

function fillEmpty(value: string, assignment: Assignment, atom: string, newline: string): TextEdit {
  const { start, end } = assignment.valueRange;
  // A value without entries can still contain something unreadable, which must not be lost.
  if (value.trim() !== '') return { start: end, end, newText: `${newline}\t${atom}${newline}` };
  if (!assignment.closed) return { start, end: start, newText: atom };
  if (value.includes('\n')) return { start, end, newText: `${newline}\t${atom}${newline}` };
  // The value of `+=` must begin with a separator.
  return { start, end, newText: assignment.operator === '+=' ? ` ${atom}` : atom };
}

function describeItem(text: string, valueStart: number, node: DependencyNode): Item {
  let lineStart = node.start;
  while (lineStart > valueStart && (text[lineStart - 1] === ' ' || text[lineStart - 1] === '\t')) lineStart--;
  const first = lineStart > valueStart && text[lineStart - 1] === '\n';
  const written = node.kind === 'atom' || node.kind === 'opaque' ? node.text : '';
  return {
    start: node.start,
    end: node.end,
    indent: first ? text.slice(lineStart, node.start) : undefined,
    key: KEY.exec(written)?.[1],
  };
}

/** Adds to a list of one line that the author did not sort, and leaves it on its line. */
function insertOnLine(lines: Lines, atom: string): TextEdit {
  const { items } = lines;
  const place = placeAmong(items, atom) ?? items.length;
  const following = items[place];
  if (following === undefined) return append(lines, atom);
  return { start: following.start, end: following.start, newText: `${atom} ` };
}

function isSorted(items: readonly Item[]): boolean {
  const keys = items.flatMap(({ key }) => key ?? []);
  return keys.every((key, index) => index === 0 || key >= (keys[index - 1] ?? ''));
}

/**
 * The position for the atom among the items: in order if the list is sorted, else where its neighbours suggest. A reference such as
 * `${PYTHON_DEPS}` comes first.
 *
 * @returns an index into the items; undefined for the end
 */
function placeAmong(items: readonly Item[], atom: string): number | undefined {
  if (atom.startsWith('${')) return 0;
  return isSorted(items) ? placeInOrder(items, atom) : placeBeside(items, atom);
}

/**
 * The position in a list that is not sorted: among the atoms of the same category, in order as far as they are, else after the last atom,
 * because conditionals follow atoms.
 */
function placeBeside(items: readonly Item[], atom: string): number | undefined {
  const key = KEY.exec(atom)?.[1];
  if (key === undefined) return undefined;
  const category = key.slice(0, key.indexOf('/') + 1);
  const alike = [...items.entries()].filter(([, item]) => item.key?.startsWith(category));
  const earlier = alike.filter(([, item]) => (item.key ?? '') <= key);
  const areSorted = isSorted(alike.map(([, item]) => item));
  const before = areSorted ? earlier.at(-1) : alike.at(-1);
  if (before !== undefined) return before[0] + 1;
  return alike[0]?.[0] ?? items.findLastIndex((item) => item.key !== undefined) + 1;
}

/**
 * The position for the atom among the items of a sorted list: after the last atom that does not sort after it, else before the first atom.
 *
 * @returns an index into the items, or undefined if the list has no atoms
 */
function placeInOrder(items: readonly Item[], atom: string): number | undefined {
  const key = KEY.exec(atom)?.[1];
  if (key === undefined) return undefined;
  let first: number | undefined;
  let after: number | undefined;
  for (const [index, item] of items.entries()) {
    if (item.key === undefined) continue;
    if (item.key <= key) after = index + 1;
    first ??= index;
  }
  return after ?? first;
}

function insertAt(lines: Lines, place: number, atom: string): TextEdit {
  const { items, range, newline } = lines;
  const following = items[place];
  const preceding = items[place - 1];
  if (following?.indent !== undefined && (preceding === undefined || preceding.key === undefined)) {
    const start = following.start - following.indent.length;
    return { start, end: start, newText: `${following.indent}${atom}${newline}` };
  }
  if (preceding !== undefined) return insertAfter(lines, place - 1, atom);
  // The first entry directly follows the quote, and so does the new one.
  const start = following?.start ?? range.start;
  return { start, end: start, newText: `${atom}${newline}\t` };
}

function append(lines: Lines, atom: string): TextEdit {
  const { text, range } = lines;
  const value = text.slice(range.start, range.end);
  if (!value.includes('\n')) {
    const end = range.start + value.trimEnd().length;
    return { start: end, end, newText: ` ${atom}` };
  }
  return insertAfter(lines, lines.items.length - 1, atom);
}

/** Inserts a line after the line on which an item ends. */
function insertAfter({ text, range, items, newline }: Lines, index: number, atom: string): TextEdit {
  const { end } = range;
  let last = index;
  while (last + 1 < items.length && items[last + 1]?.indent === undefined) last++;
  const item = items[last];
  let lineEnd = item?.end ?? end;
  while (lineEnd < end && (text[lineEnd] === ' ' || text[lineEnd] === '\t')) lineEnd++;
  const atLineEnd = lineEnd < end && (text[lineEnd] === '\n' || text.startsWith('\r\n', lineEnd));
  const start = atLineEnd ? lineEnd : (item?.end ?? end);
  const indent = indentNear(items, last);
  return { start, end: start, newText: `${newline}${indent}${atom}` };
}

/** The indentation of the item, else of the nearest item before it, else of the first that begins a line; else a tab. */
function indentNear(items: readonly Item[], index: number): string {
  for (let near = index; near >= 0; near--) {
    const indent = items[near]?.indent;
    if (indent !== undefined) return indent;
  }
  return items.find((item) => item.indent !== undefined)?.indent ?? '\t';
}
