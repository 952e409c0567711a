import { createAttribution } from '../../../audit/attribution.ts';
import type { Phase } from '../../../package-manager/port.ts';
import type { LayeredFolder } from '../../../sandbox/sandbox.ts';
import { describeView } from '../../view.ts';
import type { BuildPlan } from '../build.ts';
import type { BuildView } from '../build-view.ts';
import { runLimited } from '../run-limited.ts';
import { createRootKnowledge } from '../touch.ts';
import { type StepObservations, takeObservations } from './observations.ts';
import type { Step } from './step.ts';
import { createTouchedCollector, type Touched } from './touched.ts';

/** One step run in one view. */
export interface StepRun {
  readonly passed: boolean;
  /** The phase that was started last; the step's first when none was. */
  readonly phase: Phase;
  readonly observations: StepObservations;
  readonly touched: Touched;
}

/**
 * Runs the phases of one step. The steps before it have been run in the same build folder.
 *
 * @param buildFolder where the sandbox shows the folder that the package manager builds in, and what is in it; undefined: it is a plain
 *   folder below the trial's own work folder
 * @throws TrialError when a limit was exceeded, SandboxError when there is no sandbox to be had
 */
export async function runStep(
  plan: BuildPlan,
  view: BuildView,
  step: Step,
  buildFolder: LayeredFolder | undefined,
  signal: AbortSignal | undefined,
): Promise<StepRun> {
  const { root, folder, packageManager } = plan;
  const knowledge = createRootKnowledge(root, view);
  const collector = createTouchedCollector(root, knowledge.touch);
  const attribution = createAttribution({
    ownWork: packageManager.ownWork,
    phaseOf: (executable, argv) => packageManager.phaseOf(executable, argv),
    ...knowledge,
    touch: collector.touch,
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
    trace: true,
  });
  const { status } = await runLimited(
    plan.sandbox,
    buildFolder === undefined ? spec : { ...spec, layered: [buildFolder] },
    plan.limits,
    {
      event(event) {
        attribution.observe(event);
        // Before its first phase the package manager looks around for its own sake.
        if (attribution.phase !== undefined) {
          if (event.kind === 'access') {
            for (const path of [event.path, ...event.hops])
              collector.note(path, event.operation === 'readdir');
          } else if (event.kind === 'exec') {
            for (const { path, hops } of [event, ...event.interpreters]) {
              for (const one of [path, ...hops]) collector.touch(one);
            }
          }
          plan.onProgress(attribution.phase, attribution.packagesSeen);
        }
      },
      output: (chunk) => plan.log.write(chunk),
    },
    signal,
  );
  return {
    passed: status === 0,
    phase: step.find((phase) => phase === attribution.phase) ?? step[0] ?? 'setup',
    observations: takeObservations(attribution, step),
    touched: collector.result(),
  };
}
