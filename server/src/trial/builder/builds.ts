import type { EbuildFacts } from '../../ebuild/ebuild-facts.ts';
import { evaluateEbuild } from '../../evaluation/evaluate.ts';
import type { TrialFolder } from '../../evaluation/work-folder.ts';
import { diskError, findFullDiskOf, noRoom } from '../../host/disk-room.ts';
import type { RootState } from '../../host/root-state.ts';
import type { TrialWorld } from '../../host/world.ts';
import type { EvaluatedMetadata, UseSetting } from '../../package-manager/port.ts';
import { type DependencyNode, parseDependency } from '../../pms/dependency.ts';
import { BUILD_VARIABLES, type DependencyVariable } from '../../pms/dependency-variable.ts';
import { evaluateUse } from '../../pms/use.ts';
import type { EbuildLocation } from '../../repository/ebuild-location.ts';
import { createBuilder } from './build.ts';
import type { BuildLog } from './build-log.ts';
import type { BuildChange, BuildOutcome } from './build-plan.ts';
import { rankByOutput } from './confirm.ts';
import { readBuildKeys } from './snapshots/build-key.ts';
import type { SnapshotStore } from './snapshots/snapshot-store.ts';
import { canTest, decideTests, type Tests } from './tests.ts';

/** Builds the ebuild in the view of what it declares, but for a change; throws what `createBuilder` says. */
export type BuildWithChange = (change: BuildChange) => Promise<BuildOutcome>;

/** The builds of one trial. */
export interface Builds {
  /** What becomes of src_test in {@link build}. */
  readonly tests: Tests;
  readonly build: BuildWithChange;
  /** Builds that run src_test where `build` leaves it out, for which the flag `test` is enabled where there is one; undefined: it cannot be run. */
  openTesting(): Promise<BuildWithChange | undefined>;
}

export interface BuildsInput {
  readonly world: TrialWorld;
  readonly root: RootState;
  readonly location: EbuildLocation;
  /** Of the text under trial. */
  readonly facts: EbuildFacts;
  readonly metadata: EvaluatedMetadata;
  readonly use: UseSetting;
  /** With the distfiles. */
  readonly folder: TrialFolder;
  readonly log: BuildLog;
  /** Why the log cannot be written, once it cannot. */
  findWriteError(): NodeJS.ErrnoException | undefined;
  readonly snapshots: SnapshotStore;
  /** Whether other trials of the same text in other USE states will use the unpacked sources too. */
  readonly sharesSources?: boolean;
  onProgress(phase: string, packagesSeen: number): void;
  readonly signal: AbortSignal | undefined;
}

/** The nodes of some variables that are active in the USE state that the metadata are of. */
export function activeNodes(
  { dependencies, use }: EvaluatedMetadata,
  variables: readonly DependencyVariable[],
): DependencyNode[] {
  return variables.flatMap((variable) => evaluateUse(parseDependency(dependencies[variable]).nodes, use));
}

export async function openBuilds(input: BuildsInput): Promise<Builds> {
  const { world, root, location, facts, metadata, use, folder, log, snapshots, signal } = input;
  const tests = decideTests(metadata);
  return {
    tests,
    build: await open(metadata, use, tests === 'run'),
    async openTesting() {
      if (!metadata.iuse.includes('test')) return open(metadata, use, true);
      const withTests = [...use, 'test'];
      const evaluated = await evaluateEbuild(world, root, folder, facts.text, withTests, signal);
      const nodes = activeNodes(evaluated, BUILD_VARIABLES);
      return canTest(evaluated, nodes, root.lookup, folder.distfiles)
        ? open(evaluated, withTests, true)
        : undefined;
    },
  };

  async function open(
    state: EvaluatedMetadata,
    flags: UseSetting,
    runsTests: boolean,
  ): Promise<BuildWithChange> {
    const keys = await readBuildKeys(world, root, location, facts, state);
    const build = createBuilder({
      root,
      folder,
      packageManager: world.packageManager,
      sandbox: world.sandbox,
      limits: world.limits,
      metadata: state,
      declared: activeNodes(state, BUILD_VARIABLES),
      jobs: world.jobs,
      use: flags,
      tests: runsTests,
      log,
      snapshots,
      key: keys.build,
      sourcesKey: input.sharesSources === true ? keys.sources : undefined,
      onProgress: input.onProgress,
    });
    return async (change) => {
      const outcome = await build(change, signal);
      const writeError = input.findWriteError();
      if (writeError !== undefined) throw diskError(writeError);
      // No dependency explains a build that had no room, and none is to be looked for.
      const full = findFullDiskOf(outcome, log.tail(), folder.work);
      if (full !== undefined) throw noRoom(full);
      return outcome.passed
        ? outcome
        : { ...outcome, denials: rankByOutput(outcome.denials, log.tail(), outcome.failure?.phase) };
    };
  }
}
