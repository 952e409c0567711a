import {
  type DocumentSymbol,
  type FoldingRange,
  FoldingRangeKind,
  type SelectionRange,
  SymbolKind,
} from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { showLine } from '../errors/visible-text.ts';
import type { Fold } from '../navigation/folding.ts';
import type { OutlineEntry } from '../navigation/symbols.ts';
import type { TextRange } from '../pms/text-range.ts';
import { toRange } from './to-protocol.ts';

const SYMBOL_KINDS: Readonly<Record<OutlineEntry['kind'], SymbolKind>> = {
  variable: SymbolKind.Variable,
  phase: SymbolKind.Method,
  function: SymbolKind.Function,
  condition: SymbolKind.Property,
  block: SymbolKind.Namespace,
  entry: SymbolKind.Package,
};

export function toSymbol(document: TextDocument, entry: OutlineEntry): DocumentSymbol {
  return {
    name: showLine(entry.name),
    detail: showLine(entry.detail),
    kind: SYMBOL_KINDS[entry.kind],
    range: toRange(document, entry),
    selectionRange: toRange(document, entry.nameRange),
    children: entry.children.map((child) => toSymbol(document, child)),
  };
}

/** Of several folds that begin on a line, the longest one is kept, because an editor shows only one. */
export function toFoldingRanges(document: TextDocument, folds: readonly Fold[]): FoldingRange[] {
  const byLine = new Map<number, FoldingRange>();
  for (const { start, end, kind } of folds) {
    const startLine = document.positionAt(start).line;
    const endLine = document.positionAt(end).line;
    if (endLine <= startLine || endLine <= (byLine.get(startLine)?.endLine ?? 0)) continue;
    const shown =
      kind === undefined
        ? {}
        : { kind: kind === 'comment' ? FoldingRangeKind.Comment : FoldingRangeKind.Imports };
    byLine.set(startLine, { startLine, endLine, ...shown });
  }
  return [...byLine.values()].sort((left, right) => left.startLine - right.startLine);
}

/** @param ranges innermost first */
export function toSelectionRange(
  document: TextDocument,
  ranges: readonly TextRange[],
): SelectionRange | undefined {
  return ranges.reduceRight<SelectionRange | undefined>(
    (parent, range) => ({ range: toRange(document, range), ...(parent === undefined ? {} : { parent }) }),
    undefined,
  );
}
