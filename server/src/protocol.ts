/** The custom messages between the language server and a client. */
import type { Limit, Mend } from './errors/limit.ts';

/** The `initializationOptions` of the `initialize` request. */
export interface InitializationOptions {
  /** The section `ebuildAudit` of the settings, from a client that cannot be asked for it. */
  readonly settings?: unknown;
  /**
   * Whether the user trusts the workspace. Unless it is true, nothing runs code of an ebuild but a trial that is asked for; where it
   * is false, not even that.
   */
  readonly trusted?: boolean;
  /** Whether the client shows the diagnostics at a place with their related information in its hovers. */
  readonly diagnosticsInHover?: boolean;
  /** Commands of the client for the lenses of an ebuild, which have progress and buttons; absent: those of the server. */
  readonly lensCommands?: LensCommands;
}

/** The commands of the lenses of an ebuild, by what they do. Each takes the URI of the ebuild. */
export type LensCommands = Readonly<Record<'run' | 'fixAndVerify' | 'cancel' | 'showLog', string>>;

/** Notification `ebuildAudit/trusted` from the client, without parameters: from now on the user trusts the workspace. */
export const TRUSTED = 'ebuildAudit/trusted';

/** Request `ebuildAudit/runTrial`: runs a trial of an open or saved ebuild. Progress comes by work-done progress. */
export const RUN_TRIAL = 'ebuildAudit/runTrial';
export interface RunTrialParams {
  readonly uri: string;
  /** Without it the server makes a progress of its own, where the client can show one. */
  readonly workDoneToken?: string | number;
  /** Whether to build although the record of an earlier trial answers. */
  readonly fresh?: boolean;
  /** Whether only what the build needs is looked for; absent: as the setting `ebuildAudit.quickTrials` says. */
  readonly quick?: boolean;
  /** Which other USE states to try as well: all flags of IUSE off and each alone on, or each two on as well. Absent: none. */
  readonly matrix?: 'single' | 'pairwise';
}
export interface RunTrialResult {
  /**
   * `not-verified`: nothing was found, but the text has changed while the trial ran. `failed`: the build failed for a reason
   * that no finding explains, or no trial could be run. `not-tried`: no trial could be run, and the ebuild is not to blame.
   */
  readonly outcome: 'clean' | 'findings' | 'not-verified' | 'cancelled' | 'failed' | 'not-tried';
  /** One sentence for the user. */
  readonly message: string;
  /** With `not-tried`: where the user mends what is wrong. */
  readonly mend?: Mend;
  /** Where the whole build log is kept, when a build was started. */
  readonly log?: string;
  /** Whether some of the findings have a fix that is surely right. */
  readonly hasSafeFixes?: true;
}

/** Request `ebuildAudit/cancelTrial`: ends the running trial of an ebuild, if there is one; answers with null. */
export const CANCEL_TRIAL = 'ebuildAudit/cancelTrial';
export interface CancelTrialParams {
  readonly uri: string;
}

/** Request `ebuildAudit/doctor`: looks at everything that trials need. */
export const DOCTOR = 'ebuildAudit/doctor';
export interface DoctorParams {
  /** An ebuild whose settings apply, and whose repository is looked at too. */
  readonly uri?: string;
}
export interface DoctorResult {
  /** A Markdown document for a reader, which can be pasted into a report. */
  readonly document: string;
}

/** Notification `ebuildAudit/status` from the server, for the status item of one ebuild. */
export const STATUS = 'ebuildAudit/status';
export interface StatusParams {
  readonly uri: string;
  /** `waiting`: another trial runs first. */
  readonly state:
    | 'clean'
    | 'findings'
    | 'not-verified'
    | 'waiting'
    | 'running'
    | 'unknown'
    | 'failed'
    | 'not-tried';
  readonly message: string;
  /** With `not-tried`: where the user mends what is wrong. */
  readonly mend?: Mend;
  /** Where the whole build log of the newest trial is kept, when there is one. */
  readonly log?: string;
  /** Every reason why something about the ebuild is not checked; absent if there is none. */
  readonly limits?: readonly Limit[];
}

/**
 * The commands of `workspace/executeCommand`, for editors without an extension of ours. Each takes the URI of an ebuild as its first argument.
 * They are not called as the extension's own commands are, because its client library registers them under these names.
 */
export const SERVER_COMMANDS = {
  run: 'ebuild-audit.runTrial',
  runFresh: 'ebuild-audit.runFreshTrial',
  runMatrix: 'ebuild-audit.runUseMatrix',
  fix: 'ebuild-audit.applySafeFixes',
  fixAndVerify: 'ebuild-audit.fixAndVerify',
  cancel: 'ebuild-audit.cancelTrial',
  showLog: 'ebuild-audit.showBuildLog',
} as const;
