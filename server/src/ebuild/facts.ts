import type { Node, Tree } from 'web-tree-sitter';
import type { Problem, TextRange } from '../pms/text-range.ts';
import type { BashParser } from './bash-parser.ts';
import { scanLines } from './line-scan.ts';
import { type QuoteStyle, splitValue, type ValuePart } from './value.ts';

/** `NAME="value"` or `NAME+="value"`. */
export interface Assignment extends TextRange {
  readonly name: string;
  readonly nameRange: TextRange;
  readonly operator: '=' | '+=';
  /** The value without its quotes; for `mixed` and `array` with whatever quotes and parentheses it has. */
  readonly valueRange: TextRange;
  readonly quote: QuoteStyle;
  /** False where the closing quote is missing. */
  readonly closed: boolean;
  /** The value's text and what bash expands in it, in order. */
  readonly parts: readonly ValuePart[];
  /** The value, where it is known without running bash. */
  readonly value: string | undefined;
  /** Where it stands: at the top, in an `if`, loop, `case`, `&&` list or subshell, or in a function. */
  readonly context: 'global' | 'conditional' | 'function';
  /** The outermost statement that it is part of: the assignment itself, the whole `if`, the whole function. */
  readonly statement: TextRange;
}

export interface EbuildFunction extends TextRange {
  readonly name: string;
  readonly nameRange: TextRange;
}

/** One eclass of an `inherit` line. */
export interface Inherit extends TextRange {
  readonly name: string;
  readonly context: Assignment['context'];
}

/** What the text of an ebuild says without being run. Ranges are UTF-16 offsets into `text`. */
export interface EbuildFacts {
  readonly text: string;
  /** `0` where the text has no EAPI (PMS 7.3.1). */
  readonly eapi: string;
  /** The line that sets the EAPI. */
  readonly eapiRange: TextRange | undefined;
  readonly inherits: readonly Inherit[];
  readonly assignments: readonly Assignment[];
  readonly functions: readonly EbuildFunction[];
  readonly errors: readonly Problem[];
}

interface Found {
  readonly assignments: Assignment[];
  readonly functions: EbuildFunction[];
  readonly inherits: Inherit[];
  readonly errors: Problem[];
}

/** A dependency variable at the beginning of a line inside a value: a quote before it is missing. */
const SWALLOWED = /^(?:\w*DEPEND\+?=|\w+\(\)[ \t]*\{)/m;

/** What bash may or may not run, or runs where its assignments are lost. */
const CONDITIONAL = new Set([
  'if_statement',
  'for_statement',
  'c_style_for_statement',
  'while_statement',
  'case_statement',
  'list',
  'subshell',
  'pipeline',
  'negated_command',
]);

/** What statements can stand in. Nothing else is searched: an assignment inside `$(…)` never reaches the ebuild. */
const CONTAINER = new Set([
  ...CONDITIONAL,
  'program',
  'ERROR',
  'function_definition',
  'compound_statement',
  'do_group',
  'elif_clause',
  'else_clause',
  'case_item',
  'redirected_statement',
  'declaration_command',
  'variable_assignments',
]);

/**
 * Reads an ebuild. Never fails: where bash would not read the text, the facts that can still be found are given, and errors.
 *
 * A missing quote makes a shell grammar swallow what follows; in such a text assignments and functions are also looked for line
 * by line, and a value ends before the next line that begins one.
 */
export function parseEbuild(text: string, parser: BashParser): EbuildFacts {
  const fromTree = readTree(text, parser);
  const doubtful =
    fromTree.errors.length > 0 ||
    fromTree.assignments.some((found) =>
      SWALLOWED.test(text.slice(found.valueRange.start, found.valueRange.end)),
    );
  const found = doubtful ? mergeWithLines(text, fromTree) : fromTree;
  const byPosition = (left: TextRange, right: TextRange): number => left.start - right.start;
  const assignments = found.assignments.sort(byPosition);
  const eapi = assignments.find(
    (assignment) => assignment.name === 'EAPI' && assignment.context === 'global',
  );
  return {
    text,
    eapi: eapi?.value?.trim() || '0',
    eapiRange: eapi === undefined ? undefined : lineOf(text, eapi.start),
    inherits: found.inherits.sort(byPosition),
    assignments,
    functions: found.functions.sort(byPosition),
    errors: found.errors.sort(byPosition),
  };
}

function readTree(text: string, parser: BashParser): Found {
  const found: Found = { assignments: [], functions: [], inherits: [], errors: [] };
  const tree = parser.parser.parse(text);
  if (tree === null) return found;
  try {
    for (const { node, surroundings } of statementsOf(text, tree)) {
      if (node.type === 'variable_assignment') {
        const assignment = readAssignment(text, node, surroundings);
        if (assignment !== undefined) found.assignments.push(assignment);
      } else if (node.type === 'function_definition') {
        const name = node.childForFieldName('name');
        if (name !== null) {
          const nameRange = trimmed(text, name);
          found.functions.push({
            ...trimmed(text, node),
            nameRange,
            name: text.slice(nameRange.start, nameRange.end),
          });
        }
      } else {
        found.inherits.push(...readInherit(text, node, surroundings.context));
      }
    }
    if (tree.rootNode.hasError) found.errors.push(...syntaxErrors(text, tree.rootNode));
  } finally {
    tree.delete();
  }
  return found;
}

type Surroundings = Pick<Assignment, 'context' | 'statement'>;

/** Every assignment, function and command, each with where it stands. One walk, because `Node.parent` begins at the root. */
function statementsOf(
  text: string,
  tree: Tree,
): { readonly node: Node; readonly surroundings: Surroundings }[] {
  const result: { node: Node; surroundings: Surroundings }[] = [];
  const cursor = tree.walk();
  const stack: Surroundings[] = [{ context: 'global', statement: { start: 0, end: text.length } }];
  // How many of the outermost entries of the stack have no statement around them: the root, and errors directly in it.
  let outermost = 1;
  for (let more = cursor.gotoFirstChild(); more; ) {
    const type = cursor.nodeType;
    const outer = stack[stack.length - 1] ?? { context: 'global', statement: { start: 0, end: 0 } };
    const node = cursor.currentNode;
    const statement = stack.length <= outermost ? trimmed(text, node) : outer.statement;
    if (type === 'variable_assignment' || type === 'command' || type === 'function_definition') {
      result.push({ node, surroundings: { context: outer.context, statement } });
    }
    let context = outer.context;
    if (type === 'function_definition') context = 'function';
    else if (context === 'global' && CONDITIONAL.has(type)) context = 'conditional';
    if (CONTAINER.has(type) && cursor.gotoFirstChild()) {
      if (type === 'ERROR' && stack.length <= outermost) outermost++;
      stack.push({ context, statement });
      continue;
    }
    while (!cursor.gotoNextSibling()) {
      more = cursor.gotoParent() && stack.length > 1;
      if (!more) break;
      stack.pop();
      outermost = Math.min(outermost, stack.length);
    }
  }
  cursor.delete();
  return result;
}

function readAssignment(text: string, node: Node, surroundings: Surroundings): Assignment | undefined {
  const name = node.childForFieldName('name');
  // `array[index]=value` is not a variable that an ebuild is read for.
  if (name === null || name.type !== 'variable_name') return undefined;
  const nameRange = trimmed(text, name);
  const operator = text.startsWith('+=', nameRange.end) ? '+=' : '=';
  const valueStart = nameRange.end + operator.length;
  if (text[valueStart - 1] !== '=') return undefined;
  const range = trimmed(text, node);
  const value = splitValue(text, valueStart, Math.max(valueStart, range.end));
  return {
    name: text.slice(nameRange.start, nameRange.end),
    nameRange,
    operator,
    start: nameRange.start,
    end: Math.max(valueStart, range.end),
    ...value,
    ...surroundings,
  };
}

function readInherit(text: string, node: Node, context: Assignment['context']): Inherit[] {
  const name = node.childForFieldName('name');
  if (name === null || name.text.trim() !== 'inherit') return [];
  if (context === 'function') return [];
  return node.childrenForFieldName('argument').flatMap((argument) => {
    if (argument === null || argument.type !== 'word') return [];
    const range = trimmed(text, argument);
    return [{ ...range, name: text.slice(range.start, range.end), context }];
  });
}

/** The innermost places that the grammar could not read. */
function syntaxErrors(text: string, root: Node): Problem[] {
  const problems: Problem[] = [];
  const queue: Node[] = [root];
  for (let node = queue.pop(); node !== undefined && problems.length < 20; node = queue.pop()) {
    if (node.isMissing) {
      problems.push({
        start: node.startIndex,
        end: node.endIndex,
        message: `A \`${node.type}\` is missing here: add it.`,
      });
    } else if (node.isError) {
      const range = trimmed(text, node);
      const message = 'Bash cannot read this: look for a missing quote or bracket here or above, and add it.';
      problems.push({ ...range, message });
    } else {
      for (const child of node.children) if (child?.hasError || child?.isMissing) queue.push(child);
    }
  }
  if (problems.length === 0) {
    problems.push({
      ...lineOf(text, 0),
      message: 'Bash cannot read this file: look for a missing quote or bracket, and add it.',
    });
  }
  return problems;
}

/** Keeps of the tree what did not swallow anything, and adds what only the lines show. */
function mergeWithLines(text: string, fromTree: Found): Found {
  const lines = scanLines(text);
  const starts = new Set(lines.assignments.map((assignment) => assignment.start));
  const swallowedBy = (range: TextRange): boolean => {
    for (const other of lines.assignments)
      if (other.start > range.start && other.start < range.end) return true;
    for (const other of lines.functions)
      if (other.start > range.start && other.start < range.end) return true;
    return false;
  };
  const insideLine = (position: number): boolean =>
    lines.assignments.some((other) => position > other.start && position < other.end);
  const trusted = fromTree.assignments.filter((found) => {
    if (starts.has(found.start)) return !swallowedBy(found) && lineAgrees(lines.assignments, found);
    return !swallowedBy(found) && !insideLine(found.start);
  });
  const known = new Set(trusted.map((assignment) => assignment.start));
  const functionStarts = new Set(fromTree.functions.map((found) => found.nameRange.start));
  const inheritStarts = new Set(fromTree.inherits.map((found) => found.start));
  return {
    assignments: [...trusted, ...lines.assignments.filter((found) => !known.has(found.start))],
    functions: [
      ...fromTree.functions,
      ...lines.functions.filter((found) => !functionStarts.has(found.nameRange.start)),
    ],
    inherits: [...fromTree.inherits, ...lines.inherits.filter((found) => !inheritStarts.has(found.start))],
    errors: lines.errors.length > 0 ? [...lines.errors] : fromTree.errors,
  };
}

function lineAgrees(lines: readonly Assignment[], found: Assignment): boolean {
  const line = lines.find((other) => other.start === found.start);
  return line === undefined || line.closed;
}

/** The range of a node without the white space that some nodes of the grammar begin or end with. */
function trimmed(text: string, node: Node): TextRange {
  let start = node.startIndex;
  let end = node.endIndex;
  while (start < end && isBlank(text, start)) start++;
  while (end > start && isBlank(text, end - 1)) end--;
  return { start, end };
}

function isBlank(text: string, position: number): boolean {
  const character = text[position];
  return character === ' ' || character === '\t' || character === '\n' || character === '\r';
}

/** The line around an offset, without its line break. */
export function lineOf(text: string, position: number): TextRange {
  const start = text.lastIndexOf('\n', position - 1) + 1;
  const newline = text.indexOf('\n', position);
  let end = newline < 0 ? text.length : newline;
  if (end > start && text[end - 1] === '\r') end--;
  return { start: Math.min(start, end), end };
}
