/** A finding without the places, for the reports. */
export interface Remark {
  readonly code: string;
  readonly severity: string;
  readonly message: string;
}

/** One trial of one text, and how it compares with what is right. */
export interface Attempt {
  /**
   * `right`: the right ebuild; `forgotten`: without one package; `unneeded`: with one that the build has nothing to do with; `automagic`:
   * with nothing that keeps the build from using what it finds.
   */
  readonly kind: 'right' | 'forgotten' | 'unneeded' | 'automagic';
  readonly what: string;
  readonly outcome: string;
  readonly failure?: string;
  /** Everything that was said. */
  readonly findings: readonly Remark[];
  /** What should have been found, e.g. `DEPEND: ssl? dev-libs/openssl`. */
  readonly expected: readonly string[];
  /** What of it was. */
  readonly found: readonly string[];
  /** Errors and warnings about something else. */
  readonly wrong: readonly Remark[];
  /** Of `forgotten`: whether the edits bring back the right ebuild, but for the order of atoms. */
  readonly restored?: boolean;
  /** Of `forgotten`: the text with the edits. */
  readonly mended?: string;
  /** Packages that the build looked for and that make no difference. */
  readonly harmlessProbes: number;
  readonly untriedProbes: number;
  /** What the trial could not see. */
  readonly gaps: readonly string[];
  readonly seconds: number;
}

export interface ProjectResult {
  readonly name: string;
  readonly buildSystem: string;
  readonly attempts: readonly Attempt[];
  /** Why it could not be measured, as a sentence; there are no attempts then. */
  readonly refusal?: string;
}
