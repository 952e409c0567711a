import type { EbuildFacts } from '../../ebuild/ebuild-facts.ts';
import { evaluateEbuild } from '../../evaluation/evaluate.ts';
import type { WorkFolder } from '../../evaluation/work-folder.ts';
import { diskError, findFullDiskOf, noRoom } from '../../host/disk-room.ts';
import type { NamedPaths } from '../../host/named-paths.ts';
import type { RootState } from '../../host/root-state.ts';
import type { TrialWorld } from '../../host/world.ts';
import type { DeclaredForBuild } from '../../installed/visible-set.ts';
import type { EvaluatedMetadata, Phase, UseSetting } from '../../package-manager/port.ts';
import { type DependencyNode, parseDependency } from '../../pms/dependency.ts';
import { BUILD_VARIABLES, type DependencyVariable } from '../../pms/dependency-variable.ts';
import { evaluateUse } from '../../pms/use.ts';
import type { EbuildLocation } from '../../repository/ebuild-location.ts';
import { availableMemory } from '../../sandbox/limits.ts';
import { type Denial, findNamedPaths } from '../../trace/denial.ts';
import { EVIDENCE_KEPT, type Evidence } from '../../trace/evidence.ts';
import { createBuilder } from './build.ts';
import type { BuildLog } from './build-log.ts';
import type { Build, BuildOutcome } from './build-plan.ts';
import { type BuiltEbuild, writeBuiltEbuild } from './built-ebuild.ts';
import { rankByOutput } from './confirm.ts';
import { countLanes, createLanes, type Lane, type Lanes } from './lanes.ts';
import { readBuildKeys } from './snapshots/build-key.ts';
import { openSnapshotStore, type SnapshotStore } from './snapshots/snapshot-store.ts';
import { listSteps, splitBefore } from './steps/step.ts';
import { canTest, decideTests, type Tests } from './tests.ts';

/** The builds of one trial. */
export interface Builds {
  /** Whether {@link build} runs src_test. */
  readonly tests: Tests;
  readonly build: Build;
  /** Opens builds that run src_test, with the flag `test` if IUSE has it; undefined if src_test cannot be run. */
  openTesting(): Promise<Build | undefined>;
}

/** One ebuild, evaluated in one USE state, and where it is built. */
export interface EvaluatedEbuild {
  /** Its sandbox ends its runs when the trial is cancelled. */
  readonly world: TrialWorld;
  readonly root: RootState;
  readonly location: EbuildLocation;
  /** Facts of the text under trial. */
  readonly facts: EbuildFacts;
  readonly metadata: EvaluatedMetadata;
  readonly use: UseSetting;
  /** With the distfiles. */
  readonly folder: WorkFolder;
  /** See `readFolderDigest`: of the package's folder, before it was copied. */
  readonly copied: string;
  readonly signal: AbortSignal | undefined;
}

/** The input of the builds of a trial. */
export interface BuildsInput extends EvaluatedEbuild {
  readonly log: BuildLog;
  readonly snapshots: SnapshotStore;
  /** Whether trials of the same text in other USE states will use the unpacked sources too. */
  readonly sharesSources: boolean;
  /** Whether src_test is run even if IUSE has no flag `test`, unless RESTRICT forbids it. */
  readonly tests: boolean;
  /** A phase with which a step begins, so that a build can stop before it; absent: none in particular. */
  readonly stopBefore?: Phase | undefined;
  /** Whether builds see the author's text, dependencies and all. Nothing but the time of the next trial depends on it. */
  readonly verbatim: boolean;
  /** See `BuildPlan`. */
  noteNamed(paths: NamedPaths | undefined): void;
  onProgress(phase: string, packagesSeen: number): void;
}

/** The nodes of some variables that are active in the USE state of the metadata. */
export function activeNodes(
  { dependencies, use }: EvaluatedMetadata,
  variables: readonly DependencyVariable[],
): DependencyNode[] {
  return variables.flatMap((variable) => evaluateUse(parseDependency(dependencies[variable]).nodes, use));
}

/** The active dependencies that a build sees. */
export function declaredForBuild(metadata: EvaluatedMetadata): DeclaredForBuild {
  return { depend: activeNodes(metadata, ['DEPEND']), bdepend: activeNodes(metadata, ['BDEPEND']) };
}

/** Opens the builds of a trial without starting one. */
export async function openBuilds(input: BuildsInput): Promise<Builds> {
  const { metadata, use, facts } = input;
  const ebuild = input.verbatim
    ? { text: facts.text, file: undefined }
    : writeBuiltEbuild({ ...input, inherited: metadata.inherited, readFacts: input.world.readFacts });
  const lanes = createLanes(input.folder, input.log, countLanes(input.world.jobs, availableMemory()));
  const session = { ...input, ebuild, lanes };
  const decided = decideTests(metadata);
  const tests = input.tests && decided === 'left-out' && !metadata.iuse.includes('test') ? 'run' : decided;
  return {
    tests,
    build: await openBuild(session, metadata, use, tests === 'run'),
    openTesting: () => openTesting(session),
  };
}

/** The input of builds, with the ebuild that they see. */
interface BuildsSession extends BuildsInput {
  readonly ebuild: BuiltEbuild;
  readonly lanes: Lanes;
}

async function openTesting(input: BuildsSession): Promise<Build | undefined> {
  const { world, root, metadata, use, folder } = input;
  if (!metadata.iuse.includes('test')) return openBuild(input, metadata, use, true);
  const withTests = [...use, 'test'];
  const { metadata: evaluated, named } = await evaluateEbuild(world, root, folder, withTests);
  input.noteNamed(named);
  const nodes = activeNodes(evaluated, BUILD_VARIABLES);
  return canTest(evaluated, nodes, root.lookup, folder.distfiles)
    ? openBuild(input, evaluated, withTests, true)
    : undefined;
}

async function openBuild(
  input: BuildsSession,
  metadata: EvaluatedMetadata,
  use: UseSetting,
  tests: boolean,
): Promise<Build> {
  const { world, root, location, ebuild, signal, lanes } = input;
  const keys = await readBuildKeys(world, root, location, (ebuild.staged ?? ebuild).text, metadata);
  // If the package's folder has changed since it was copied, nothing is known of the copy.
  const snapshots = keys.folder === input.copied ? input.snapshots : openSnapshotStore(undefined, true);
  const steps = listSteps(input.facts);
  const createBuilderIn = ({ folder, log, isShown }: Lane) =>
    createBuilder({
      root,
      folder,
      ebuild,
      packageManager: world.packageManager,
      sandbox: world.sandbox,
      signal,
      metadata,
      declared: declaredForBuild(metadata),
      itself: `${location.category}/${location.packageName}`,
      jobs: world.jobs,
      use,
      tests,
      log,
      steps: input.stopBefore === undefined ? steps : splitBefore(steps, input.stopBefore),
      snapshots,
      key: keys.build,
      sourcesKey: input.sharesSources ? keys.sources : undefined,
      onProgress: isShown ? input.onProgress : () => {},
      noteNamed: input.noteNamed,
    });
  const builders = new Map<Lane, Build>();
  const builderIn = (lane: Lane): Build => {
    const made = builders.get(lane) ?? createBuilderIn(lane);
    builders.set(lane, made);
    return made;
  };
  return (change) =>
    lanes.run(async (lane) => {
      const { folder, log } = lane;
      const outcome = await builderIn(lane)(change);
      const failure = log.failure();
      if (failure !== undefined) throw diskError(failure);
      // If the disk is full, no dependency explains the failure, and none must be blamed for it.
      const full = findFullDiskOf(outcome, log.tail(), folder.work);
      if (full !== undefined) throw noRoom(full);
      return outcome.passed ? outcome : { ...outcome, denials: rankDenials(outcome, log.tail()) };
    });
}

/** Ranks the denials of a failed build, each with the evidence that the output names, or with some. */
function rankDenials({ denials, failure }: BuildOutcome, output: string): Denial[] {
  const isNamed = findNamedPaths(output);
  return rankByOutput(denials, output, failure?.phase).map((denial) => {
    const [named, others] = [true, false].map((wanted) =>
      denial.evidence.filter(({ path }) => isNamed(path) === wanted),
    ) as [Evidence[], Evidence[]];
    return { ...denial, evidence: [...named, ...others].slice(0, EVIDENCE_KEPT) };
  });
}
