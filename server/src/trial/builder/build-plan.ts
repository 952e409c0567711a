import type { FailedPhase } from '../../audit/record.ts';
import type { InstalledPackage } from '../../installed/vdb.ts';
import type { VisiblePackage } from '../../installed/visible-set.ts';
import type { EvaluatedMetadata, Phase } from '../../package-manager/port.ts';
import type { DependencyNode } from '../../pms/dependency.ts';
import type { Denial } from '../../trace/denial.ts';
import type { SnapshotStore } from './snapshots/snapshot-store.ts';
import type { Observations } from './steps/observations.ts';
import type { StepPlan } from './steps/run-step.ts';

/** What stays the same over all builds of one trial. */
export interface BuildPlan extends StepPlan {
  readonly signal: AbortSignal | undefined;
  readonly metadata: EvaluatedMetadata;
  readonly declared: readonly DependencyNode[];
  readonly snapshots: SnapshotStore;
  /** See `readBuildKeys`. */
  readonly key: string;
  /** Of the unpacked sources, where trials in other USE states use them too. */
  readonly sourcesKey: string | undefined;
}

/** One build in one view. */
export interface BuildOutcome {
  readonly passed: boolean;
  readonly failure: FailedPhase | undefined;
  /** Packages denied in the phase that failed, likeliest first, and then in those before it; empty when the build passed. */
  readonly denials: readonly Denial[];
  /** What was seen of all steps. */
  readonly observations: Observations;
  readonly visible: ReadonlyMap<InstalledPackage, VisiblePackage>;
  /** Ids of the packages of which any process named a file, whether it was hidden or not. */
  readonly touched: ReadonlySet<string>;
  /** Folders of this machine that hold, one upon the other, what a build that passed wrote into the build folder; the topmost last. */
  readonly layers: readonly string[];
  /**
   * The image folder on this machine, which stays as it is until the trial ends; undefined when the build failed, or has put a link
   * in its place.
   */
  readonly image: string | undefined;
  /** It has passed the phase that it was to go up to, and no further one was begun. */
  readonly stopped?: true;
}

/** How a build departs from what the ebuild declares. */
export interface BuildChange {
  /** Packages that are shown although nothing declares them. */
  readonly revealed?: readonly InstalledPackage[];
  /** Texts of declared atoms that the view is drawn without; see `drawBuildView`. */
  readonly withheld?: readonly string[];
  /** Nothing is taken over from another build, and nothing is kept for one. */
  readonly afresh?: true;
  /** It need not go further than this phase; where it is not built in steps it does. */
  readonly until?: Phase;
}

/** Builds the ebuild in the view of what it declares, but for a change; rejects as `createBuilder` says. */
export type Build = (change: BuildChange) => Promise<BuildOutcome>;
