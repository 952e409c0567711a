/**
 * What one trial saw, as plain data. A record is written once and judged again against every later text of the ebuild.
 */

import type { DependencyVariable } from '../pms/dependency-variable.ts';
import type { Evidence, Incident, RecordedPackage, VersionBound } from '../trace/evidence.ts';
import type { UseKind } from '../trace/use-kind.ts';

/** One way in which two installed images differ, seen from the one in which more was visible. */
export interface ImageDifference {
  readonly aspect: 'file' | 'linked-library' | 'interpreter' | 'symbol' | 'content' | 'mode' | 'link-target';
  readonly change: 'added' | 'removed' | 'changed';
  /** Path of the installed file as it will be on the system. */
  readonly path: string;
  /** The soname, symbol, interpreter or target of a link; absent for the other aspects. */
  readonly name?: string;
  /** Of a symbol: the file looks for it in libraries and does not define it. */
  readonly imported?: true;
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
  /** What the build's own checks asked of its version. */
  readonly bounds?: readonly VersionBound[];
  /** Eclasses of the ebuild's repositories that would bring the atom, e.g. `cmake`. */
  readonly eclasses?: readonly string[];
}

/** An undeclared package that the build looked for and did without. */
export interface Probe {
  readonly package: RecordedPackage;
  /** The atom to add where it is wanted. */
  readonly atom: string;
  /** Where the atom would belong: by what the build looked for, and RDEPEND where the image of the build with it needs it to run. */
  readonly variables: readonly DependencyVariable[];
  /**
   * What showing the package does, found by building with it: `none`: the same image; `changes`: another one; `breaks`: the build fails.
   * `untried`: it has not been tried (yet).
   */
  readonly effect: 'none' | 'changes' | 'breaks' | 'untried';
  /** Other packages that had to be visible too for the effect: pkg-config, for what is found with its help. */
  readonly beside?: readonly RecordedPackage[];
  readonly differences: readonly ImageDifference[];
  readonly evidence: readonly Evidence[];
  readonly bounds?: readonly VersionBound[];
  /** How the build fails where the package breaks it. */
  readonly failure?: FailedPhase;
}

/** A visible package that the ebuild's own processes used, or that the image needs in order to run. */
export interface PackageUse {
  readonly package: RecordedPackage;
  /** The atom that an author would write for it. */
  readonly atom: string;
  /** Why it was visible; see {@link Licence}. What only the package manager needs is a {@link Need} and not listed here. */
  readonly licence: 'declared' | 'system' | 'closure';
  /** Of one that is visible through others: the declared packages, as category/name, whose RDEPEND closure holds it. */
  readonly through?: readonly string[];
  /** Each way in which it was used, with a few accesses that show it. */
  readonly kinds: readonly { readonly kind: UseKind; readonly evidence: readonly Evidence[] }[];
  readonly bounds: readonly VersionBound[];
}

/** What became of a build without one declared atom. */
export interface Removal {
  /** Where the text or an eclass declares it. */
  readonly variable: DependencyVariable;
  /** As `printAtom` prints it. */
  readonly atom: string;
  /** `same`: the same image, and the tests passed or there are none; `untried`: nobody knows. */
  readonly outcome: 'same' | 'differs' | 'fails' | 'untried';
  /** Whether src_test was run in both builds. */
  readonly tested: boolean;
  readonly differences: readonly ImageDifference[];
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
  /** The dependency variables as the package manager evaluated them for that text. */
  readonly evaluated: Readonly<Record<DependencyVariable, string>>;
  /** The evaluated atoms that the text is not known to hold, because eclasses bring them; they hold for later texts too. */
  readonly inherited: Readonly<Record<DependencyVariable, readonly string[]>>;
  /** The flags that were enabled, also implicit ones such as `elibc_glibc`. */
  readonly use: readonly string[];
  /** IUSE without `+` and `-`. */
  readonly iuse: readonly string[];
  /** `running` while findings still arrive; the other two are final. */
  readonly outcome: 'running' | 'passed' | 'failed';
  readonly failure?: FailedPhase;
  readonly needs: readonly Need[];
  readonly probes: readonly Probe[];
  readonly uses: readonly PackageUse[];
  readonly removals: readonly Removal[];
  readonly incidents: readonly Incident[];
  /** Trials of the same text under other USE flags, where they were asked for. Theirs is empty. */
  readonly variants: readonly TrialRecord[];
  /** Declared and active atoms that no installed package satisfies. */
  readonly notInstalled: readonly { readonly variable: DependencyVariable; readonly atom: string }[];
  /** What the tracer could not see. */
  readonly gaps: readonly string[];
  /** Where the whole build log is kept; empty where it is not kept any more. */
  readonly log: string;
  /** Of a record that was stored: when its trial ended, in milliseconds since the epoch. Absent where the trial has just been run. */
  readonly storedAt?: number;
}
