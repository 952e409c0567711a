import type { TrialRecord } from '../audit/record.ts';
import { isForUser, type UserError } from '../errors/user-error.ts';
import { SandboxError } from '../sandbox/sandbox.ts';

export interface TrialRequest {
  /** Absolute path of the ebuild; its folder's parents are the category and the repository. */
  readonly file: string;
  /** The text to build, which may be unsaved. The file on disk is never written. */
  readonly text: string;
  /** Whether to build even if a stored record answers. */
  readonly fresh?: boolean;
  /** Whether to find only what the build needs, without the builds that compare: probes stay untried, and no atom is proved unused. */
  readonly quick?: boolean;
  /** Whether to run src_test unless RESTRICT forbids it, with the flag `test` if IUSE has it. */
  readonly tests?: boolean;
  /** The other USE states to try: all flags off and each flag of IUSE on alone, or also each two on. */
  readonly matrix?: 'single' | 'pairwise';
  /** The flags that the other states turn on; absent for all of IUSE. */
  readonly flags?: readonly string[];
}

/** The other USE states that a request asks for. */
export type RequestedStates = Pick<TrialRequest, 'matrix' | 'flags'>;

export interface TrialProgress {
  /**
   * `preparing`, then a phase of PMS 9. The phase follows `confirming` while suspects are tried and `comparing` while builds are compared.
   * A USE state other than the configured one follows the phase: `compile with USE="-png" (2 of 5)`.
   */
  readonly phase: string;
  /** Milliseconds since the trial began. */
  readonly elapsed: number;
  /** Milliseconds that the last trial of the ebuild and of this extent took; absent if that is not known. */
  readonly usual?: number;
  /** How many installed packages the build has touched so far. */
  readonly packagesSeen: number;
}

export interface TrialListener {
  progress(progress: TrialProgress): void;
  /** Called with each change of the record; the last call has the final outcome. */
  record(record: TrialRecord): void;
}

/** The newest stored record of an ebuild, for whichever text. */
export interface RecalledTrial {
  readonly record: TrialRecord;
  /** An input that has changed since the trial, apart from the text, e.g. `an eclass`; undefined if none has. */
  readonly change: string | undefined;
}

/** The port through which the language server and the command line run trials. */
export interface TrialRunner {
  /**
   * Builds the ebuild in the view that it declares, or gives the stored record of an earlier trial with the same inputs. In every case,
   * nothing is left behind but the build log and the kept records and snapshots.
   *
   * @throws UserError if no trial can be run, and the signal's reason
   */
  run(request: TrialRequest, listener: TrialListener, signal?: AbortSignal): Promise<TrialRecord>;
  /**
   * Reads the stored records of the ebuild; runs nothing.
   *
   * @param file absolute path
   * @throws UserError if the file is not an ebuild of a repository, or there is no root or package manager
   */
  recall(file: string): Promise<RecalledTrial | undefined>;
}

/** Whether other builds can go on after an error, such as an exceeded limit or a missing distfile. Without a sandbox none can. */
export function endsOnlyThisBuild(error: unknown): error is UserError {
  return isForUser(error) && !(error instanceof SandboxError);
}
