import { chmodSync, lstatSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TrialFolder } from '../../evaluation/work-folder.ts';
import { locateImage } from '../../image/image-needs.ts';
import type { InstalledPackage } from '../../installed/vdb.ts';
import { PHASES, type Phase } from '../../package-manager/port.ts';
import { packageId } from '../../pms/package-id.ts';
import { SandboxError } from '../../sandbox/sandbox.ts';
import type { Denial } from '../../trace/attribution.ts';
import type { Build, BuildChange, BuildOutcome, BuildPlan } from './build-plan.ts';
import { type BuildView, drawBuildView } from './build-view.ts';
import { findFirstError } from './first-error.ts';
import { keyOfStep } from './snapshots/build-key.ts';
import { openSnapshotStore, type Snapshot } from './snapshots/snapshot-store.ts';
import { joinObservations } from './steps/observations.ts';
import { removeAllBut } from './steps/remove-all-but.ts';
import { runStep, type StepRun } from './steps/run-step.ts';
import { STEPS, type Step } from './steps/step.ts';
import { fingerprintTouched } from './steps/touched.ts';

/**
 * Makes the builder of one trial. Each of its builds takes the steps that would go as they went before from snapshots, of this trial
 * or an earlier one, and runs the rest. So what is revealed is there from the first step that asks for it, and nothing before
 * that is built again.
 *
 * Its builds throw UserError when a limit was exceeded, SandboxError when there is no sandbox to be had, and the signal's reason.
 */
export function createBuilder(plan: BuildPlan): Build {
  let inSteps = true;
  return async (change, signal) => {
    const { root, packageManager, metadata } = plan;
    const { revealed = [], withheld } = change;
    const view = drawBuildView(root, packageManager, plan.declared, metadata.system, revealed, withheld);
    const title = describeChange(change, plan.tests);
    const snapshots = change.afresh === true ? openSnapshotStore(undefined, true) : plan.snapshots;
    if (inSteps) {
      try {
        const outcome = await buildInSteps({ ...plan, snapshots }, view, title, change.until, signal);
        if (!wasSpoilt(plan, outcome)) return outcome;
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

function describeChange({ revealed = [], withheld = [], afresh }: BuildChange, tests: boolean): string {
  return [
    `trial build${afresh === true ? ' afresh' : ''}`,
    ...(revealed.length === 0 ? [] : [`with ${revealed.map(nameOf).join(', ')} shown`]),
    ...(withheld.length === 0 ? [] : [`without ${withheld.join(', ')}`]),
    ...(tests ? ['with its tests'] : []),
  ].join(' ');
}

/**
 * What only goes wrong because a step builds upon another: a folder of an earlier step cannot be renamed (overlayfs, "Renaming
 * directories"), and what an earlier one has put into /tmp is gone.
 */
const SPOILT =
  /Invalid cross-device link|\bEXDEV\b|os error 18\b|(?:^|[\s'"`‘(:])\/(?:var\/)?tmp\/.*No such file or directory|No such file or directory.*[\s'"`‘(:]\/(?:var\/)?tmp\//m;

function wasSpoilt({ log, sourcesKey }: BuildPlan, { failure }: BuildOutcome): boolean {
  if (failure === undefined) return false;
  const inFirst = sourcesKey === undefined && STEPS[0]?.some((phase) => phase === failure.phase) === true;
  return !inFirst && SPOILT.test(log.tail());
}

/** A step of one build. */
interface PlannedStep {
  readonly phases: Step;
  /** Of what it rests on besides the step before it. */
  readonly key: string;
  /** What of the build folder later steps see, as paths below it; undefined: all of it. */
  readonly keepsOnly?: readonly string[];
}

/**
 * The steps of a build. Where sources are shared, they are unpacked in a step of their own that leaves nothing else: each USE state then
 * goes through all its phases but finds the sources there.
 */
function stepsOf({ packageManager, folder, key, sourcesKey }: BuildPlan): readonly PlannedStep[] {
  const steps = STEPS.map((phases): PlannedStep => ({ phases, key }));
  const sources = packageManager.unpackedSources?.(folder.paths);
  if (sourcesKey === undefined || sources === undefined) return steps;
  return [{ phases: ['setup', 'unpack'], key: sourcesKey, keepsOnly: sources }, ...steps];
}

async function buildInSteps(
  plan: BuildPlan,
  view: BuildView,
  title: string,
  until: Phase | undefined,
  signal: AbortSignal | undefined,
): Promise<BuildOutcome> {
  const { folder, packageManager, log, snapshots } = plan;
  const target = packageManager.buildFolder(folder.paths);
  const done: Snapshot[] = [];
  const steps = stepsOf(plan);
  const end = steps.findLastIndex(({ phases }) => until !== undefined && phases.includes(until));
  const wanted = end < 0 ? steps : steps.slice(0, end + 1);
  for (const step of wanted) {
    signal?.throwIfAborted();
    const phases = step.phases.filter((phase) => phase !== 'test' || plan.tests);
    const key = keyOfStep([...done.slice(-1).map(({ id }) => id), step.key], phases);
    const suits = ({ touched, fingerprint }: Snapshot['manifest']) =>
      fingerprintTouched(view, touched) === fingerprint;
    const known = snapshots.find(key, suits);
    if (known !== undefined) {
      log.note(`=== ${title}: ${step.phases.join(', ')} would go as before`);
      done.push(known);
      continue;
    }
    log.startBuild(`${title}: ${step.phases.join(', ')}`);
    const place = mkdtempSync(join(folder.steps, 'step-'));
    // mkdtemp makes it private; the builder that root drops to must be able to enter it.
    chmodSync(place, 0o755);
    const [upper, kernelWork] = ['files', 'kernel'].map((name) => join(place, name)) as [string, string];
    mkdirSync(upper);
    mkdirSync(kernelWork);
    makeMountPoint(onMachine(folder, target));
    const lower = done.map(({ files }) => files);
    const run = await runStep(plan, view, step.phases, { target, lower, upper, kernelWork }, signal);
    if (!run.passed) return describeFailure(plan, view, done, run);
    if (step.keepsOnly !== undefined) removeAllBut(upper, step.keepsOnly);
    const { observations, touched } = run;
    const fingerprint = fingerprintTouched(view, touched);
    done.push(snapshots.keep(key, place, { observations, touched, fingerprint }));
  }
  const image = packageManager.imageFolder(folder.paths).slice(target.length);
  return {
    passed: true,
    failure: undefined,
    denials: [],
    observations: joinObservations(
      done.map(({ manifest }) => manifest.observations),
      view,
    ),
    visible: view.visible,
    touched: new Set(done.flatMap(({ manifest }) => manifest.touched.packages)),
    layers: done.map(({ files }) => files),
    image: wanted.length < steps.length ? undefined : locateImage(done.at(-1)?.files ?? '', image),
    ...(wanted.length < steps.length && { stopped: true }),
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
  const path = packageManager.imageFolder(folder.paths).slice(folder.paths.work.length);
  const image = locateImage(folder.work, path);
  return {
    passed: true,
    failure: undefined,
    denials: [],
    observations: joinObservations([run.observations], view),
    visible: view.visible,
    touched: new Set(run.touched.packages),
    layers: [onMachine(folder, packageManager.buildFolder(folder.paths))],
    image: image && putAside(folder, image),
  };
}

/** The next build would begin by removing the image. */
function putAside(folder: TrialFolder, image: string): string {
  const place = join(mkdtempSync(join(folder.steps, 'image-')), 'image');
  renameSync(image, place);
  return place;
}

function describeFailure(
  plan: BuildPlan,
  view: BuildView,
  done: readonly Snapshot[],
  { phase, observations, touched }: StepRun,
): BuildOutcome {
  const joined = joinObservations([...done.map(({ manifest }) => manifest.observations), observations], view);
  return {
    passed: false,
    failure: { phase, firstError: findFirstError(plan.log.tail()) },
    denials: listSuspects(joined.denials, phase),
    observations: joined,
    visible: view.visible,
    touched: new Set(
      [...done.map(({ manifest }) => manifest.touched), touched].flatMap((one) => one.packages),
    ),
    layers: [],
    image: undefined,
  };
}

/**
 * What was denied in the phase that failed, and behind it what was denied before: who lacks `pkg.m4` in src_prepare gets a configure script
 * that is none.
 */
function listSuspects(denials: readonly Denial[], phase: string): Denial[] {
  const ofPhase = denials.filter((one) => one.phase === phase);
  const known = new Set(ofPhase.map((one) => packageId(one.package)));
  const further = denials.filter((one) => one.phase !== phase && !known.has(packageId(one.package)));
  return [...ofPhase, ...further.map((one) => ({ ...one, weak: true }))];
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
