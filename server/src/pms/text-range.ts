/** A part of a text in UTF-16 code units, half open, as JavaScript strings and the language server protocol count. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** Something wrong with a text. `message` is one sentence for the author that says what is wrong and names the mend. */
export interface Problem extends TextRange {
  readonly message: string;
}
