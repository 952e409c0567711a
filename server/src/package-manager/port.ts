import type { DependencyVariable } from '../pms/dependency-variable.ts';

/** The `src_*` phases of PMS 9 in the order of their execution, with `pkg_setup` before them. */
export const PHASES = ['setup', 'unpack', 'prepare', 'configure', 'compile', 'test', 'install'] as const;
export type Phase = (typeof PHASES)[number];

/** A command to run inside the sandbox. */
export interface Command {
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** What must be bound into the sandbox for the package manager's sake, beyond what the root has. */
export interface PackageManagerFiles {
  /** Files and folders bound read-only at their own path, e.g. a private virtual environment. */
  readonly binds: readonly string[];
  /** Programs of the root that the package manager itself needs, e.g. `/usr/bin/python3.11`. */
  readonly programs: readonly string[];
}

/** Flags to set on top of the configuration, as `USE` of make.conf(5) has them: `flag`, or `-flag`. Nothing else is in force for a flag named here. */
export type UseSetting = readonly string[];

/** Where the sandbox shows what a trial needs; the same for every package manager. */
export interface TrialPaths {
  /** The ebuild under trial as the sandbox sees it. */
  readonly ebuild: string;
  /** A writable folder for the build (PORTAGE_TMPDIR or its like). */
  readonly work: string;
  /** A folder of symbolic links to the distfiles. */
  readonly distfiles: string;
  /** The repository that holds the ebuild, as the sandbox sees it. */
  readonly repository: string;
  readonly category: string;
  readonly packageName: string;
  /** Package name and version with revision, `PF` of PMS 11.1. */
  readonly packageAndVersion: string;
}

/** Metadata after eclasses, and the settings that decide what they mean (PMS 7, 5.2). */
export interface EvaluatedMetadata {
  readonly eapi: string;
  readonly slot: string;
  readonly dependencies: Readonly<Record<DependencyVariable, string>>;
  readonly requiredUse: string;
  readonly restrict: string;
  /** Without `+` and `-`, as often as the ebuild and its eclasses name them. */
  readonly iuse: readonly string[];
  /** Those of IUSE that the profile forces or masks (PMS 5.2.11): whatever a user sets, they stay as they are in `use`. */
  readonly fixedUse: readonly string[];
  /** Those of IUSE that are values of a USE_EXPAND variable (PMS 5.3.4), such as `python_targets_python3_12`. */
  readonly expandedUse: readonly string[];
  /** The USE flags that are enabled for this package, after profile, make.conf and package.use. */
  readonly use: readonly string[];
  readonly inherited: readonly string[];
  /** Phases that the ebuild or an eclass defines a function for, such as `setup` and `unpack` (DEFINED_PHASES, PMS 7.4). */
  readonly definedPhases: readonly string[];
  /** File names in SRC_URI that this USE state needs. */
  readonly distfiles: readonly string[];
  /** Atoms that the stacked profile `packages` files name as @system, without the leading `*`. */
  readonly system: readonly string[];
  /** True where the package manager cannot say a thing exactly; the sentence says what. */
  readonly approximations: readonly string[];
}

/** Tells the package manager's own accesses from the ebuild's. Pure data, one table per backend. */
export interface OwnWork {
  /** A process that executes a file under one of these folders does the package manager's work, and its children too. */
  readonly folders: readonly string[];
  /** Base names under those folders whose children are the ebuild's again, e.g. `emake`, `ebuild.sh`. */
  readonly ebuildHelpers: readonly string[];
  /**
   * The ends of paths of which the process of a phase names one when it turns from its own preparations to the ebuild. Until then
   * its work is the package manager's. Undefined where a phase begins with the ebuild.
   */
  readonly ebuildBegins?: readonly string[];
}

export interface BuildOptions {
  /** Without a gap, in the order of {@link PHASES}; at least one. */
  readonly phases: readonly Phase[];
  /** Whether the build folder is emptied first; with `setup` it otherwise holds {@link PackageManager.unpackedSources} and nothing else. */
  readonly afresh: boolean;
  /** Whether `test` is to be run where it is one of the phases. */
  readonly test: boolean;
  /** How many processes the build may run at once. */
  readonly jobs: number;
  /** What {@link PackageManager.metadataCommand} was given. */
  readonly use: UseSetting;
}

export interface PackageManager {
  readonly name: 'portage' | 'pkgcore';
  readonly version: string;
  readonly files: PackageManagerFiles;
  readonly ownWork: OwnWork;
  /**
   * Evaluates the ebuild and the profile; its standard output is given to {@link readMetadata}.
   *
   * @param use flags that are set whatever the configuration says, `flag` or `-flag`; what the profile forces or masks stays so
   */
  metadataCommand(paths: TrialPaths, use: UseSetting): Command;
  /** Throws an Error with a sentence for the user when the output is not what `metadataCommand` prints. */
  readMetadata(output: string): EvaluatedMetadata;
  /**
   * Runs some of the phases, one after another, and ends with their status. What comes before them has been run already with the same
   * {@link buildFolder}.
   */
  buildCommand(paths: TrialPaths, options: BuildOptions): Command;
  /** The phase that executing a program with these arguments starts, if it starts one. */
  phaseOf(argv: readonly string[]): Phase | undefined;
  /** The folder under `paths.work` where phases leave everything that later ones need, as the sandbox sees it. */
  buildFolder(paths: TrialPaths): string;
  /**
   * What of {@link buildFolder} holds the unpacked sources and the mark that they are there, as paths below it. With these and nothing
   * else in that folder, {@link buildCommand} with `setup` goes through every phase but finds the sources unpacked. Absent: it would
   * not.
   */
  unpackedSources?(paths: TrialPaths): readonly string[];
  /** The image folder (`D` of PMS 11.1) under {@link buildFolder}, as the sandbox sees it. */
  imageFolder(paths: TrialPaths): string;
}
