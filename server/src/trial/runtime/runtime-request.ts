import type { TrialRecord } from '../../audit/record.ts';
import type { Evidence, RecordedPackage } from '../../trace/evidence.ts';
import type { Licence } from '../../trace/trace-context.ts';

/** A command to run with the installed image of an ebuild. */
export interface RuntimeRequest {
  /** Absolute path of the ebuild. */
  readonly file: string;
  /** The text to build. */
  readonly text: string;
  /** A program of the view and its arguments. */
  readonly command: readonly string[];
  /** Absolute paths of folders of this machine that the command may read. */
  readonly shown: readonly string[];
}

/** A package of which the command accessed a file. */
export interface RuntimePackage {
  readonly package: RecordedPackage;
  readonly atom: string;
  /** Why it was visible; `hidden` if it was not. */
  readonly licence: Licence;
  readonly evidence: readonly Evidence[];
}

/** The result of running a command with an installed image. */
export interface RuntimeOutcome {
  /** Its needs are the packages without which the command fails. `passed` means that the command ends with 0 if they are visible. */
  readonly record: TrialRecord;
  /** The exit status of the command in the view that RDEPEND declares: its exit code, or 128 + the signal that killed it. */
  readonly status: number;
  /** Hidden packages that the command looked for and passed without. */
  readonly doneWithout: readonly RuntimePackage[];
  /** Packages whose libraries the command loaded without linking them, for example by dlopen(3). */
  readonly loaded: readonly RuntimePackage[];
  /** The end of the command's output with all needs visible, without escape sequences. */
  readonly output: string;
}
