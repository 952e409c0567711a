import { hasChildren } from '../pms/specification.ts';
import type { TextRange } from '../pms/text-range.ts';
import type { ReadEbuild } from './read-ebuild.ts';
import { readValueNodes, type ValueNode } from './value-nodes.ts';

/** A part of a text that can be folded: the line of its start stays visible, the others to the line of its end are hidden. */
export interface Fold extends TextRange {
  readonly kind?: 'comment' | 'imports';
}

const BLOCKS = [
  'if_statement',
  'for_statement',
  'c_style_for_statement',
  'while_statement',
  'case_statement',
  'case_item',
  'compound_statement',
  'subshell',
  'array',
  'heredoc_body',
];
/** The parts of an `if` after its first. */
const CLAUSES = ['elif_clause', 'else_clause'];
/** A last line with nothing else stays visible. */
const CLOSING = /^[ \t]*(?:["')}]+|fi|done|esac|;;)$/;

/** The parts of an ebuild that can be folded, each with more than one line. */
export function foldsOf(ebuild: ReadEbuild): Fold[] {
  const { text, assignments, functions, comments, inherits } = ebuild.facts;
  // The tree of a text that is not bash may lack its functions.
  const folds = [...functions, ...findBlocks(ebuild)];
  for (const assignment of assignments) {
    if (!isMultiline(text, assignment)) continue;
    folds.push(assignment);
    addGroups(readValueNodes(ebuild.facts, assignment), folds);
  }
  const blocks = joinLines(
    text,
    comments.filter((comment) => isFirstOnLine(text, comment)),
  );
  return [
    ...folds.map((fold): Fold => ({ start: fold.start, end: beforeClosing(text, fold) })),
    ...blocks.map((block): Fold => ({ ...block, kind: 'comment' })),
    ...joinLines(text, inherits).map((block): Fold => ({ ...block, kind: 'imports' })),
  ].filter((fold) => isMultiline(text, fold));
}

function isMultiline(text: string, { start, end }: TextRange): boolean {
  const newline = text.indexOf('\n', start);
  return newline >= 0 && newline < end;
}

function addGroups(nodes: readonly ValueNode[], folds: TextRange[]): void {
  for (const node of nodes) {
    if (!hasChildren(node)) continue;
    folds.push(node);
    addGroups(node.children, folds);
  }
}

/** The blocks of bash. The first part of an `if` ends before the next one. */
function findBlocks({ tree, facts }: ReadEbuild): TextRange[] {
  const folds: { readonly start: number; end: number }[] = [];
  const open: { readonly end: number; cut: ((end: number) => void) | undefined }[] = [];
  for (const node of tree.rootNode.descendantsOfType([...BLOCKS, ...CLAUSES])) {
    if (node === null) continue;
    const { startIndex: start, endIndex: end, type } = node;
    while (open.length > 0 && (open.at(-1)?.end ?? 0) <= start) open.pop();
    const around = open.at(-1);
    if (CLAUSES.includes(type)) {
      around?.cut?.(facts.text.lastIndexOf('\n', start - 1));
      if (around !== undefined) around.cut = undefined;
    }
    const fold = { start, end };
    folds.push(fold);
    const cut = (at: number) => {
      fold.end = Math.max(at, start);
    };
    open.push({ end, cut: type === 'if_statement' ? cut : undefined });
  }
  return folds;
}

/** The end of a fold: before its last line if that only closes it. */
function beforeClosing(text: string, { start, end }: TextRange): number {
  const trimmed = start + text.slice(start, end).trimEnd().length;
  const newline = text.lastIndexOf('\n', trimmed - 1);
  return newline > start && CLOSING.test(text.slice(newline + 1, trimmed)) ? newline : trimmed;
}

function isFirstOnLine(text: string, { start }: TextRange): boolean {
  return text.slice(text.lastIndexOf('\n', start - 1) + 1, start).trim() === '';
}

/** Joins ranges in the order of the text that stand on the same line or on lines that follow each other. */
function joinLines(text: string, ranges: readonly TextRange[]): TextRange[] {
  const blocks: { readonly start: number; end: number }[] = [];
  for (const { start, end } of ranges) {
    const last = blocks.at(-1);
    const between = last === undefined ? undefined : text.slice(last.end, Math.max(start, last.end));
    if (last !== undefined && between !== undefined && (between.match(/\n/g)?.length ?? 0) <= 1)
      last.end = end;
    else blocks.push({ start, end });
  }
  return blocks;
}
