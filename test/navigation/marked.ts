import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { parseTree } from '../../server/src/ebuild/syntax-tree.ts';
import type { ReadEbuild } from '../../server/src/navigation/read-ebuild.ts';
import { bash } from '../ebuild/bash.ts';

/** Takes the cursor mark `‸` out of a text. The offset is that of the end if there is no mark. */
export function takeMark(marked: string): { readonly text: string; readonly offset: number } {
  const offset = marked.indexOf('‸');
  const text = marked.replace('‸', '');
  return { text, offset: offset < 0 ? text.length : offset };
}

/** Reads a text, and frees its tree after the function has used it. */
export function withEbuild<Result>(text: string, use: (ebuild: ReadEbuild) => Result): Result {
  const parsed = parseTree(text, bash);
  if ('obstacle' in parsed) throw new Error(parsed.obstacle.message);
  try {
    return use({ facts: parseEbuild(text, bash), tree: parsed.tree });
  } finally {
    parsed.tree.delete();
  }
}

/** Reads a text with a cursor mark. */
export function atMark<Result>(marked: string, use: (ebuild: ReadEbuild, offset: number) => Result): Result {
  const { text, offset } = takeMark(marked);
  return withEbuild(text, (ebuild) => use(ebuild, offset));
}

/** Writes each range of a text between `⟦` and `⟧`. */
export function showRanges(
  text: string,
  ranges: readonly { readonly start: number; readonly end: number }[],
): string {
  const marks = ranges
    .flatMap(({ start, end }) => [
      { at: start, mark: '⟦' },
      { at: end, mark: '⟧' },
    ])
    .sort((left, right) => right.at - left.at);
  return marks.reduce((shown, { at, mark }) => shown.slice(0, at) + mark + shown.slice(at), text);
}
