/** What upstream's metadata of a package says that it requires when it runs. */
export interface Requirement {
  /** A distribution of Python in its normal form, or a module of Perl. */
  readonly name: string;
  /** As upstream writes it, e.g. `MarkupSafe (>=2.0)`. */
  readonly stated: string;
  /** The lowest version that is enough, in upstream's numbers; absent if any is. */
  readonly atLeast?: string;
  /** Whether it is required for some versions of the interpreter only. */
  readonly isForVersion?: true;
  /** Whether it may be required only because of what the build found. */
  readonly isConditional?: true;
}

/** Limit in requirements of one file. */
export const MOST_REQUIREMENTS = 1000;
