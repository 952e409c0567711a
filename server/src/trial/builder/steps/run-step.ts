import { collectPathsOf } from '../../../evaluation/evaluate.ts';
import { describeView } from '../../../evaluation/sandbox-view.ts';
import type { WorkFolder } from '../../../evaluation/work-folder.ts';
import { throwIfNoRoom } from '../../../host/disk-room.ts';
import { killedError, throwIfDisturbed, throwIfKilled, watchMemoryKills } from '../../../host/disturbance.ts';
import { createIsOwned, type NamedPaths } from '../../../host/named-paths.ts';
import type { RootState } from '../../../host/root-state.ts';
import type { PackageManager, Phase, UseSetting } from '../../../package-manager/port.ts';
import type { LayeredFolder, Sandbox } from '../../../sandbox/sandbox.ts';
import { createAttribution } from '../../../trace/attribution.ts';
import { phaseFunction } from '../../../trace/phase-function.ts';
import type { BuildLog } from '../build-log.ts';
import type { BuildView } from '../build-view.ts';
import type { BuiltEbuild } from '../built-ebuild.ts';
import { createRootKnowledge } from '../root-knowledge.ts';
import { createFootprintReader, type Footprint } from './footprint.ts';
import { type StepObservations, takeObservations } from './observations.ts';
import type { Step } from './step.ts';

/** The part of a run that is the same for all steps and builds of a trial. */
export interface StepPlan {
  readonly root: RootState;
  readonly folder: WorkFolder;
  readonly ebuild: BuiltEbuild;
  readonly packageManager: PackageManager;
  /** Holds each run to the limits and the cancellation of the trial. */
  readonly sandbox: Sandbox;
  readonly jobs: number;
  readonly use: UseSetting;
  /** Whether src_test runs. */
  readonly tests: boolean;
  readonly log: BuildLog;
  /**
   * Called after each event.
   *
   * @param packagesSeen number of packages that the running step has touched
   */
  onProgress(phase: string, packagesSeen: number): void;
}

/** The result of one step in one view. */
export interface StepRun {
  readonly passed: boolean;
  /** The phase that was started last; the first of the step if none was started. */
  readonly phase: Phase;
  readonly observations: StepObservations;
  readonly footprint: Footprint;
  /** The paths of this machine that were named; undefined if there were too many to keep. */
  readonly named: NamedPaths | undefined;
}

/**
 * Runs the phases of one step. The steps before it have run in the same build folder.
 *
 * @param buildFolder the build folder of the package manager as layers; undefined: it is a plain folder below the trial's own work folder
 * @throws UserError if a limit was exceeded, SandboxError if a sandbox cannot be made
 */
export async function runStep(
  plan: StepPlan,
  view: BuildView,
  step: Step,
  buildFolder: LayeredFolder | undefined,
): Promise<StepRun> {
  const { root, folder, packageManager } = plan;
  const knowledge = createRootKnowledge(root, view);
  const footprint = createFootprintReader(root, knowledge);
  const paths = collectPathsOf(root, folder, root.resolver);
  const attribution = createAttribution({
    ownWork: packageManager.ownWork,
    phaseOf: (argv) => packageManager.phaseOf(argv),
    ...knowledge,
  });
  const spec = describeView({
    layout: root.layout,
    folder,
    files: packageManager.files,
    repositories: [...root.repositories, folder.paths.repository],
    hidden: view.hidden,
    command: packageManager.buildCommand(folder.paths, {
      phases: step,
      afresh: buildFolder === undefined || buildFolder.lower.length === 0,
      test: plan.tests,
      jobs: plan.jobs,
      use: plan.use,
    }),
    ...(plan.ebuild.file !== undefined && { ebuild: plan.ebuild.file }),
    trace: true,
  });
  const memoryKills = watchMemoryKills();
  const { status, seesDeaths } = await plan.sandbox.run(
    buildFolder === undefined ? spec : { ...spec, layered: [buildFolder] },
    {
      event(event) {
        attribution.observe(event);
        paths.observe(event);
        const { phase } = attribution;
        footprint.observe(event, phase !== undefined);
        if (phase !== undefined) plan.onProgress(phase, attribution.packagesSeen);
        if (event.kind === 'killed')
          throw killedError({
            program: attribution.nameOf(event.serial),
            where: phase && phaseFunction(phase),
            signal: event.signal,
            lacksMemory: (memoryKills() ?? 0) > 0,
          });
      },
      output: (chunk) => plan.log.write(chunk),
    },
  );
  const phase = step.find((known) => known === attribution.phase) ?? step[0] ?? 'setup';
  // Otherwise the build has killed it itself.
  if (!seesDeaths) throwIfKilled(packageManager.name, status, phaseFunction(phase));
  if (status !== 0)
    throwIfDisturbed({ output: plan.log.tail(), phase, seesDeaths, memoryKills: memoryKills() });
  throwIfNoRoom(folder.work);
  return {
    passed: status === 0,
    phase,
    observations: takeObservations(attribution, step),
    footprint: footprint.result(),
    named: await paths.result(createIsOwned(root)),
  };
}
