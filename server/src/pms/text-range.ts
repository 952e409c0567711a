/** A half-open part of a text in UTF-16 code units, the unit of JavaScript strings and the language server protocol. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** An error in a text. `message` is one sentence for the author that says what is wrong and how to fix it. */
export interface Problem extends TextRange {
  readonly message: string;
}

/** Reports an error in a part of the text. */
export type Report = (start: number, end: number, message: string) => void;

/** The number of UTF-16 code units of the character at this offset. */
export function lengthOfCharacter(text: string, position: number): number {
  return (text.codePointAt(position) ?? 0) > 0xffff ? 2 : 1;
}
