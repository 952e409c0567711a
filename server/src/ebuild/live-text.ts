import { Edit, type Tree, type TreeCursor } from 'web-tree-sitter';
import type { TextRange } from '../pms/text-range.ts';
import type { BashParser } from './bash-parser.ts';
import type { EbuildFacts } from './ebuild-facts.ts';
import { readEbuild } from './facts.ts';
import { blameWhole, type ReadPieces, readPieces } from './pieces.ts';
import { type ParsedText, parseTree } from './syntax-tree.ts';
import { smallestEdit, type TextEdit } from './text-edit.ts';
import { moveFacts, readTree, type StatementFacts } from './tree-facts.ts';

/** A text that is read again after every keystroke. */
export interface LiveText {
  /** Returns exactly the result of `parseEbuild`, faster if little has changed since the last call. */
  read(text: string): EbuildFacts;
  /**
   * Lends the syntax tree of a text to a function. It is the tree of the last reading if that was of the same text; else the text is parsed.
   * The tree has errors if the text is not bash.
   *
   * @param use must not keep the tree
   * @returns undefined if the text has no tree, because it would take the grammar too long
   */
  withTree<Result>(text: string, use: (tree: Tree) => Result): Result | undefined;
  /** Frees memory that is not garbage-collected. Later reads start from the beginning. */
  close(): void;
}

/** The facts of a statement, and its place. */
interface ReadStatement {
  readonly type: number;
  readonly end: number;
  readonly facts: StatementFacts;
}

type StartAndStatement = readonly [start: number, statement: ReadStatement];

interface ReadText {
  readonly text: string;
  readonly tree: Tree;
  /** The outermost statements, by the offsets of their beginnings. */
  readonly statements: ReadonlyMap<number, ReadStatement>;
  /** The same in the order of the text. */
  readonly inOrder: readonly StartAndStatement[];
}

/**
 * Keeps the tree and the facts of a text that is being edited. The cost of an edit is that of the statements that it touches.
 *
 * After an error, the grammar's result depends on its previous input, but the facts must not depend on how the text was typed. So a text
 * with an error is read in pieces, most of which are the same as in the last text without an error.
 */
export function createLiveText(parser: BashParser): LiveText {
  const state: State = { parser, last: undefined, broken: undefined, pieces: new Map() };
  return {
    read: (text) => readNext(state, text),
    withTree: (text, use) => lendTree(state, text, use),
    close: () => forget(state),
  };
}

function lendTree<Result>(
  { parser, last, broken }: State,
  text: string,
  use: (tree: Tree) => Result,
): Result | undefined {
  const kept = [last, broken].find((read) => read?.text === text);
  if (kept !== undefined) return use(kept.tree);
  const parsed = parseTree(text, parser);
  if ('obstacle' in parsed) return undefined;
  try {
    return use(parsed.tree);
  } finally {
    parsed.tree.delete();
  }
}

interface ParsedBefore {
  readonly text: string;
  readonly tree: Tree;
}

interface State {
  readonly parser: BashParser;
  /** The last text without an error. A text with an error usually becomes similar to it again. */
  last: ReadText | undefined;
  /**
   * The last text if it had an error. Its tree is used only to find out quickly whether the next text still has an error, which can depend
   * on a distant quote.
   */
  broken: ParsedBefore | undefined;
  /** The pieces of the last text if it had an error. */
  pieces: ReadPieces;
}

function forget(state: State): void {
  state.broken?.tree.delete();
  state.broken = undefined;
  state.last?.tree.delete();
  state.last = undefined;
  state.pieces = new Map();
}

function readNext(state: State, text: string): EbuildFacts {
  const { last, broken, parser } = state;
  if (last === undefined) return readFromBeginning(state, text);
  if (broken !== undefined && text !== last.text) {
    const parsed = parseAfter(broken, text, parser);
    if ('obstacle' in parsed) return readEbuild(text, parsed);
    if (parsed.tree.rootNode.hasError)
      return readBroken(state, last, text, parsed.tree, smallestEdit(last.text, text));
    parsed.tree.delete();
  }
  const edit = smallestEdit(last.text, text);
  const parsed = parseAfter(last, text, parser, edit);
  if ('obstacle' in parsed) return readEbuild(text, parsed);
  const { tree } = parsed;
  if (tree.rootNode.hasError) return readBroken(state, last, text, tree, edit);
  return keep(state, text, tree, (cursor) => reuse(last.statements, edit, cursor));
}

/** Reads a text with an error in pieces. @param edit from the last text without an error */
function readBroken(state: State, last: ReadText, text: string, tree: Tree, edit: TextEdit): EbuildFacts {
  state.broken?.tree.delete();
  state.broken = { text, tree };
  const { shown, pieces } = readPieces(text, state.parser, state.pieces, (piece) =>
    reusePiece(last, edit, piece),
  );
  // If every piece is bash, the whole text may be bash too.
  if (shown.errors.length === 0) return readFromBeginning(state, text);
  state.pieces = pieces;
  return readEbuild(text, { shown });
}

function readFromBeginning(state: State, text: string): EbuildFacts {
  const parsed = parseTree(text, state.parser);
  if ('obstacle' in parsed) return readEbuild(text, parsed);
  if (!parsed.tree.rootNode.hasError) return keep(state, text, parsed.tree);
  parsed.tree.delete();
  const { shown, pieces } = readPieces(text, state.parser, state.pieces);
  state.pieces = pieces;
  return readEbuild(text, { shown: blameWhole(text, shown) });
}

/** Parses a text with the tree of an earlier text. The cost is that of the edit. */
function parseAfter(
  before: ParsedBefore,
  text: string,
  parser: BashParser,
  edit = smallestEdit(before.text, text),
): ParsedText {
  // An edit changes a tree, and the copy shares its nodes.
  const tree = before.tree.copy();
  try {
    if (before.text !== text) tree.edit(editOf(before.text, edit));
    return parseTree(text, parser, tree);
  } finally {
    tree.delete();
  }
}

/** Reads a tree without errors, and stores it. */
function keep(
  state: State,
  text: string,
  tree: Tree,
  known?: (cursor: TreeCursor) => StatementFacts | undefined,
): EbuildFacts {
  const statements = new Map<number, ReadStatement>();
  const shown = readTree(text, tree, known, (cursor, facts) => {
    const { nodeTypeId: type, startIndex: start, endIndex: end } = cursor;
    statements.set(start, { type, end, facts });
  });
  forget(state);
  state.last = { text, tree, statements, inOrder: [...statements] };
  return readEbuild(text, { shown });
}

/** The distance by which an edit moved a range; undefined if it touched the range. */
function distanceMoved({ start, end, newText }: TextEdit, range: TextRange): number | undefined {
  if (range.end < start) return 0;
  return range.start > start + newText.length ? newText.length - (end - start) : undefined;
}

function firstEndingAfter(statements: readonly StartAndStatement[], position: number): number {
  let low = 0;
  let high = statements.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((statements[middle]?.[1].end ?? 0) > position) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The facts of a piece that the edit moved or left alone, if it consists of whole statements. */
function reusePiece(last: ReadText, edit: TextEdit, piece: TextRange): StatementFacts | undefined {
  const moved = distanceMoved(edit, piece);
  if (moved === undefined) return undefined;
  const [from, to] = [piece.start - moved, piece.end - moved];
  const statements: StatementFacts[] = [];
  for (let index = firstEndingAfter(last.inOrder, from); index < last.inOrder.length; index++) {
    const [start, { end, facts }] = last.inOrder[index] as StartAndStatement;
    if (start >= to) break;
    if (start < from || end > to) return undefined;
    statements.push(facts);
  }
  const joined: StatementFacts = {
    assignments: statements.flatMap(({ assignments }) => assignments),
    functions: statements.flatMap(({ functions }) => functions),
    inherits: statements.flatMap(({ inherits }) => inherits),
    commands: statements.flatMap(({ commands }) => commands),
    comments: statements.flatMap(({ comments }) => comments),
  };
  return moved === 0 ? joined : moveFacts(joined, moved);
}

/**
 * The facts of the statement at the cursor from before the edit, if the edit did not touch it. Without errors, a statement of the same kind
 * with the same beginning and end is the same statement. (Nodes cannot be compared, because the grammar makes most of them again.)
 */
function reuse(
  before: ReadText['statements'],
  edit: TextEdit,
  cursor: TreeCursor,
): StatementFacts | undefined {
  const { startIndex, endIndex, nodeTypeId } = cursor;
  const moved = distanceMoved(edit, { start: startIndex, end: endIndex });
  if (moved === undefined) return undefined;
  const known = before.get(startIndex - moved);
  if (known === undefined || known.end !== endIndex - moved || known.type !== nodeTypeId) return undefined;
  return moved === 0 ? known.facts : moveFacts(known.facts, moved);
}

function editOf(before: string, { start, end, newText }: TextEdit): Edit {
  const startPosition = positionOf(before.slice(0, start));
  const after = (changed: string) => {
    const moved = positionOf(changed);
    const column = moved.row === 0 ? startPosition.column + moved.column : moved.column;
    return { row: startPosition.row + moved.row, column };
  };
  return new Edit({
    startIndex: start,
    oldEndIndex: end,
    newEndIndex: start + newText.length,
    startPosition,
    oldEndPosition: after(before.slice(start, end)),
    newEndPosition: after(newText),
  });
}

/** The position of the end of a text, in lines and UTF-16 code units. */
function positionOf(text: string): { row: number; column: number } {
  let row = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) row++;
  return { row, column: text.length - 1 - text.lastIndexOf('\n') };
}
