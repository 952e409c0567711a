import type { Fold } from '../navigation/folding.ts';
import type { OutlineEntry } from '../navigation/symbols.ts';
import type { TextRange } from '../pms/text-range.ts';
import { type LineWord, linesOf, type TextLine, wordsOf } from './text-lines.ts';

/** A comment and the entries below it, up to the next empty line or comment. */
interface Block extends TextRange {
  readonly comment: readonly TextLine[];
  readonly entries: readonly LineWord[];
}

/** The blocks of a list such as package.mask. */
function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  let comment: TextLine[] = [];
  let entries: LineWord[] = [];
  const finish = (): void => {
    const first = comment[0] ?? entries[0];
    const last = entries.at(-1) ?? comment.at(-1);
    if (first !== undefined && last !== undefined)
      blocks.push({ start: first.start, end: last.end, comment, entries });
    comment = [];
    entries = [];
  };
  for (const line of linesOf(text)) {
    const isComment = line.text.trimStart().startsWith('#');
    if (line.text.trim() === '' || (isComment && entries.length > 0)) finish();
    if (isComment) comment.push(line);
    const [word] = wordsOf(line);
    // The entry reaches to the end of its line, and is named by its first word.
    if (!isComment && word !== undefined) entries.push({ ...word, end: line.end });
  }
  finish();
  return blocks;
}

/** More entries of a block are not listed. */
const MOST_ENTRIES = 500;
const LONGEST_NAME = 80;
/** `Author <address> (date)`, the first line of a comment in package.mask. */
const AUTHOR = /^(.*?)\s*<[^<>]*>\s*\(?([\d-]*)\)?/;

/** The outline of a list: a block for each comment with entries below it, named by the sentence of the comment, with its author and date. */
export function outlineOfList(text: string): OutlineEntry[] {
  return blocksOf(text)
    .filter(({ entries }) => entries.length > 0)
    .flatMap((block): OutlineEntry[] => {
      const entries = block.entries.slice(0, MOST_ENTRIES).map(({ text: name, start, end }): OutlineEntry => {
        const range = { start, end };
        return {
          kind: 'entry',
          name,
          detail: '',
          nameRange: { start, end: start + name.length },
          ...range,
          children: [],
        };
      });
      const [head] = block.comment;
      if (head === undefined) return entries;
      const { start, end } = block;
      const nameRange = { start: head.start, end: head.end };
      return [{ kind: 'block', ...titleOf(block.comment), nameRange, start, end, children: entries }];
    });
}

function titleOf(comment: readonly TextLine[]): { readonly name: string; readonly detail: string } {
  const lines = comment.map(({ text }) => text.trim().replace(/^#+[ \t]*/, '')).filter((line) => line !== '');
  const author = AUTHOR.exec(lines[0] ?? '');
  const name = (author === null ? lines[0] : (lines[1] ?? lines[0])) ?? '#';
  const detail = author === null ? '' : [author[1], author[2]].filter((part) => part !== '').join(' ');
  return { name: name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name, detail };
}

/** The blocks of a list that can be folded, and the comments in them. */
export function foldsOfList(text: string): Fold[] {
  return blocksOf(text).flatMap((block): Fold[] => {
    const last = block.comment.at(-1);
    if (last === undefined) return [];
    const comment: Fold = { start: block.start, end: last.end, kind: 'comment' };
    return block.entries.length === 0 ? [comment] : [{ start: block.start, end: block.end }];
  });
}
