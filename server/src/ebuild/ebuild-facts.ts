import type { Problem, TextRange } from '../pms/text-range.ts';
import type { QuoteStyle, ValuePart } from './value.ts';

/** `NAME="value"` or `NAME+="value"`. */
export interface Assignment extends TextRange {
  readonly name: string;
  readonly nameRange: TextRange;
  readonly operator: '=' | '+=';
  /** The value without its quotes; for `mixed` and `array` with its quotes and parentheses. */
  readonly valueRange: TextRange;
  readonly quote: QuoteStyle;
  /** False if the closing quote is missing. */
  readonly closed: boolean;
  /** The plain pieces of the value and its expansions, in order. */
  readonly parts: readonly ValuePart[];
  /** The value, if it is known without running bash. */
  readonly value: string | undefined;
  /** `global` at the top level; `conditional` in an `if`, loop, `case`, `&&` list or subshell; `function` in a function. */
  readonly context: 'global' | 'conditional' | 'function';
  /** The outermost statement that contains it: the assignment itself, the whole `if`, or the whole function. */
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

/** One simple command, also inside `$(…)`. */
export interface Command extends TextRange {
  /** Its first word as written, without quotes around it: `pkg-config`, `$(tc-getPKG_CONFIG)`. */
  readonly name: string;
  /** The function of the ebuild that contains it. */
  readonly inFunction: string | undefined;
}

/** The facts that the text of an ebuild gives without being run. Ranges are UTF-16 offsets into `text`. */
export interface EbuildFacts {
  readonly text: string;
  /** `0` if the text has no EAPI (PMS 7.3.1). */
  readonly eapi: string;
  /** The line that sets the EAPI. */
  readonly eapiRange: TextRange | undefined;
  readonly inherits: readonly Inherit[];
  /** The words of `inherit` lines whose value only bash knows; `name` is the word as written, e.g. `${GIT_ECLASS}`. */
  readonly unknownInherits: readonly Inherit[];
  readonly assignments: readonly Assignment[];
  readonly functions: readonly EbuildFunction[];
  /** Empty if the text is so broken that only its lines could be read. */
  readonly commands: readonly Command[];
  /** The comments between statements; empty in the same case. */
  readonly comments: readonly TextRange[];
  readonly errors: readonly Problem[];
}
