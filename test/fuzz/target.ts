/** A parser under fuzzing. */
export interface FuzzTarget {
  /** The parser's name in the code, e.g. `parseDependency`. */
  readonly name: string;
  /** Real texts from which inputs are made by mutation. */
  readonly seeds: readonly string[];
  /** Words that mean something to this parser and are thrown in. */
  readonly words: readonly string[];
  /** Reads the text; throws where a promise of the parser does not hold. */
  run(text: string): void;
}
