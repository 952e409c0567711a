import type { FailedPhase } from '../../audit/record.ts';
import type { NamedPaths } from '../../host/named-paths.ts';
import type { InstalledPackage } from '../../installed/vdb.ts';
import type { DeclaredForBuild, RevealedPackage, VisiblePackage } from '../../installed/visible-set.ts';
import type { EvaluatedMetadata, Phase } from '../../package-manager/port.ts';
import type { Denial } from '../../trace/denial.ts';
import type { SnapshotStore } from './snapshots/snapshot-store.ts';
import type { Observations } from './steps/observations.ts';
import type { StepPlan } from './steps/run-step.ts';
import type { Step } from './steps/step.ts';

/** The input that is the same for all builds of one trial. */
export interface BuildPlan extends StepPlan {
  readonly signal: AbortSignal | undefined;
  readonly metadata: EvaluatedMetadata;
  readonly declared: DeclaredForBuild;
  /** The package of the ebuild as `category/name`. */
  readonly itself: string;
  readonly steps: readonly Step[];
  readonly snapshots: SnapshotStore;
  /** See `readBuildKeys`. */
  readonly key: string;
  /** The key of the unpacked sources, if trials in other USE states share them. */
  readonly sourcesKey: string | undefined;
  /** Called with the paths that each step named, also those of a step that was not run again; undefined if they were too many. */
  noteNamed(paths: NamedPaths | undefined): void;
}

/** The result of one build in one view. */
export interface BuildOutcome {
  readonly passed: boolean;
  readonly failure: FailedPhase | undefined;
  /** Packages denied in the phase that failed, likeliest first, then those denied in phases before it; empty if the build passed. */
  readonly denials: readonly Denial[];
  /** Observations of all steps. */
  readonly observations: Observations;
  readonly visible: ReadonlyMap<InstalledPackage, VisiblePackage>;
  /** Ids of the packages of which a process of the last step named a file, hidden or not. */
  readonly touched: ReadonlySet<string>;
  /** The layers of the build folder, as folders of this machine, the topmost last. */
  readonly layers: readonly string[];
  /**
   * The image folder on this machine, which does not change until the trial ends; undefined if the build failed or put a link in its place.
   */
  readonly image: string | undefined;
  /** Functions of the ebuild that the saved environment has not got, in the form of `declare -f`; absent: it has all of them. */
  readonly pending?: readonly string[];
  /** The build has passed the phase `until` and began no further one. */
  readonly stopped?: true;
}

/** The difference between the view of a build and the view that the ebuild declares. */
export interface BuildChange {
  readonly revealed?: readonly RevealedPackage[];
  /** Texts of declared atoms that the view ignores; see `drawBuildView`. */
  readonly withheld?: readonly string[];
  /** The build reuses no step of another build, and none of its steps is kept. */
  readonly afresh?: true;
  /**
   * The build is compared with one in this other view, and must be independent of all earlier ones: it reuses only steps that run alike in
   * both views, and none of its steps is kept.
   */
  readonly comparedWith?: Pick<BuildChange, 'revealed' | 'withheld'>;
  /** The last phase that is needed. A build that is not made in steps goes on to the end. */
  readonly until?: Phase;
}

/** Builds the ebuild in the view that it declares, with a change; rejects as `createBuilder` says. */
export type Build = (change: BuildChange) => Promise<BuildOutcome>;
