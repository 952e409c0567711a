import type { Assignment, EbuildFacts } from '../ebuild/ebuild-facts.ts';
import { hasChildren } from '../pms/specification.ts';
import type { TextRange } from '../pms/text-range.ts';
import { readValueNodes, type ValueNode } from './value-nodes.ts';

/** An entry of the outline of an ebuild. */
export interface OutlineEntry extends TextRange {
  readonly kind: 'variable' | 'phase' | 'function' | 'condition';
  readonly name: string;
  /** The start of the value or of the content, in one line. */
  readonly detail: string;
  /** The range of the name. */
  readonly nameRange: TextRange;
  readonly children: readonly OutlineEntry[];
}

const PHASE = /^(?:pkg|src)_/;
const LONGEST_DETAIL = 60;

/**
 * The outline of an ebuild in the order of the text: the variables outside functions, each with the USE conditionals of its value, and the
 * functions.
 */
export function outlineOf(facts: EbuildFacts): OutlineEntry[] {
  const variables = facts.assignments
    .filter(({ context }) => context !== 'function')
    .map((assignment) => describeVariable(facts, assignment));
  const functions = facts.functions.map(
    ({ name, nameRange, start, end }): OutlineEntry => ({
      kind: PHASE.test(name) ? 'phase' : 'function',
      name,
      detail: '',
      nameRange,
      start,
      end,
      children: [],
    }),
  );
  return [...variables, ...functions].sort((left, right) => left.start - right.start);
}

function describeVariable(facts: EbuildFacts, assignment: Assignment): OutlineEntry {
  const { name, nameRange, valueRange, start, end } = assignment;
  return {
    kind: 'variable',
    name,
    detail: shorten(facts.text, valueRange),
    nameRange,
    start,
    end,
    children: conditionsIn(facts.text, readValueNodes(facts, assignment)),
  };
}

/** The conditionals among nodes; those in other groups stand in their place. */
function conditionsIn(text: string, nodes: readonly ValueNode[]): OutlineEntry[] {
  return nodes.flatMap((node) => {
    if (!hasChildren(node)) return [];
    const children = conditionsIn(text, node.children);
    if (node.kind !== 'use-conditional') return children;
    const { start, end, flag, negated } = node;
    const name = `${negated ? '!' : ''}${flag}?`;
    const content = {
      start: Math.min(text.indexOf('(', start) + 1, end),
      end: text[end - 1] === ')' ? end - 1 : end,
    };
    const nameRange = { start, end: Math.min(start + name.length, end) };
    return [{ kind: 'condition', name, detail: shorten(text, content), nameRange, start, end, children }];
  });
}

function shorten(text: string, { start, end }: TextRange): string {
  const line = text
    .slice(start, Math.min(end, start + 10 * LONGEST_DETAIL))
    .replace(/\s+/g, ' ')
    .trim();
  return line.length <= LONGEST_DETAIL ? line : `${line.slice(0, LONGEST_DETAIL - 1)}…`;
}
