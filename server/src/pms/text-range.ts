/** A part of a text in UTF-16 code units, half open, as JavaScript strings and the language server protocol count. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** Something wrong with a text. `message` is one sentence for the author that says what is wrong and names the fix. */
export interface Problem extends TextRange {
  readonly message: string;
}

/** Takes note of something wrong with the part of a text that a reader is at. */
export type Report = (start: number, end: number, message: string) => void;

/** How many UTF-16 code units the character at this offset takes. */
export function lengthOfCharacter(text: string, position: number): number {
  return (text.codePointAt(position) ?? 0) > 0xffff ? 2 : 1;
}
