import type { Problem, TextRange } from '../pms/text-range.ts';
import type { QuoteStyle, ValuePart } from './value.ts';

/** `NAME="value"` or `NAME+="value"`. */
export interface Assignment extends TextRange {
  readonly name: string;
  readonly nameRange: TextRange;
  readonly operator: '=' | '+=';
  /** The value without its quotes; for `mixed` and `array` with whatever quotes and parentheses it has. */
  readonly valueRange: TextRange;
  readonly quote: QuoteStyle;
  /** False where the closing quote is missing. */
  readonly closed: boolean;
  /** The value's text and what bash expands in it, in order. */
  readonly parts: readonly ValuePart[];
  /** The value, where it is known without running bash. */
  readonly value: string | undefined;
  /** Where it stands: at the top, in an `if`, loop, `case`, `&&` list or subshell, or in a function. */
  readonly context: 'global' | 'conditional' | 'function';
  /** The outermost statement that it is part of: the assignment itself, the whole `if`, the whole function. */
  readonly statement: TextRange;
}

export interface EbuildFunction extends TextRange {
  readonly name: string;
  readonly nameRange: TextRange;
}

/** One eclass of an `inherit` line. */
export interface Inherit extends TextRange {
  readonly name: string;
  readonly context: Assignment['context'];
}

/** One simple command, wherever it stands, in `$(…)` too. */
export interface Command extends TextRange {
  /** Its first word as written, without quotes around it: `pkg-config`, `$(tc-getPKG_CONFIG)`. */
  readonly name: string;
  /** The function of the ebuild that it stands in. */
  readonly inFunction: string | undefined;
}

/** What the text of an ebuild says without being run. Ranges are UTF-16 offsets into `text`. */
export interface EbuildFacts {
  readonly text: string;
  /** `0` where the text has no EAPI (PMS 7.3.1). */
  readonly eapi: string;
  /** The line that sets the EAPI. */
  readonly eapiRange: TextRange | undefined;
  readonly inherits: readonly Inherit[];
  /** The words of `inherit` lines that only bash knows; `name` is what is written, e.g. `${GIT_ECLASS}`. */
  readonly unknownInherits: readonly Inherit[];
  readonly assignments: readonly Assignment[];
  readonly functions: readonly EbuildFunction[];
  /** Empty where the text is so broken that only its lines could be read. */
  readonly commands: readonly Command[];
  readonly errors: readonly Problem[];
}
