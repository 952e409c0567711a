import type { TextEdit } from '../ebuild/text-edit.ts';

/** The edit between two texts without what they share at either end, so that cursors and folds outside it stay. */
export function smallestEdit(before: string, after: string): TextEdit {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start++;
  let shared = 0;
  while (shared < shorter - start && before.at(-1 - shared) === after.at(-1 - shared)) shared++;
  return { start, end: before.length - shared, newText: after.slice(start, after.length - shared) };
}
