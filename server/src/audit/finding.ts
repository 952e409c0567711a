import type { TextEdit } from '../ebuild/text-edit.ts';
import type { Evidence } from './record.ts';

/** Public and permanent; each has a page under docs/findings/. */
export type OwnFindingCode = TrialFindingCode | StaticFindingCode;

/** What only a trial can find. */
export type TrialFindingCode = 'missing-depend' | 'missing-bdepend' | 'missing-rdepend' | 'not-installed';

/** What the text and the repositories show without building. */
export type StaticFindingCode =
  | 'duplicate-atom'
  | 'invalid-atom'
  | 'missing-pkgconfig'
  | 'package-moved'
  | 'unknown-package'
  | 'unknown-slot'
  | 'unknown-use-flag'
  | 'unknown-version';

/** Our own, or a keyword of pkgcheck(1). */
export type FindingCode = OwnFindingCode | `pkgcheck:${string}`;

export interface Fix {
  readonly title: string;
  readonly edits: readonly TextEdit[];
  /** Offered to the author, but never made together with others without asking: it may not be what was meant. */
  readonly guess?: true;
}

export interface Finding {
  readonly code: FindingCode;
  readonly severity: 'error' | 'warning' | 'information' | 'hint';
  /** One sentence: what was needed, who owns it, what to add. */
  readonly message: string;
  /** UTF-16 offsets into the text that was judged, half open. */
  readonly range: { readonly start: number; readonly end: number };
  readonly evidence: readonly Evidence[];
  /** The edit that mends it, where there is one. */
  readonly fix?: Fix;
  /** Another program that found it; absent where we did. */
  readonly source?: 'pkgcheck';
}

/** What judging a record against a text comes to. */
export interface Verdict {
  readonly findings: readonly Finding[];
  /**
   * `verified`: the text declares what the trial was run with. `not-verified`: the text has changed since, or a phase failed
   * for a reason that no finding explains.
   */
  readonly state: 'verified' | 'not-verified';
}
