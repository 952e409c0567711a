/**
 * What one trial saw, as plain data. A record is written once and judged again against every later text of the ebuild.
 */

/** The dependency variables of PMS 8.1 that the audit speaks of. */
export type DependencyVariable = 'DEPEND' | 'BDEPEND' | 'RDEPEND';

/** An installed package as the record needs it for matching atoms. */
export interface RecordedPackage {
  readonly category: string;
  readonly name: string;
  /** Version with revision, `PVR` of PMS 11.1. */
  readonly version: string;
  readonly slot: string;
  readonly subslot: string;
  readonly use: readonly string[];
}

/** One traced access that stands for all of its kind. Paths are as the sandbox shows them. */
export interface Evidence {
  readonly phase: string;
  /** The program that made the access, e.g. `/usr/bin/cpp`. */
  readonly program: string;
  /** The chain from the phase's function to the program, outermost first, e.g. `['src_compile', 'make', 'cc1']`. */
  readonly chain: readonly string[];
  readonly operation: 'execute' | 'read' | 'look-up' | 'link';
  readonly path: string;
  /** `denied` when the view hid the path; `seen` when it could be used. */
  readonly result: 'denied' | 'seen';
  /** How many accesses this one stands for. */
  readonly count: number;
}

/** A package that the ebuild was seen to need and, when the trial ran, did not declare. */
export interface Need {
  readonly variable: DependencyVariable;
  readonly package: RecordedPackage;
  /** The atom to add: a virtual where one stands for the package, else category/name. */
  readonly atom: string;
  /**
   * `proven`: a phase failed without the package and passed with it, or the installed image links it.
   * `denied`: a phase failed after the package was denied, and no trial has confirmed it yet.
   */
  readonly certainty: 'proven' | 'denied';
  readonly evidence: readonly Evidence[];
}

export interface FailedPhase {
  readonly phase: string;
  /** The first line of the log that looks like the reason, without terminal escapes. */
  readonly firstError: string;
}

export interface TrialRecord {
  readonly format: 1;
  readonly category: string;
  /** `PF` of PMS 11.1. */
  readonly packageAndVersion: string;
  readonly packageManager: string;
  /** The text that was built. */
  readonly text: string;
  /** DEPEND, BDEPEND and RDEPEND as the package manager evaluated them for that text. */
  readonly evaluated: Readonly<Record<DependencyVariable, string>>;
  /** The evaluated atoms that the text is not known to hold, because eclasses bring them; they hold for later texts too. */
  readonly inherited: Readonly<Record<DependencyVariable, readonly string[]>>;
  readonly use: readonly string[];
  /** `running` while findings still arrive; the other two are final. */
  readonly outcome: 'running' | 'passed' | 'failed';
  readonly failure?: FailedPhase;
  readonly needs: readonly Need[];
  /** Declared and active atoms that no installed package satisfies. */
  readonly notInstalled: readonly { readonly variable: DependencyVariable; readonly atom: string }[];
  /** What the tracer could not see. */
  readonly gaps: readonly string[];
  /** Where the whole build log is kept; empty where it is not kept any more. */
  readonly log: string;
  /** Of a record that was stored: when its trial ended, in milliseconds since the epoch. Absent where the trial has just been run. */
  readonly storedAt?: number;
}
