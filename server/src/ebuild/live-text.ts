import { Edit, type Tree } from 'web-tree-sitter';
import type { BashParser } from './bash-parser.ts';
import { type EbuildFacts, readEbuild } from './facts.ts';
import { parseTree } from './syntax-tree.ts';
import { smallestEdit, type TextEdit } from './text-edit.ts';

/** A text that is read again after every keystroke. */
export interface LiveText {
  /** Gives exactly what `parseEbuild` gives for this text, faster where little has changed since the last call. */
  read(text: string): EbuildFacts;
  /** Frees the memory that no collector sees. It can be read again afterwards, from the beginning. */
  close(): void;
}

/**
 * Keeps the syntax tree of an ebuild that is being edited.
 *
 * How the grammar goes on after an error depends on what it has read before, so a text with an error is parsed afresh: what is
 * said of a text must not depend on how it was typed.
 */
export function createLiveText(parser: BashParser): LiveText {
  let last: { readonly text: string; readonly tree: Tree } | undefined;
  const close = (): void => {
    last?.tree.delete();
    last = undefined;
  };
  return {
    read(text) {
      let tree: Tree | undefined;
      if (last !== undefined) {
        if (last.text !== text) last.tree.edit(editOf(last.text, smallestEdit(last.text, text)));
        const again = parseTree(text, parser, last.tree);
        if (again !== undefined && !again.rootNode.hasError) tree = again;
        else again?.delete();
        close();
      }
      tree ??= parseTree(text, parser);
      if (tree !== undefined) last = { text, tree };
      return readEbuild(text, tree);
    },
    close,
  };
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
