import type { Node, Tree, TreeCursor } from 'web-tree-sitter';
import type { Problem, TextRange } from '../pms/text-range.ts';
import type { Assignment, Command, EbuildFunction, Inherit } from './ebuild-facts.ts';
import { lineOf } from './line-scan.ts';
import { splitValue } from './value.ts';

/** The facts of statements, in the order of the text. */
export interface StatementFacts {
  readonly assignments: readonly Assignment[];
  readonly functions: readonly EbuildFunction[];
  readonly inherits: readonly Inherit[];
  readonly commands: readonly Command[];
  readonly comments: readonly TextRange[];
}

/** The facts of a syntax tree. */
export interface TreeFacts extends StatementFacts {
  readonly errors: readonly Problem[];
}

/** The facts of a text without statements. */
export const NOTHING: StatementFacts = {
  assignments: [],
  functions: [],
  inherits: [],
  commands: [],
  comments: [],
};

/** Returns the known facts of the outermost statement at the cursor; undefined if the statement must be read. */
export type KnownFacts = (cursor: TreeCursor) => StatementFacts | undefined;

/** Receives every outermost statement. */
export type TakeNote = (cursor: TreeCursor, facts: StatementFacts) => void;

/** Statements that bash may skip, or runs in a subshell, where assignments are lost. */
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

/** The nodes that can contain statements. Other nodes are searched only for commands inside `$(…)`. */
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

interface Found extends StatementFacts {
  readonly assignments: Assignment[];
  readonly functions: EbuildFunction[];
  readonly inherits: Inherit[];
  readonly commands: Command[];
  readonly comments: TextRange[];
}

const findNothing = (): Found => ({
  assignments: [],
  functions: [],
  inherits: [],
  commands: [],
  comments: [],
});

interface Frame {
  readonly context: Assignment['context'];
  /** The name of the enclosing function. */
  readonly inFunction: string | undefined;
  /** Whether it is inside a word: an assignment inside `$(…)` has no effect on the ebuild. */
  readonly inWord: boolean;
}

const OUTSIDE: Frame = { context: 'global', inFunction: undefined, inWord: false };

/** Reads the facts of a text from its tree. */
export function readTree(text: string, tree: Tree, known?: KnownFacts, takeNote?: TakeNote): TreeFacts {
  const collected = findNothing();
  const holdsSubstitution = substitutionFinder(text);
  const cursor = tree.walk();
  let depth = 0;
  for (let more = cursor.gotoFirstChild(); more; ) {
    // Statements that are children of an error are outermost statements too.
    if (cursor.nodeType === 'ERROR' && cursor.gotoFirstChild()) {
      depth++;
      continue;
    }
    const facts = known?.(cursor) ?? readStatement(text, cursor, holdsSubstitution);
    takeNote?.(cursor, facts);
    for (const assignment of facts.assignments) collected.assignments.push(assignment);
    for (const declaration of facts.functions) collected.functions.push(declaration);
    for (const inherit of facts.inherits) collected.inherits.push(inherit);
    for (const command of facts.commands) collected.commands.push(command);
    for (const comment of facts.comments) collected.comments.push(comment);
    more = cursor.gotoNextSibling();
    for (; !more && depth > 0; depth--) more = cursor.gotoParent() && cursor.gotoNextSibling();
  }
  cursor.delete();
  return { ...collected, errors: tree.rootNode.hasError ? syntaxErrors(text, tree.rootNode) : [] };
}

/** Reads the statement at the cursor, and leaves the cursor there. */
function readStatement(
  text: string,
  cursor: TreeCursor,
  holdsSubstitution: HoldsSubstitution,
): StatementFacts {
  const found = findNothing();
  const visited: Visited = { text, statement: rangeOf(text, cursor), found, holdsSubstitution };
  const stack: Frame[] = [];
  let frame = OUTSIDE;
  for (;;) {
    const inside = visit(visited, cursor, frame);
    if (inside !== undefined && cursor.gotoFirstChild()) {
      stack.push(frame);
      frame = inside;
      continue;
    }
    while (stack.length > 0 && !cursor.gotoNextSibling()) {
      cursor.gotoParent();
      frame = stack.pop() ?? OUTSIDE;
    }
    if (stack.length === 0) return found;
  }
}

/** The statement that is being visited, and its facts so far. */
interface Visited {
  readonly text: string;
  readonly statement: TextRange;
  readonly found: Found;
  readonly holdsSubstitution: HoldsSubstitution;
}

/**
 * Collects the facts of the node at the cursor itself.
 *
 * @returns the frame of its children; undefined if they need not be visited
 */
function visit(
  { text, statement, found, holdsSubstitution }: Visited,
  cursor: TreeCursor,
  outer: Frame,
): Frame | undefined {
  const type = cursor.nodeType;
  let { context, inFunction } = outer;
  let range: TextRange | undefined;
  if (type === 'command') {
    range = rangeOf(text, cursor);
    const command = readCommand(text, range, cursor, inFunction);
    found.commands.push(command);
    if (command.name === 'inherit' && !outer.inWord && context !== 'function')
      for (const inherit of readInherit(text, cursor.currentNode, context)) found.inherits.push(inherit);
  } else if (type === 'variable_assignment') {
    range = rangeOf(text, cursor);
    const assignment = outer.inWord ? undefined : readAssignment(text, range, context, statement);
    if (assignment !== undefined) found.assignments.push(assignment);
  } else if (type === 'function_definition') {
    const name = cursor.currentNode.childForFieldName('name');
    if (name !== null && !outer.inWord) {
      const nameRange = trimmed(text, name.startIndex, name.endIndex);
      inFunction = text.slice(nameRange.start, nameRange.end);
      found.functions.push({ ...rangeOf(text, cursor), nameRange, name: inFunction });
    }
    context = 'function';
  } else if (type === 'comment') {
    found.comments.push(rangeOf(text, cursor));
  } else if (context === 'global' && CONDITIONAL.has(type)) context = 'conditional';
  if (CONTAINER.has(type)) return { context, inFunction, inWord: outer.inWord };
  // The position of a node is slower to read than its type, and most nodes are brackets, quotes and line breaks.
  if (!/^[a-z]/.test(type) || !holdsSubstitution(statement)) return undefined;
  range ??= rangeOf(text, cursor);
  return holdsSubstitution(range) ? { context, inFunction, inWord: true } : undefined;
}

type HoldsSubstitution = (range: TextRange) => boolean;

/** Creates a function that answers whether a command substitution begins in a range. Only then are words searched. */
function substitutionFinder(text: string): HoldsSubstitution {
  const starts = Array.from(text.matchAll(/[$<>]\(|`/g), ({ index }) => index);
  // A long statement is asked about for each of its words, so the first one in a range must not be searched step by step.
  return ({ start, end }) => {
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((starts[middle] ?? 0) < start) low = middle + 1;
      else high = middle;
    }
    return (starts[low] ?? end) < end;
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
  // `array[index]=value` is not a variable of an ebuild.
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

/** Reads a command without its redirections. A plain name is read from the text, because nodes are slow. */
function readCommand(
  text: string,
  { start, end }: TextRange,
  cursor: TreeCursor,
  inFunction: string | undefined,
): Command {
  COMMAND_NAME.lastIndex = start;
  const plain = COMMAND_NAME.exec(text)?.[0];
  if (plain !== undefined && start + plain.length <= end) return { start, end, name: plain, inFunction };
  const node = cursor.currentNode.childForFieldName('name');
  const written = node === null ? '' : text.slice(node.startIndex, node.endIndex).trim();
  const name = /^(["'])[^"']*\1$/.test(written) ? written.slice(1, -1) : written;
  return { start, end, name, inFunction };
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

function rangeOf(text: string, cursor: TreeCursor): TextRange {
  return trimmed(text, cursor.startIndex, cursor.endIndex);
}

/** The range of a node without white space at its ends, which some nodes of the grammar have. */
function trimmed(text: string, from: number, to: number): TextRange {
  let start = from;
  let end = to;
  while (start < end && isBlank(text, start)) start++;
  while (end > start && isBlank(text, end - 1)) end--;
  return { start, end };
}

function isBlank(text: string, position: number): boolean {
  const code = text.charCodeAt(position);
  return code === 32 || code === 9 || code === 10 || code === 13;
}

/** Moves the facts of a statement by `distance` code units; backwards if that is negative. */
export function moveFacts(facts: StatementFacts, distance: number): StatementFacts {
  const move = <Moved extends TextRange>(moved: Moved): Moved => ({
    ...moved,
    start: moved.start + distance,
    end: moved.end + distance,
  });
  return {
    assignments: facts.assignments.map((assignment) => ({
      ...move(assignment),
      nameRange: move(assignment.nameRange),
      valueRange: move(assignment.valueRange),
      parts: assignment.parts.map(move),
      statement: move(assignment.statement),
    })),
    functions: facts.functions.map((declaration) => ({
      ...move(declaration),
      nameRange: move(declaration.nameRange),
    })),
    inherits: facts.inherits.map(move),
    commands: facts.commands.map(move),
    comments: facts.comments.map(move),
  };
}

/** Moves the problems of a text that begins at `distance` in another text. */
export function moveProblems(problems: readonly Problem[], distance: number): Problem[] {
  return problems.map((problem) => ({
    ...problem,
    start: problem.start + distance,
    end: problem.end + distance,
  }));
}
