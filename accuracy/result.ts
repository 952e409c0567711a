import type { Mistake } from './mistakes.ts';

/** A finding without its ranges, for the reports. */
export interface Remark {
  readonly code: string;
  readonly severity: string;
  readonly message: string;
}

/** One trial of one text, compared with the expected findings. */
export interface Attempt {
  /**
   * `right`: the correct ebuild; `forgotten`: without one package; `unneeded`: with a package that the build does not use;
   * `automagic`: without the options that keep the build from using packages that it finds; `mistake`: any other of `listMistakes`.
   */
  readonly kind: 'right' | 'forgotten' | 'unneeded' | 'automagic' | 'mistake';
  /** The kind of a mistake. */
  readonly mistake?: Mistake['kind'];
  readonly what: string;
  readonly outcome: string;
  readonly failure?: string;
  /** All findings that were reported. */
  readonly findings: readonly Remark[];
  /** The findings that are expected, e.g. `DEPEND: ssl? dev-libs/openssl`. */
  readonly expected: readonly string[];
  /** The expected findings that were reported. */
  readonly found: readonly string[];
  /** Errors and warnings about something else. */
  readonly wrong: readonly Remark[];
  /** Of `forgotten` and `mistake`: whether the edits restore the correct ebuild, apart from the order of atoms. */
  readonly restored?: boolean;
  /** Of `forgotten` and `mistake`: the text with the edits. */
  readonly fixed?: string;
  /** The number of packages that the build looked for and that make no difference. */
  readonly harmlessProbes: number;
  readonly untriedProbes: number;
  /** The gaps of the trial. */
  readonly gaps: readonly string[];
  readonly seconds: number;
}

export interface ProjectResult {
  readonly name: string;
  readonly buildSystem: string;
  readonly attempts: readonly Attempt[];
  /** One sentence that says why it could not be measured. Then there are no attempts. */
  readonly refusal?: string;
}
