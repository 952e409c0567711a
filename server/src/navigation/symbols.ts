import type { Assignment, EbuildFacts } from '../ebuild/ebuild-facts.ts';
import type { EclassDocumentation } from '../ebuild/eclass-documentation.ts';
import { hasChildren } from '../pms/specification.ts';
import type { TextRange } from '../pms/text-range.ts';
import { readValueNodes, type ValueNode } from './value-nodes.ts';

/** An entry of an outline. `block` and `entry` are those of lists such as package.mask. */
export interface OutlineEntry extends TextRange {
  readonly kind: 'variable' | 'phase' | 'function' | 'condition' | 'block' | 'entry';
  readonly name: string;
  /** The start of the value or of the content, in one line. */
  readonly detail: string;
  /** The range of the name. */
  readonly nameRange: TextRange;
  readonly children: readonly OutlineEntry[];
}

const PHASE = /^(?:pkg|src)_/;
const LONGEST_DETAIL = 60;
const VARIABLE_TAG = /^# ?@(?:ECLASS[-_])?VARIABLE:[ \t]*(\w+)/gm;

/**
 * The outline of an ebuild in the order of the text: the variables outside functions, each with the USE conditionals of its value, and the
 * functions. An eclass also has the variables that only its comments name, because ebuilds set them.
 *
 * @param documentation that of the text, if it is an eclass
 */
export function outlineOf(facts: EbuildFacts, documentation?: EclassDocumentation): OutlineEntry[] {
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
  const known = new Set(variables.map(({ name }) => name));
  const documented = documentedVariables(facts.text, documentation).filter(({ name }) => !known.has(name));
  return [...variables, ...documented, ...functions].sort((left, right) => left.start - right.start);
}

/** The variables that the comments of an eclass document; the name in the comment stands for each. */
function documentedVariables(text: string, documentation: EclassDocumentation | undefined): OutlineEntry[] {
  if (documentation === undefined) return [];
  const entries: OutlineEntry[] = [];
  for (const { index, 0: line, 1: name = '' } of text.matchAll(VARIABLE_TAG)) {
    if (documentation.names.get(name)?.kind !== 'variable') continue;
    const nameRange = { start: index + line.length - name.length, end: index + line.length };
    const [start, end] = [index, nameRange.end];
    entries.push({ kind: 'variable', name, detail: '', nameRange, start, end, children: [] });
  }
  return entries;
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
