/** A place in a text, counted from 1; columns are UTF-16 units, as in editors. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Turns a UTF-16 offset into a line and a column. */
export function placeAt(text: string, offset: number): Place {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return { line, column: offset - (before.lastIndexOf('\n') + 1) + 1 };
}
