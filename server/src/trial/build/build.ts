import { chmodSync, lstatSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Denial } from '../../audit/attribution.ts';
import type { FailedPhase } from '../../audit/record.ts';
import type { InstalledPackage } from '../../installed/vdb.ts';
import type { VisiblePackage } from '../../installed/visible-set.ts';
import { type EvaluatedMetadata, type PackageManager, PHASES } from '../../package-manager/port.ts';
import type { DependencyNode } from '../../pms/dependency.ts';
import { type Sandbox, SandboxError, type SandboxLimits } from '../../sandbox/sandbox.ts';
import { locateImage } from '../needs/image.ts';
import type { UseSetting } from '../trial.ts';
import type { TrialFolder } from '../trial-folder.ts';
import type { RootState } from '../world/root-state.ts';
import type { BuildLog } from './build-log.ts';
import { type BuildView, drawBuildView } from './build-view.ts';
import { findFirstError } from './first-error.ts';
import { keyOfStep } from './snapshots/build-key.ts';
import type { Snapshot, SnapshotStore } from './snapshots/snapshot-store.ts';
import { joinObservations, type Observations } from './steps/observations.ts';
import { runStep, type StepRun } from './steps/run-step.ts';
import { STEPS } from './steps/step.ts';
import { fingerprintTouched } from './steps/touched.ts';

/** What stays the same over all builds of one trial. */
export interface BuildPlan {
  readonly root: RootState;
  readonly folder: TrialFolder;
  readonly packageManager: PackageManager;
  readonly sandbox: Sandbox;
  readonly limits: SandboxLimits | undefined;
  readonly metadata: EvaluatedMetadata;
  readonly declared: readonly DependencyNode[];
  readonly jobs: number;
  readonly use: UseSetting;
  readonly log: BuildLog;
  readonly snapshots: SnapshotStore;
  /** See `readBuildKey`. */
  readonly key: string;
  /** Called after each event. @param packagesSeen in the step that is being run */
  onProgress(phase: string, packagesSeen: number): void;
}

/** One build in one view. */
export interface BuildOutcome {
  readonly passed: boolean;
  readonly failure: FailedPhase | undefined;
  /** Packages denied in the phase that failed, likeliest first; empty when the build passed. */
  readonly denials: readonly Denial[];
  /** What was seen of all steps. */
  readonly observations: Observations;
  readonly visible: ReadonlyMap<InstalledPackage, VisiblePackage>;
  /** The image folder on this machine; undefined when the build failed, or has put a link in its place. */
  readonly image: string | undefined;
}

/** Builds the ebuild in the view of what it declares and of what is revealed on top. */
export type Build = (
  revealed: readonly InstalledPackage[],
  signal: AbortSignal | undefined,
) => Promise<BuildOutcome>;

/**
 * Makes the builder of one trial. Each of its builds takes the steps that would go as they went before from snapshots, of this trial
 * or an earlier one, and runs the rest. So what is revealed is there from the first step that asks for it, and nothing before
 * that is built again.
 *
 * Its builds throw TrialError when a limit was exceeded, SandboxError when there is no sandbox to be had, and the signal's reason.
 */
export function createBuilder(plan: BuildPlan): Build {
  let inSteps = true;
  return async (revealed, signal) => {
    const { root, packageManager, metadata } = plan;
    const view = drawBuildView(root, packageManager, plan.declared, metadata.system, revealed);
    const title = `trial build${revealed.length === 0 ? '' : ` with ${revealed.map(nameOf).join(', ')} shown`}`;
    if (inSteps) {
      try {
        const outcome = await buildInSteps(plan, view, title, signal);
        if (!wasSpoilt(outcome, plan.log.tail())) return outcome;
        plan.log.note(
          '=== what failed does not work across the steps of a trial: all of it again in one run',
        );
      } catch (error) {
        if (!(error instanceof SandboxError) || error.reason !== 'no-overlay') throw error;
      }
      inSteps = false;
    }
    return buildInOneRun(plan, view, title, signal);
  };
}

const nameOf = (one: InstalledPackage) => `${one.category}/${one.name}`;

/**
 * What only goes wrong because a step builds upon another: a folder of an earlier step cannot be renamed (overlayfs, "Renaming
 * directories"), and what an earlier one has put into /tmp is gone.
 */
const SPOILT =
  /Invalid cross-device link|\bEXDEV\b|os error 18\b|(?:^|[\s'"`‘(:])\/(?:var\/)?tmp\/.*No such file or directory|No such file or directory.*[\s'"`‘(:]\/(?:var\/)?tmp\//m;

function wasSpoilt({ failure }: BuildOutcome, output: string): boolean {
  const inFirst = STEPS[0]?.some((phase) => phase === failure?.phase);
  return failure !== undefined && inFirst === false && SPOILT.test(output);
}

async function buildInSteps(
  plan: BuildPlan,
  view: BuildView,
  title: string,
  signal: AbortSignal | undefined,
): Promise<BuildOutcome> {
  const { folder, packageManager, log, snapshots } = plan;
  const target = packageManager.buildFolder(folder.paths);
  const done: Snapshot[] = [];
  for (const step of STEPS) {
    signal?.throwIfAborted();
    const key = keyOfStep(done.at(-1)?.id ?? plan.key, step);
    const suits = ({ touched, fingerprint }: Snapshot['manifest']) =>
      fingerprintTouched(view, touched) === fingerprint;
    const known = snapshots.find(key, suits);
    if (known !== undefined) {
      log.note(`=== ${title}: ${step.join(', ')} would go as before`);
      done.push(known);
      continue;
    }
    log.startBuild(`${title}: ${step.join(', ')}`);
    const place = mkdtempSync(join(folder.steps, 'step-'));
    // mkdtemp makes it private; the builder that root drops to must be able to enter it.
    chmodSync(place, 0o755);
    const [upper, kernelWork] = ['files', 'kernel'].map((name) => join(place, name)) as [string, string];
    mkdirSync(upper);
    mkdirSync(kernelWork);
    makeMountPoint(onMachine(folder, target));
    const lower = done.map(({ files }) => files);
    const run = await runStep(plan, view, step, { target, lower, upper, kernelWork }, signal);
    if (!run.passed) return describeFailure(plan, view, done, run);
    const { observations, touched } = run;
    const fingerprint = fingerprintTouched(view, touched);
    done.push(snapshots.keep(key, place, { observations, touched, fingerprint }));
  }
  const image = packageManager.imageFolder(folder.paths).slice(target.length);
  return {
    passed: true,
    failure: undefined,
    denials: [],
    observations: joinObservations(done.map(({ manifest }) => manifest.observations)),
    visible: view.visible,
    image: locateImage(done.at(-1)?.files ?? '', image),
  };
}

async function buildInOneRun(
  plan: BuildPlan,
  view: BuildView,
  title: string,
  signal: AbortSignal | undefined,
): Promise<BuildOutcome> {
  const { folder, packageManager } = plan;
  plan.log.startBuild(title);
  const run = await runStep(plan, view, PHASES, undefined, signal);
  if (!run.passed) return describeFailure(plan, view, [], run);
  return {
    passed: true,
    failure: undefined,
    denials: [],
    observations: run.observations,
    visible: view.visible,
    image: locateImage(folder.work, packageManager.imageFolder(folder.paths).slice(folder.paths.work.length)),
  };
}

function describeFailure(
  plan: BuildPlan,
  view: BuildView,
  done: readonly Snapshot[],
  { phase, observations }: StepRun,
): BuildOutcome {
  return {
    passed: false,
    failure: { phase, firstError: findFirstError(plan.log.tail()) },
    denials: observations.denials.filter((denial) => denial.phase === phase),
    observations: joinObservations([...done.map(({ manifest }) => manifest.observations), observations]),
    visible: view.visible,
    image: undefined,
  };
}

/** Makes sure of an empty place in the work folder, where the code of an ebuild may have put anything. */
function makeMountPoint(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
  rmSync(path, { force: true });
  mkdirSync(path);
}

/** Where a path below the sandbox's work folder lies on this machine. */
function onMachine(folder: TrialFolder, path: string): string {
  return folder.work + path.slice(folder.paths.work.length);
}
