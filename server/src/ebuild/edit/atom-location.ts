import { type DependencyNode, parseDependency } from '../../pms/dependency.ts';
import type { TextRange } from '../../pms/text-range.ts';
import type { UseCondition } from '../declared.ts';
import type { Assignment, EbuildFacts } from '../ebuild-facts.ts';
import { generatorCall } from '../generator-call.ts';
import { parseAssignedValue } from '../parsed-value.ts';

/** A list of dependencies as it is written: a value, the content of a group, or the argument of a generator. */
export interface WrittenList {
  /** The range that may be edited: between the quotes or parentheses. */
  readonly inside: TextRange;
  readonly nodes: readonly DependencyNode[];
  /** The node that contains the list; undefined for the value of the assignment. */
  readonly holder: DependencyNode | undefined;
}

/** The location of a word in a dependency value. */
export interface AtomLocation {
  readonly assignment: Assignment;
  /** The word itself. */
  readonly node: DependencyNode;
  /** The lists around it, outermost first. The holder of each list is a node of the list before it. */
  readonly lists: readonly WrittenList[];
}

/**
 * Finds the word with a range, as `declaredAtoms` gives it.
 *
 * @returns undefined if the range is not exactly one word of a quoted value
 */
export function locateAtom(facts: EbuildFacts, range: TextRange): AtomLocation | undefined {
  const assignment = facts.assignments.find(
    ({ valueRange, context }) =>
      context !== 'function' && valueRange.start <= range.start && range.end <= valueRange.end,
  );
  if (assignment === undefined || (assignment.quote !== 'double' && assignment.quote !== 'single'))
    return undefined;
  const lists: WrittenList[] = [valueList(facts.text, assignment)];
  for (;;) {
    const list = lists[lists.length - 1];
    const node = list?.nodes.find(({ start, end }) => start <= range.start && range.end <= end);
    if (node === undefined) return undefined;
    if (node.start === range.start && node.end === range.end && isWord(node))
      return { assignment, node, lists };
    const inner = listIn(facts.text, node);
    if (inner === undefined) return undefined;
    lists.push(inner);
  }
}

/** The value of an assignment as a list. */
export function valueList(text: string, assignment: Assignment): WrittenList {
  const { nodes } = parseAssignedValue(text, assignment);
  return { inside: assignment.valueRange, nodes, holder: undefined };
}

/** The content of a group, or the argument of a generator that is known to add no other packages. */
export function listIn(text: string, node: DependencyNode): WrittenList | undefined {
  if (node.kind === 'opaque') {
    const call = generatorCall(node.text);
    const argument = call?.namesKnown === true ? call.arguments[0] : undefined;
    if (argument === undefined) return undefined;
    const inside = { start: node.start + argument.start, end: node.start + argument.end };
    const { nodes } = parseDependency(text.slice(inside.start, inside.end), inside.start);
    return { inside, nodes, holder: node };
  }
  if (isWord(node)) return undefined;
  const start = text.indexOf('(', node.start) + 1;
  // An unclosed group ends with its last word.
  const end = text[node.end - 1] === ')' ? node.end - 1 : node.end;
  if (start === 0 || start > end) return undefined;
  return { inside: { start, end }, nodes: node.children, holder: node };
}

function isWord(
  node: DependencyNode,
): node is DependencyNode & { readonly kind: 'atom' | 'opaque' | 'invalid' } {
  return node.kind === 'atom' || node.kind === 'opaque' || node.kind === 'invalid';
}

/** The USE conditionals around a word, outermost first; undefined if it is also in a group with alternatives. */
export function conditionsAround({ lists }: AtomLocation): UseCondition[] | undefined {
  const conditions: UseCondition[] = [];
  for (const { holder } of lists) {
    if (holder?.kind === 'use-conditional') conditions.push({ flag: holder.flag, negated: holder.negated });
    else if (holder !== undefined && holder.kind !== 'all-of' && holder.kind !== 'opaque') return undefined;
  }
  return conditions;
}
