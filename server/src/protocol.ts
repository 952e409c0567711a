/** The custom messages between the language server and a client. */
import type { Finding } from './audit/finding.ts';
import type { SeenOwner } from './audit/seen/access-tree.ts';
import type { DependencyGroup, SeenDependency } from './audit/seen/dependency-list.ts';
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
  /**
   * A command of the client that opens a terminal where the build of an ebuild stops, for a link in hovers; it takes the URI of the ebuild.
   * Absent: the client has none, or lets no link of a hover run commands.
   */
  readonly terminalCommand?: string;
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

/** Request `ebuildAudit/trialUses`: what the newest trial of an ebuild saw, dependency by dependency. */
export const TRIAL_USES = 'ebuildAudit/trialUses';
export interface TrialUsesParams {
  readonly uri: string;
}
export interface TrialUsesResult {
  /** `none`: no trial is known. `running`: one runs, and has no record yet. `problem`: none could be run. */
  readonly state: 'none' | 'running' | 'problem' | 'shown';
  /** What the trial came to, in a sentence; why there is none. */
  readonly message: string;
  /** In the order in which they are shown. */
  readonly dependencies: readonly TrialDependency[];
  /** Sentences about what the list does not have. */
  readonly limits: readonly string[];
}
export interface TrialDependency {
  /** Names it in {@link TrialAccessesParams}, as long as neither the trial nor the text has changed. */
  readonly id: string;
  readonly group: DependencyGroup;
  readonly atom: string;
  readonly state: SeenDependency['state'];
  readonly variables: readonly string[];
  /** The packages that satisfy it, as `category/name-version`. */
  readonly owners: readonly string[];
  readonly accesses: number;
  /** Lines and characters are counted from 0. Absent: an eclass declares it, or nothing does. */
  readonly range?: ProtocolRange;
  readonly findings: readonly Pick<Finding, 'code' | 'severity' | 'message'>[];
}
interface ProtocolRange {
  readonly start: { readonly line: number; readonly character: number };
  readonly end: { readonly line: number; readonly character: number };
}

/** Request `ebuildAudit/trialAccesses`: the accesses of one dependency. Empty if it is not there any more. */
export const TRIAL_ACCESSES = 'ebuildAudit/trialAccesses';
export interface TrialAccessesParams {
  readonly uri: string;
  readonly dependency: string;
}
export interface TrialAccessesResult {
  readonly owners: readonly SeenOwner[];
}

/** Request `ebuildAudit/findEvidence`: where a reader can see the file of an access. */
export const FIND_EVIDENCE = 'ebuildAudit/findEvidence';
export interface FindEvidenceParams {
  readonly uri: string;
  /** The path of the access. */
  readonly path: string;
}
export interface FindEvidenceResult {
  /** `file`: a text in the root. `log`: the build log, at a line that names the path. `none`: the sentence says why. */
  readonly kind: 'file' | 'log' | 'none';
  /** What to open. */
  readonly path?: string;
  /** Counted from 0. */
  readonly line?: number;
  readonly message: string;
}

/** Request `ebuildAudit/trialPage`: the newest trial of an ebuild as a page. */
export const TRIAL_PAGE = 'ebuildAudit/trialPage';
export type TrialPageParams = TrialUsesParams;

/** Request `ebuildAudit/keptTrials`: the trials of an ebuild that can be compared, the newest first. */
export const KEPT_TRIALS = 'ebuildAudit/keptTrials';
export type KeptTrialsParams = TrialUsesParams;
export interface KeptTrialsResult {
  readonly trials: readonly KeptTrial[];
  /** Why no more could be read. */
  readonly problem?: string;
}
export interface KeptTrial {
  readonly id: string;
  /** When it ended, such as `3 hours ago`. */
  readonly name: string;
  readonly description: string;
}

/** Request `ebuildAudit/compareTrials`: what differs between two trials of {@link KEPT_TRIALS}, as a page. */
export const COMPARE_TRIALS = 'ebuildAudit/compareTrials';
export interface CompareTrialsParams {
  readonly uri: string;
  readonly before: string;
  readonly after: string;
}

/** A page for a tab, which needs neither a script nor a network, or one sentence that says why there is none. */
export interface PageResult {
  readonly html?: string;
  readonly problem?: string;
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
