import type { TextRange } from '../pms/text-range.ts';
import type { BashParser } from './bash-parser.ts';
import { landmarkStarts, lineOf } from './line-scan.ts';
import { parseTree } from './syntax-tree.ts';
import {
  moveFacts,
  moveProblems,
  NOTHING,
  readTree,
  type StatementFacts,
  type TreeFacts,
} from './tree-facts.ts';

/** Returns the known facts of a piece of the text; undefined if the piece must be parsed. */
export type KnownPiece = (piece: TextRange) => StatementFacts | undefined;

/** The facts of the pieces of a text, by the text of the piece. */
export type ReadPieces = Map<string, ReadPiece>;

interface ReadPiece {
  readonly shown: TreeFacts;
  /** The beginning of the piece in the text to which the offsets refer. */
  readonly start: number;
}

/** More problems than this do not help. */
const MOST_PROBLEMS = 20;

/**
 * Reads a text that is not bash in pieces. A piece begins with a line that begins an assignment, a function or `inherit`. So a mistake
 * affects only its own piece, and a keystroke makes only that piece be read again.
 *
 * @param before the pieces of an earlier text
 * @param known returns facts that are known in another way
 * @returns errors of pieces that are not bash by themselves; the pieces, for the next reading
 */
export function readPieces(
  text: string,
  parser: BashParser,
  before: ReadPieces = new Map(),
  known: KnownPiece = () => undefined,
): { readonly shown: TreeFacts; readonly pieces: ReadPieces } {
  const pieces: ReadPieces = new Map();
  const collected: { [Kind in keyof TreeFacts]: TreeFacts[Kind][number][] } = {
    assignments: [],
    functions: [],
    inherits: [],
    commands: [],
    comments: [],
    errors: [],
  };
  const add = (facts: StatementFacts): void => {
    for (const assignment of facts.assignments) collected.assignments.push(assignment);
    for (const declaration of facts.functions) collected.functions.push(declaration);
    for (const inherit of facts.inherits) collected.inherits.push(inherit);
    for (const command of facts.commands) collected.commands.push(command);
    for (const comment of facts.comments) collected.comments.push(comment);
  };
  for (const piece of splitIntoPieces(text)) {
    const facts = known(piece);
    const written = text.slice(piece.start, piece.end);
    const read: ReadPiece =
      facts !== undefined
        ? { shown: { ...facts, errors: [] }, start: piece.start }
        : (before.get(written) ?? pieces.get(written) ?? { shown: readPiece(written, parser), start: 0 });
    pieces.set(written, read);
    const moved = piece.start - read.start;
    add(moved === 0 ? read.shown : moveFacts(read.shown, moved));
    collected.errors.push(...moveProblems(read.shown.errors, moved));
  }
  return { shown: { ...collected, errors: collected.errors.slice(0, MOST_PROBLEMS) }, pieces };
}

/** Adds a problem for the whole text, if no piece has one. */
export function blameWhole(text: string, shown: TreeFacts): TreeFacts {
  if (shown.errors.length > 0) return shown;
  const message = 'Bash cannot read this file: look for a missing quote or bracket, and add it.';
  return { ...shown, errors: [{ ...lineOf(text, 0), message }] };
}

function splitIntoPieces(text: string): TextRange[] {
  const starts = [0, ...landmarkStarts(text).filter((start) => start > 0 && text[start - 2] !== '\\')];
  return starts.map((start, index) => ({ start, end: starts[index + 1] ?? text.length }));
}

function readPiece(text: string, parser: BashParser): TreeFacts {
  const parsed = parseTree(text, parser);
  if ('obstacle' in parsed) return { ...NOTHING, errors: [parsed.obstacle] };
  try {
    return readTree(text, parsed.tree);
  } finally {
    parsed.tree.delete();
  }
}
