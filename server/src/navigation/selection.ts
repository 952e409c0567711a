import { hasChildren } from '../pms/specification.ts';
import type { TextRange } from '../pms/text-range.ts';
import { wordsAt } from './name-uses.ts';
import type { ReadEbuild } from './read-ebuild.ts';
import { readValueNodes, valueNodesAround } from './value-nodes.ts';

/**
 * The ranges around an offset, innermost first, each larger than the one before: the word, the atom, the content of its group, the group,
 * the value, the assignment, the commands and functions around it, the whole text.
 */
export function selectionsAt({ facts, tree }: ReadEbuild, offset: number): TextRange[] {
  const { text } = facts;
  const ranges: TextRange[] = [...wordsAt(text, offset), { start: 0, end: text.length }];
  for (const assignment of facts.assignments) {
    if (offset < assignment.start || offset > assignment.end) continue;
    ranges.push(assignment, assignment.valueRange, trim(text, assignment.valueRange));
    for (const node of valueNodesAround(readValueNodes(facts, assignment), offset)) {
      ranges.push(node);
      if (hasChildren(node)) ranges.push(...contentOf(text, node));
    }
  }
  const root = tree.rootNode;
  const innermost = root.descendantForIndex(offset);
  for (
    let node = innermost && root.childWithDescendant(innermost), depth = 0;
    node !== null && depth < DEEPEST;
    depth++
  ) {
    ranges.push(trim(text, { start: node.startIndex, end: node.endIndex }));
    if (innermost === null || node.id === innermost.id) break;
    node = node.childWithDescendant(innermost);
  }
  return nest(ranges.filter(({ start, end }) => start <= offset && offset <= end));
}

/** Deeper nodes are not looked at. */
const DEEPEST = 200;

/** The content of a group with and without the white space at its ends. */
function contentOf(text: string, { start, end }: TextRange): TextRange[] {
  const open = text.indexOf('(', start) + 1;
  const close = text[end - 1] === ')' ? end - 1 : end;
  const content = { start: open, end: close };
  return open === 0 || open > close ? [] : [trim(text, content), content];
}

function trim(text: string, { start, end }: TextRange): TextRange {
  const written = text.slice(start, end);
  const from = start + written.length - written.trimStart().length;
  return { start: from, end: Math.max(from, start + written.trimEnd().length) };
}

/** Orders ranges around the same offset by size. A range that overlaps a smaller one is left out. */
function nest(ranges: readonly TextRange[]): TextRange[] {
  const bySize = [...ranges].sort((left, right) => left.end - left.start - (right.end - right.start));
  const nested: TextRange[] = [];
  for (const range of bySize) {
    const inner = nested.at(-1);
    const isLarger = inner === undefined || range.end - range.start > inner.end - inner.start;
    const contains = inner === undefined || (range.start <= inner.start && inner.end <= range.end);
    if (range.end > range.start && isLarger && contains) nested.push(range);
  }
  return nested;
}
