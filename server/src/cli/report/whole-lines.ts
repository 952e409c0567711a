import type { TextEdit } from '../../ebuild/text-edit.ts';
import { placeAt } from '../../page/line-index.ts';

/** An edit that replaces whole lines. */
interface LineEdit {
  /** The first and the last line that are replaced, counted from 1; at least one line is. */
  readonly first: number;
  readonly last: number;
  /** The new lines, each with its line break unless it is the last one of the text; empty if the lines are removed. */
  readonly lines: string;
}

/** Extends an edit to whole lines: an insertion replaces the line that it is made in. */
export function toWholeLines(text: string, { start, end, newText }: TextEdit): LineEdit {
  const from = text.slice(0, start).lastIndexOf('\n') + 1;
  // Whole lines need no other line, unless text is inserted between two.
  const isWhole = from === start && end > start && text[end - 1] === '\n' && /(?:^|\n)$/.test(newText);
  const next = text.indexOf('\n', end);
  const to = isWhole ? end : next < 0 ? text.length : next + 1;
  return {
    first: placeAt(text, from).line,
    last: placeAt(text, Math.max(from, to - 1)).line,
    lines: text.slice(from, start) + newText + text.slice(end, to),
  };
}
