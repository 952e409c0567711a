import { Edit, type Tree, type TreeCursor } from 'web-tree-sitter';
import type { BashParser } from './bash-parser.ts';
import type { EbuildFacts } from './ebuild-facts.ts';
import { readEbuild } from './facts.ts';
import { parseTree } from './syntax-tree.ts';
import { smallestEdit, type TextEdit } from './text-edit.ts';
import { moveFacts, readTree, type StatementFacts } from './tree-facts.ts';

/** A text that is read again after every keystroke. */
export interface LiveText {
  /** Gives exactly what `parseEbuild` gives for this text, faster where little has changed since the last call. */
  read(text: string): EbuildFacts;
  /** Frees the memory that no collector sees. It can be read again afterwards, from the beginning. */
  close(): void;
}

/** What a statement has shown, and where it was. */
interface ReadStatement {
  readonly type: number;
  readonly end: number;
  readonly facts: StatementFacts;
}

interface ReadText {
  readonly text: string;
  readonly tree: Tree;
  /** The statements that stand in no other, by where they begin. */
  readonly statements: ReadonlyMap<number, ReadStatement>;
}

/**
 * Keeps the syntax tree of an ebuild that is being edited, and what each of its statements has shown: an edit costs what the
 * statements cost that it touches.
 *
 * How the grammar goes on after an error depends on what it has read before, so a text with an error is parsed afresh: what is
 * said of a text must not depend on how it was typed.
 */
export function createLiveText(parser: BashParser): LiveText {
  // The last text that had no error: one that has is mostly on its way back to it.
  let last: ReadText | undefined;
  const close = (): void => {
    last?.tree.delete();
    last = undefined;
  };
  /** Reads a text of which the last one is an older state; undefined where it has to be read afresh. */
  const readAgain = (text: string, before: ReadText): EbuildFacts | undefined => {
    const edit = smallestEdit(before.text, text);
    // Telling a tree its edits changes it; the copy shares its nodes.
    const edited = before.tree.copy();
    if (before.text !== text) edited.edit(editOf(before.text, edit));
    const parsed = parseTree(text, parser, edited);
    edited.delete();
    if (!('tree' in parsed)) return undefined;
    if (parsed.tree.rootNode.hasError) {
      parsed.tree.delete();
      return undefined;
    }
    return readAll(text, parsed.tree, (cursor) => reuse(before.statements, edit, cursor));
  };
  const readAll = (
    text: string,
    tree: Tree,
    known?: (cursor: TreeCursor) => StatementFacts | undefined,
  ): EbuildFacts => {
    if (tree.rootNode.hasError) {
      const shown = readTree(text, tree);
      tree.delete();
      return readEbuild(text, { shown });
    }
    const statements = new Map<number, ReadStatement>();
    const shown = readTree(text, tree, known, (cursor, facts) => {
      const { nodeTypeId: type, startIndex: start, endIndex: end } = cursor;
      statements.set(start, { type, end, facts });
    });
    close();
    last = { text, tree, statements };
    return readEbuild(text, { shown });
  };
  return {
    read(text) {
      const again = last === undefined ? undefined : readAgain(text, last);
      if (again !== undefined) return again;
      const parsed = parseTree(text, parser);
      return 'tree' in parsed ? readAll(text, parsed.tree) : readEbuild(text, parsed);
    },
    close,
  };
}

/**
 * What the statement at the cursor has shown before the edit, which has at most moved it; undefined where it is another one. In two
 * texts without errors a statement of the same kind that begins and ends at the same places of the same characters is the same:
 * what follows it and what it follows are separate from it. (That its node is the same cannot be asked: the grammar makes most
 * of them anew.)
 */
function reuse(
  before: ReadText['statements'],
  { start, end, newText }: TextEdit,
  cursor: TreeCursor,
): StatementFacts | undefined {
  const { startIndex, endIndex, nodeTypeId } = cursor;
  const distance = newText.length - (end - start);
  const moved = endIndex < start ? 0 : startIndex > start + newText.length ? distance : undefined;
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

/** Where a text ends, counted from its beginning in lines and UTF-16 code units. */
function positionOf(text: string): { row: number; column: number } {
  let row = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) row++;
  return { row, column: text.length - 1 - text.lastIndexOf('\n') };
}
