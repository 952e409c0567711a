import type { DependencyVariable } from '../pms/dependency-variable.ts';
import type { Command } from './command.ts';
import type { PackageReader } from './package-reader.ts';

/** The `src_*` phases of PMS 9 in the order of their execution, with `pkg_setup` before them. */
export const PHASES = ['setup', 'unpack', 'prepare', 'configure', 'compile', 'test', 'install'] as const;
export type Phase = (typeof PHASES)[number];

/** Files that the package manager itself needs in the sandbox, beyond those of the root. */
export interface PackageManagerFiles {
  /** Files and folders bound read-only at their own path, e.g. a private virtual environment. */
  readonly binds: readonly string[];
  /** Programs of the root that the package manager itself needs, e.g. `/usr/bin/python3.11`. */
  readonly programs: readonly string[];
}

/** Flags that override the configuration, in the form of `USE` of make.conf(5): `flag` or `-flag`. */
export type UseSetting = readonly string[];

/** The places in the sandbox of everything that a trial needs; the same for every package manager. */
export interface TrialPaths {
  /** The ebuild under trial as the sandbox sees it. */
  readonly ebuild: string;
  /** A writable folder for the build, such as PORTAGE_TMPDIR. */
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

/** Metadata after eclasses, and the settings that determine their meaning (PMS 7, 5.2). */
export interface EvaluatedMetadata {
  readonly eapi: string;
  readonly slot: string;
  readonly dependencies: Readonly<Record<DependencyVariable, string>>;
  readonly requiredUse: string;
  readonly restrict: string;
  /** Without `+` and `-`, as often as the ebuild and its eclasses name them. */
  readonly iuse: readonly string[];
  /** The flags of IUSE that the profile forces or masks (PMS 5.2.11): no user's setting changes them in `use`. */
  readonly fixedUse: readonly string[];
  /** The flags of IUSE that are values of a USE_EXPAND variable (PMS 5.3.4), such as `python_targets_python3_12`. */
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
  /** Sentences about values that the package manager cannot give exactly. */
  readonly approximations: readonly string[];
}

/** Separates the package manager's own accesses from the ebuild's. Pure data, one table per backend. */
export interface OwnWork {
  /**
   * A process that executes a file in one of these folders does the package manager's work, and so do its children.
   */
  readonly folders: readonly string[];
  /** Programs that functions of the package manager run in a process that otherwise works for the ebuild. */
  readonly programs?: readonly string[];
  /** Base names in those folders whose children work for the ebuild again, e.g. `emake`, `ebuild.sh`. */
  readonly ebuildHelpers: readonly string[];
  /**
   * Ends of paths: the process of a phase works for the package manager until it accesses a path with one of these
   * ends, and then for the ebuild. Undefined if a phase begins with the ebuild.
   */
  readonly ebuildBegins?: readonly string[];
}

export interface BuildOptions {
  /** Without a gap, in the order of {@link PHASES}; at least one. */
  readonly phases: readonly Phase[];
  /**
   * Whether the build folder is emptied first. Otherwise, with `setup`, it contains only {@link
   * PackageManager.unpackedSources}.
   */
  readonly afresh: boolean;
  /** Whether to run `test` if it is one of the phases. */
  readonly test: boolean;
  /** The maximum number of processes that the build runs at once. */
  readonly jobs: number;
  /** The same flags as for {@link PackageManager.metadataCommand}. */
  readonly use: UseSetting;
}

/** The entries of a binary package's metadata that a trial adds to those of the package manager. */
export const PACKAGE_ENTRIES = {
  /** The record of the trial, in the form of `ebuild-audit record export`, compressed with gzip. */
  record: 'EBUILD_AUDIT_RECORD',
  /** The digest of the image; absent if not everything in it could be read. */
  image: 'EBUILD_AUDIT_IMAGE',
} as const;

/** A binary package to write, and where its additions are. */
export interface PackingOptions {
  /** The number of this package among those of the same version (BUILD_ID), from 1. */
  readonly buildId: number;
  /** A folder with the files to add to the metadata, as the sandbox sees it. */
  readonly additions: string;
  /** As for the build, see {@link BuildOptions}. */
  readonly test: boolean;
  /** The same flags as for {@link PackageManager.metadataCommand}. */
  readonly use: UseSetting;
}

/** The metadata of a binary package, as far as it is read back. */
export interface PackedMetadata {
  readonly category: string;
  readonly packageAndVersion: string;
  readonly buildId: string;
  /** SHA-256 of each of {@link PACKAGE_ENTRIES} that it has, in hexadecimal digits, by its name. */
  readonly additions: Readonly<Record<string, string>>;
}

/** Writes and reads binary packages in the form of GLEP 78 (gpkg). */
export interface PackageWriter {
  /** Packs the image in {@link PackageManager.buildFolder}, with the metadata of the ebuild under trial as its text is now. */
  packCommand(paths: TrialPaths, options: PackingOptions): Command;
  /** The folder under `paths.work` in which {@link packCommand} leaves the package, as the sandbox sees it. */
  packageFolder(paths: TrialPaths): string;
  /** Checks a package and prints its metadata. @param file as the sandbox sees it */
  readCommand(paths: TrialPaths, file: string): Command;
  /** Reads the output of `readCommand`; throws an Error with a sentence for the user if it is anything else. */
  readPacked(output: string): PackedMetadata;
}

export interface PackageManager {
  readonly name: 'portage' | 'pkgcore';
  readonly version: string;
  readonly files: PackageManagerFiles;
  readonly ownWork: OwnWork;
  /**
   * Evaluates the ebuild and the profile; {@link readMetadata} reads its standard output.
   *
   * @param use flags that override the configuration, but not what the profile forces or masks
   */
  metadataCommand(paths: TrialPaths, use: UseSetting): Command;
  /** Reads the output of `metadataCommand`; throws an Error with a sentence for the user if it is anything else. */
  readMetadata(output: string): EvaluatedMetadata;
  /**
   * Runs the given phases, one after another, and ends with their status. Earlier phases have already been run with
   * the same {@link buildFolder}.
   */
  buildCommand(paths: TrialPaths, options: BuildOptions): Command;
  /** The phase that begins when a program with these arguments is executed; undefined if none does. */
  phaseOf(argv: readonly string[]): Phase | undefined;
  /**
   * The folder under `paths.work` in which phases leave everything that later phases need, as the sandbox sees it.
   */
  buildFolder(paths: TrialPaths): string;
  /**
   * The paths in {@link buildFolder} of the unpacked sources and of the mark that they are unpacked. If the folder
   * contains only these, {@link buildCommand} with `setup` runs every phase but does not unpack again. Absent if the
   * package manager cannot do that.
   */
  unpackedSources?(paths: TrialPaths): readonly string[];
  /** Absent if it reads no binary packages. */
  readonly packageReader?: PackageReader;
  /** Absent if the package manager writes no gpkg. */
  readonly packageWriter?: PackageWriter;
  /** The Python that runs it, as the sandbox sees it. */
  readonly python: string;
  /** The file of bash that has the variables and functions of the phases that have passed, as the sandbox sees it. */
  savedEnvironment(paths: TrialPaths): string;
  /** The image folder (`D` of PMS 11.1) under {@link buildFolder}, as the sandbox sees it. */
  imageFolder(paths: TrialPaths): string;
}
