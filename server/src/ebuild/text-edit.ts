/** Replaces the text from `start` to `end`, UTF-16 offsets, half open. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly newText: string;
}

/**
 * Applies edits that were all made for this text. Insertions at the same offset keep their order. An edit that overlaps an
 * earlier one or is outside the text is skipped.
 */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const ordered = edits
    .map((edit, index) => ({ edit, index }))
    .sort((left, right) => left.edit.start - right.edit.start || left.index - right.index);
  let result = '';
  let done = 0;
  for (const { edit } of ordered) {
    if (!(edit.start >= done && edit.end >= edit.start && edit.end <= text.length)) continue;
    result += text.slice(done, edit.start) + edit.newText;
    done = edit.end;
  }
  return result + text.slice(done);
}

/** Code units that are compared at once: the engine compares slices much faster than a loop compares code units. */
const STRIDE = 4096;

function sliceAt(text: string, start: number): string {
  return text.slice(start, start + STRIDE);
}

/** The edit between two texts without their common beginning and end, so that cursors and folds outside it stay. */
export function smallestEdit(before: string, after: string): TextEdit {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start + STRIDE <= shorter && sliceAt(before, start) === sliceAt(after, start)) start += STRIDE;
  while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  let shared = 0;
  while (
    shared + STRIDE <= shorter - start &&
    sliceAt(before, before.length - shared - STRIDE) === sliceAt(after, after.length - shared - STRIDE)
  )
    shared += STRIDE;
  while (
    shared < shorter - start &&
    before.charCodeAt(before.length - 1 - shared) === after.charCodeAt(after.length - 1 - shared)
  )
    shared++;
  return { start, end: before.length - shared, newText: after.slice(start, after.length - shared) };
}
