import type { TextRange } from '../pms/text-range.ts';

/** A line of a text, without the end of the line. */
export interface TextLine extends TextRange {
  readonly text: string;
}

/** The lines of a text. An empty line at the end of the file is none. */
export function* linesOf(text: string): Generator<TextLine> {
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    yield trimEnd(text, start, end);
    start = end + 1;
  }
}

/** The line that holds an offset. */
export function lineAt(text: string, offset: number): TextLine {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const newline = text.indexOf('\n', start);
  return trimEnd(text, start, newline < 0 ? text.length : newline);
}

function trimEnd(text: string, start: number, end: number): TextLine {
  const line = text.slice(start, end);
  const written = line.endsWith('\r') ? line.slice(0, -1) : line;
  return { start, end: start + written.length, text: written };
}

/** A word between blanks. */
export interface LineWord extends TextRange {
  readonly text: string;
}

/** The words of a line. A word that begins with `#` begins a comment. */
export function wordsOf({ start, text }: TextLine): LineWord[] {
  const words: LineWord[] = [];
  for (const { index, 0: word } of text.matchAll(/\S+/g)) {
    if (word.startsWith('#')) break;
    words.push({ start: start + index, end: start + index + word.length, text: word });
  }
  return words;
}
