import type { TrialRecord } from '../../audit/record.ts';
import type { Evidence, RecordedPackage } from '../../trace/evidence.ts';
import type { Licence } from '../../trace/trace-context.ts';

/** What to run with what an ebuild installs. */
export interface RuntimeRequest {
  /** Absolute path of the ebuild. */
  readonly file: string;
  /** The text to build. */
  readonly text: string;
  /** A program and its arguments, looked up in the view. */
  readonly command: readonly string[];
  /** Folders of this machine that the command may read, absolute. */
  readonly shown: readonly string[];
}

/** A package that the command asked for something of. */
export interface RuntimePackage {
  readonly package: RecordedPackage;
  readonly atom: string;
  /** By what right it was visible; `hidden` where it was not. */
  readonly licence: Licence;
  readonly evidence: readonly Evidence[];
}

/** What running an installed image showed. */
export interface RuntimeOutcome {
  /** Its needs are the packages without which the command fails; it passed when the command ends with 0, with those shown. */
  readonly record: TrialRecord;
  /** How the command ended in the view of what RDEPEND declares: its exit code, or 128 + the signal that killed it. */
  readonly status: number;
  /** What it looked for, did not find and did without. */
  readonly doneWithout: readonly RuntimePackage[];
  /** What it loaded without being linked to it, by dlopen(3) or the like. */
  readonly loaded: readonly RuntimePackage[];
  /** What the command wrote with everything that it needs shown, without escapes; its beginning is left out when it is long. */
  readonly output: string;
}
