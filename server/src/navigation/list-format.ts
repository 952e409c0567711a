import type { Assignment, EbuildFacts } from '../ebuild/ebuild-facts.ts';
import { generatorCall } from '../ebuild/generator-call.ts';
import { smallestEdit, type TextEdit } from '../ebuild/text-edit.ts';
import { parseDependency } from '../pms/dependency.ts';
import { parseRestrict } from '../pms/name-list.ts';
import { parseRequiredUse } from '../pms/required-use.ts';
import { hasChildren, type Item, type Specification } from '../pms/specification.ts';
import type { TextRange } from '../pms/text-range.ts';
import type { ValueNode } from './value-nodes.ts';

/**
 * The edits that write the lists of an ebuild in Gentoo's form: one item on a line, groups indented with tabs. These are the values of
 * dependency variables, REQUIRED_USE and IUSE that have more than one line. Only white space changes. A value with an error or a backslash
 * stays as it is, and so does a text that is not bash.
 *
 * @param within only values that touch this range
 */
export function formatLists(facts: EbuildFacts, within?: TextRange): TextEdit[] {
  if (facts.errors.length > 0) return [];
  return facts.assignments
    .filter(({ start, end }) => within === undefined || (start <= within.end && within.start <= end))
    .flatMap((assignment) => formatValue(facts.text, assignment));
}

function formatValue(text: string, assignment: Assignment): TextEdit[] {
  const { name, valueRange, quote, closed, context } = assignment;
  if (!closed || (quote !== 'double' && quote !== 'single') || context === 'function') return [];
  const value = text.slice(valueRange.start, valueRange.end);
  if (!value.includes('\n') || value.includes('\\')) return [];
  const read = readList(name, value);
  if (read === undefined || read.errors.length > 0 || read.nodes.length === 0) return [];
  const lineStart = text.lastIndexOf('\n', assignment.start - 1) + 1;
  const indent = /^[ \t]*/.exec(text.slice(lineStart, assignment.start))?.[0] ?? '';
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const lines = writeItems({ text: value, keepsGroups: name === 'REQUIRED_USE' }, read.nodes, `${indent}\t`);
  const formatted = ['', ...lines, indent].join(newline);
  // Whatever the value is, nothing but white space changes.
  if (withoutBlanks(formatted) !== withoutBlanks(value)) return [];
  const edit = smallestEdit(value, formatted);
  if (edit.start === edit.end && edit.newText === '') return [];
  return [{ ...edit, start: valueRange.start + edit.start, end: valueRange.start + edit.end }];
}

/** Reads the value of a variable that is formatted; undefined for another one. */
function readList(name: string, value: string): Specification<Item> | undefined {
  if (/DEP(?:END|S)$/.test(name)) return parseDependency(value);
  if (name === 'REQUIRED_USE') return parseRequiredUse(value);
  // Flags that fill lines like words of a paragraph stay so.
  return name === 'IUSE' && /^[ \t\r]*\n/.test(value) ? parseRestrict(value) : undefined;
}

function withoutBlanks(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** A list that is being written. */
interface WrittenValue {
  readonly text: string;
  /** Whether every group that stands on one line stays there. */
  readonly keepsGroups: boolean;
}

/** Writes items, each from the beginning of a line. An empty line between two items stays. */
function writeItems(value: WrittenValue, nodes: readonly ValueNode[], indent: string): string[] {
  return nodes.flatMap((node, index) => {
    const before = nodes[index - 1];
    const gap = before === undefined ? '' : value.text.slice(before.end, node.start);
    const lines = writeItem(value, node, indent);
    return (gap.match(/\n/g)?.length ?? 0) > 1 ? ['', ...lines] : lines;
  });
}

function writeItem(value: WrittenValue, node: ValueNode, indent: string): string[] {
  const { text } = value;
  const written = text.slice(node.start, node.end);
  if (!hasChildren(node))
    return node.kind === 'opaque' ? writeOpaque(value, written, indent) : [indent + written];
  const isShort = value.keepsGroups || countItems(node) <= 1;
  if (isShort && !written.includes('\n')) return [indent + writeOnLine(text, node)];
  const head = headOf(text, node);
  return [`${indent}${head}(`, ...writeItems(value, node.children, `${indent}\t`), `${indent})`];
}

/** The lines of `$(python_gen_cond_dep '…')` are items too. What only bash understands stays as it is. */
function writeOpaque(value: WrittenValue, written: string, indent: string): string[] {
  const call = generatorCall(written);
  const [argument] = call?.arguments ?? [];
  if (call?.namesKnown !== true || argument === undefined) return [indent + written];
  const inside = written.slice(argument.start, argument.end);
  const [before, after] = [written.slice(0, argument.start), written.slice(argument.end)];
  const { nodes, errors } = parseDependency(inside);
  const isList = inside.includes('\n') && nodes.length > 0 && errors.length === 0;
  if (!isList || before.includes('\n') || after.includes('\n')) return [indent + written];
  return [indent + before, ...writeItems({ ...value, text: inside }, nodes, `${indent}\t`), indent + after];
}

function countItems(node: ValueNode): number {
  return hasChildren(node) ? node.children.reduce((sum, child) => sum + countItems(child), 0) : 1;
}

function writeOnLine(text: string, node: ValueNode): string {
  if (!hasChildren(node)) return text.slice(node.start, node.end);
  const content = node.children.map((child) => `${writeOnLine(text, child)} `).join('');
  return `${headOf(text, node)}( ${content})`;
}

/** What stands before the parenthesis of a group, with a space; empty for a group of all. */
function headOf(text: string, node: ValueNode & { readonly children: readonly ValueNode[] }): string {
  const before = text.slice(node.start, node.children[0]?.start ?? node.end);
  const head = before.slice(0, before.lastIndexOf('(')).trim();
  return head === '' ? '' : `${head} `;
}
