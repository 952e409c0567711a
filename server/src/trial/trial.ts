import type { TrialRecord } from '../audit/record.ts';
import { isForUser, type UserError } from '../errors/user-error.ts';
import { SandboxError } from '../sandbox/sandbox.ts';

export interface TrialRequest {
  /** Absolute path of the ebuild; its folder's parents are the category and the repository. */
  readonly file: string;
  /** The text to build; an unsaved buffer is built as it is, the file on disk is never written. */
  readonly text: string;
  /** Whether to build although a stored record answers. */
  readonly fresh?: boolean;
  /** Only what the build needs is looked for: no build is made to tell probes, or to prove that something is not used. */
  readonly quick?: boolean;
  /** Which other USE states to try as well: each flag of IUSE on alone and all off, or also each two. */
  readonly matrix?: 'single' | 'pairwise';
}

export interface TrialProgress {
  /**
   * A phase of PMS 9, or `preparing` before the first and `confirming` while a suspicion is tried and `comparing` while builds with and
   * without a package are. In another USE state than the configured one with that after it: `compile with USE="-png" (2 of 5)`.
   */
  readonly phase: string;
  /** Milliseconds since the trial began. */
  readonly elapsed: number;
  /** How many installed packages the build has touched so far. */
  readonly packagesSeen: number;
}

export interface TrialListener {
  progress(progress: TrialProgress): void;
  /** Called whenever the record has learnt something; the last call has the final outcome. */
  record(record: TrialRecord): void;
}

/** The newest stored record of an ebuild, whatever its text was. */
export interface RecalledTrial {
  readonly record: TrialRecord;
  /** What the trial rests on, besides the text, and is no longer as it was, e.g. `an eclass`; undefined: nothing. */
  readonly change: string | undefined;
}

/** The port through which the language server and the command line run trials. */
export interface TrialRunner {
  /**
   * Builds the ebuild in the view of what it declares, or gives the stored record of an earlier trial with the same inputs. Resolves with
   * the final record, rejects with {@link UserError} when no trial could be run, and with the signal's reason when it was aborted;
   * nothing is left behind in either case but the build log.
   */
  run(request: TrialRequest, listener: TrialListener, signal?: AbortSignal): Promise<TrialRecord>;
  /**
   * What is stored of the ebuild's trials; runs nothing. Rejects with {@link UserError} where the file is no ebuild of a repository, or
   * the root or the package manager is not there.
   *
   * @param file absolute path
   */
  recall(file: string): Promise<RecalledTrial | undefined>;
}

/** Whether an error ends one build and lets others go on: a limit that was exceeded, a missing distfile. Without a sandbox none can. */
export function endsOnlyThisBuild(error: unknown): error is UserError {
  return isForUser(error) && !(error instanceof SandboxError);
}
