import type { Node, ParseState, Tree } from 'web-tree-sitter';
import type { Problem, TextRange } from '../pms/text-range.ts';
import type { BashParser } from './bash-parser.ts';
import type { Assignment, Command, EbuildFunction, Inherit } from './facts.ts';
import { lineOf } from './line-scan.ts';
import { splitValue } from './value.ts';

/** What a syntax tree shows, each in the order of the text. */
export interface TreeFacts {
  readonly assignments: readonly Assignment[];
  readonly functions: readonly EbuildFunction[];
  readonly inherits: readonly Inherit[];
  readonly commands: readonly Command[];
  readonly errors: readonly Problem[];
}

/** The last resort, in milliseconds: a thousand lines take ten, and on a busy machine that has just started a hundred. */
const DEADLINE = 200;
/**
 * How often the grammar may report progress, which it does after each hundred of its steps, and for how many code units once
 * more. Ebuilds stay below half of it. A clock would say of an honest text on a busy machine that it is hostile.
 */
const REPORTS = 100;
const UNITS_A_REPORT = 80;
/** Between two reports the grammar's work grows with the open brackets; ebuilds have six at most. */
const MOST_OPEN = 30;
/** With the brackets that close nothing it grows too; some do in every `case`. */
const MOST_STRAY = 300;

/**
 * Builds the syntax tree of a text.
 *
 * @param previous a tree that has been told the edits since its text; parsing then costs what the edits cost
 * @returns undefined where it would take too long. Otherwise the caller deletes the tree, whose memory is not collected
 */
export function parseTree(text: string, { parser }: BashParser, previous?: Tree): Tree | undefined {
  if (isHostile(text)) return undefined;
  const began = Date.now();
  let reports = 0;
  const isTooSlow = ({ currentOffset }: ParseState): boolean => {
    reports++;
    // The offset counts bytes of UTF-16.
    return reports > REPORTS + currentOffset / 2 / UNITS_A_REPORT || Date.now() - began > DEADLINE;
  };
  // The type says that the callback returns nothing; what it returns cancels.
  const tree = parser.parse(text, previous, { progressCallback: isTooSlow });
  if (tree === null) parser.reset();
  return tree ?? undefined;
}

/** Whether the text is one on which the grammar loses itself; bash cannot read a NUL anyway. */
function isHostile(text: string): boolean {
  return hasTooMany(text, '(', ')') || hasTooMany(text, '{', '}') || text.includes('\0');
}

function hasTooMany(text: string, opening: string, closing: string): boolean {
  const [up, down] = [opening.charCodeAt(0), closing.charCodeAt(0)];
  let open = 0;
  let stray = 0;
  for (let position = 0; position < text.length; position++) {
    const code = text.charCodeAt(position);
    if (code === up) open++;
    else if (code === down && open > 0) open--;
    else if (code === down) stray++;
    if (open > MOST_OPEN || stray > MOST_STRAY) return true;
  }
  return false;
}

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

/** What statements can stand in. Nothing else is searched, but for commands inside `$(…)`. */
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

interface Frame {
  readonly context: Assignment['context'];
  readonly statement: TextRange;
  /** The function around it. */
  readonly inFunction: string | undefined;
  /** Whether it is in a word: an assignment inside `$(…)` never reaches the ebuild. */
  readonly inWord: boolean;
}

/** Reads what the tree of this text shows. */
export function readTree(text: string, tree: Tree): TreeFacts {
  const assignments: Assignment[] = [];
  const functions: EbuildFunction[] = [];
  const inherits: Inherit[] = [];
  const commands: Command[] = [];
  const hasSubstitution = substitutionFinder(text);
  const cursor = tree.walk();
  const stack: Frame[] = [
    {
      context: 'global',
      statement: { start: 0, end: text.length },
      inFunction: undefined,
      inWord: false,
    },
  ];
  // How many of the outermost entries of the stack have no statement around them: the root, and errors directly in it.
  let outermost = 1;
  for (let more = cursor.gotoFirstChild(); more; ) {
    const type = cursor.nodeType;
    const outer = stack[stack.length - 1] as Frame;
    const range = trimmed(text, cursor.startIndex, cursor.endIndex);
    const statement = stack.length <= outermost ? range : outer.statement;
    let { context, inFunction } = outer;
    if (type === 'command') {
      const command = readCommand(text, range, cursor, inFunction);
      commands.push(command);
      if (command.name === 'inherit' && !outer.inWord && context !== 'function')
        inherits.push(...readInherit(text, cursor.currentNode, context));
    } else if (type === 'variable_assignment' && !outer.inWord) {
      const assignment = readAssignment(text, range, context, statement);
      if (assignment !== undefined) assignments.push(assignment);
    } else if (type === 'function_definition') {
      const name = cursor.currentNode.childForFieldName('name');
      if (name !== null && !outer.inWord) {
        const nameRange = trimmed(text, name.startIndex, name.endIndex);
        inFunction = text.slice(nameRange.start, nameRange.end);
        functions.push({ ...range, nameRange, name: inFunction });
      }
      context = 'function';
    } else if (context === 'global' && CONDITIONAL.has(type)) context = 'conditional';
    const container = CONTAINER.has(type);
    if ((container || hasSubstitution(range)) && cursor.gotoFirstChild()) {
      if (type === 'ERROR' && stack.length <= outermost) outermost++;
      stack.push({ context, statement, inFunction, inWord: outer.inWord || !container });
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
  const errors = tree.rootNode.hasError ? syntaxErrors(text, tree.rootNode) : [];
  return { assignments, functions, inherits, commands, errors };
}

/** Answers for ranges whose starts only grow whether a command substitution begins in them: only then are they searched. */
function substitutionFinder(text: string): (range: TextRange) => boolean {
  const pattern = /[$<>]\(|`/g;
  let next = pattern.exec(text)?.index ?? Number.POSITIVE_INFINITY;
  return ({ start, end }) => {
    while (next < start) next = pattern.exec(text)?.index ?? Number.POSITIVE_INFINITY;
    return next < end;
  };
}

const ASSIGNED = /([A-Za-z_]\w*)(\+?=)/y;

function readAssignment(
  text: string,
  range: TextRange,
  context: Assignment['context'],
  statement: TextRange,
): Assignment | undefined {
  ASSIGNED.lastIndex = range.start;
  // `array[index]=value` is not a variable that an ebuild is read for.
  const [, name, operator] = ASSIGNED.exec(text) ?? [];
  if (name === undefined || operator === undefined) return undefined;
  const nameRange = { start: range.start, end: range.start + name.length };
  const valueStart = nameRange.end + operator.length;
  const end = Math.max(valueStart, range.end);
  return {
    name,
    nameRange,
    operator: operator === '+=' ? '+=' : '=',
    start: range.start,
    end,
    ...splitValue(text, valueStart, end),
    context,
    statement,
  };
}

const COMMAND_NAME = /[\w./:@%+,-]+(?=[\s;&|()]|$)/y;

/** A command without its redirections; its name is read from the text where that is plain, because nodes are slow. */
function readCommand(
  text: string,
  range: TextRange,
  cursor: { readonly currentNode: Node },
  inFunction: string | undefined,
): Command {
  COMMAND_NAME.lastIndex = range.start;
  const plain = COMMAND_NAME.exec(text)?.[0];
  if (plain !== undefined && range.start + plain.length <= range.end)
    return { ...range, name: plain, inFunction };
  const node = cursor.currentNode.childForFieldName('name');
  const written = node === null ? '' : text.slice(node.startIndex, node.endIndex).trim();
  const name = /^(["'])[^"']*\1$/.test(written) ? written.slice(1, -1) : written;
  return { ...range, name, inFunction };
}

function readInherit(text: string, node: Node, context: Assignment['context']): Inherit[] {
  return node.childrenForFieldName('argument').flatMap((argument) => {
    if (argument === null) return [];
    const range = trimmed(text, argument.startIndex, argument.endIndex);
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
      const range = trimmed(text, node.startIndex, node.endIndex);
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

/** The range of a node without the white space that some nodes of the grammar begin or end with. */
function trimmed(text: string, from: number, to: number): TextRange {
  let start = from;
  let end = to;
  while (start < end && isBlank(text, start)) start++;
  while (end > start && isBlank(text, end - 1)) end--;
  return { start, end };
}

function isBlank(text: string, position: number): boolean {
  const character = text[position];
  return character === ' ' || character === '\t' || character === '\n' || character === '\r';
}
