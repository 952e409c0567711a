import { chmodSync, lstatSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkFolder } from '../../evaluation/work-folder.ts';
import type { InstalledPackage } from '../../installed/vdb.ts';
import { PHASES, type Phase } from '../../package-manager/port.ts';
import { packageId } from '../../pms/package-id.ts';
import { SandboxError } from '../../sandbox/sandbox.ts';
import type { Denial } from '../../trace/denial.ts';
import type { Build, BuildChange, BuildOutcome, BuildPlan } from './build-plan.ts';
import { type BuildView, drawBuildView } from './build-view.ts';
import { findFirstError } from './first-error.ts';
import { locateImage } from './image-location.ts';
import { keyOfStep } from './snapshots/build-key.ts';
import { openSnapshotStore, type Snapshot } from './snapshots/snapshot-store.ts';
import { fingerprintOf } from './steps/footprint.ts';
import { joinObservations } from './steps/observations.ts';
import { removeAllBut } from './steps/remove-all-but.ts';
import { runStep, type StepRun } from './steps/run-step.ts';
import { STEPS, type Step } from './steps/step.ts';

/**
 * Makes the builder of one trial. Each build reuses snapshots, of this trial or an earlier one, for the steps that would run as before, and
 * runs the others.
 *
 * @throws each build throws UserError if a limit is exceeded, SandboxError if the sandbox cannot run, and the signal's reason
 */
export function createBuilder(plan: BuildPlan): Build {
  let inSteps = true;
  return async (change) => {
    const { root, packageManager, metadata } = plan;
    const view = drawBuildView(root, {
      packageManager,
      declared: plan.declared,
      system: metadata.system,
      ...change,
    });
    const title = describeChange(change, plan.tests);
    const snapshots = change.afresh === true ? openSnapshotStore(undefined, true) : plan.snapshots;
    if (inSteps) {
      try {
        const outcome = await buildInSteps({ ...plan, snapshots }, view, title, change.until);
        if (!wasSpoilt(plan, outcome)) return outcome;
        plan.log.note('=== this build does not work in steps: building again in one run');
      } catch (error) {
        if (!(error instanceof SandboxError) || error.reason !== 'no-overlay') throw error;
      }
      inSteps = false;
    }
    return buildInOneRun(plan, view, title);
  };
}

const nameOf = ({ category, name }: InstalledPackage) => `${category}/${name}`;

function describeChange({ revealed = [], withheld = [], afresh }: BuildChange, tests: boolean): string {
  return [
    afresh === true ? 'control build' : 'trial build',
    ...(revealed.length === 0 ? [] : [`with ${revealed.map(nameOf).join(', ')} visible`]),
    ...(withheld.length === 0 ? [] : [`without ${withheld.join(', ')}`]),
    ...(tests ? ['with tests'] : []),
  ].join(' ');
}

/**
 * Errors that only occur because a build is cut into steps: a folder of an earlier step cannot be renamed (overlayfs, "Renaming
 * directories"), and files that an earlier step put into /tmp are gone.
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
  /** The digest of its inputs, except the step before it. */
  readonly key: string;
  /** The paths below the build folder that later steps see; undefined: all of it. */
  readonly keepsOnly?: readonly string[];
}

/**
 * Lists the steps of a build. Shared sources are unpacked in a step of their own, which leaves nothing else: in each USE state, all phases
 * run and find the sources there.
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
): Promise<BuildOutcome> {
  const { folder, packageManager, log, snapshots } = plan;
  const target = packageManager.buildFolder(folder.paths);
  const done: Snapshot[] = [];
  const steps = stepsOf(plan);
  const end = steps.findLastIndex(({ phases }) => until !== undefined && phases.includes(until));
  const wanted = end < 0 ? steps : steps.slice(0, end + 1);
  for (const step of wanted) {
    plan.signal?.throwIfAborted();
    const phases = step.phases.filter((phase) => phase !== 'test' || plan.tests);
    const key = keyOfStep([...done.slice(-1).map(({ id }) => id), step.key], phases);
    const suits = ({ footprint, fingerprint }: Snapshot['manifest']) =>
      fingerprintOf(footprint, view) === fingerprint;
    const known = await snapshots.find(key, suits);
    if (known !== undefined) {
      log.note(`=== ${title}: ${step.phases.join(', ')} reused from a snapshot`);
      done.push(known);
      continue;
    }
    log.startBuild(`${title}: ${step.phases.join(', ')}`);
    const place = mkdtempSync(join(folder.steps, 'step-'));
    // mkdtemp makes the folder private, but the unprivileged user that builds for root must enter it.
    chmodSync(place, 0o755);
    const [upper, kernelWork] = ['files', 'kernel'].map((name) => join(place, name)) as [string, string];
    mkdirSync(upper);
    mkdirSync(kernelWork);
    makeMountPoint(onMachine(folder, target));
    const lower = done.map(({ files }) => files);
    const run = await runStep(plan, view, step.phases, { target, lower, upper, kernelWork });
    if (!run.passed) return describeFailure(plan, view, done, run);
    if (step.keepsOnly !== undefined) await removeAllBut(upper, step.keepsOnly);
    const { observations, footprint } = run;
    const fingerprint = fingerprintOf(footprint, view);
    done.push(await snapshots.keep(key, place, { observations, footprint, fingerprint }));
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
    touched: new Set(done.flatMap(({ manifest }) => manifest.footprint.packages)),
    layers: done.map(({ files }) => files),
    image: wanted.length < steps.length ? undefined : locateImage(done.at(-1)?.files ?? '', image),
    ...(wanted.length < steps.length && { stopped: true }),
  };
}

async function buildInOneRun(plan: BuildPlan, view: BuildView, title: string): Promise<BuildOutcome> {
  const { folder, packageManager } = plan;
  plan.log.startBuild(title);
  const run = await runStep(plan, view, PHASES, undefined);
  if (!run.passed) return describeFailure(plan, view, [], run);
  const path = packageManager.imageFolder(folder.paths).slice(folder.paths.work.length);
  const image = locateImage(folder.work, path);
  return {
    passed: true,
    failure: undefined,
    denials: [],
    observations: joinObservations([run.observations], view),
    visible: view.visible,
    touched: new Set(run.footprint.packages),
    layers: [onMachine(folder, packageManager.buildFolder(folder.paths))],
    image: image && putAside(folder, image),
  };
}

/** Moves the image away, because the next build would begin by removing it. */
function putAside(folder: WorkFolder, image: string): string {
  const place = join(mkdtempSync(join(folder.steps, 'image-')), 'image');
  renameSync(image, place);
  return place;
}

function describeFailure(
  plan: BuildPlan,
  view: BuildView,
  done: readonly Snapshot[],
  { phase, observations, footprint }: StepRun,
): BuildOutcome {
  const joined = joinObservations([...done.map(({ manifest }) => manifest.observations), observations], view);
  return {
    passed: false,
    failure: { phase, firstError: findFirstError(plan.log.tail()) },
    denials: listSuspects(joined.denials, phase),
    observations: joined,
    visible: view.visible,
    touched: new Set(
      [...done.map(({ manifest }) => manifest.footprint), footprint].flatMap(({ packages }) => packages),
    ),
    layers: [],
    image: undefined,
  };
}

/**
 * Lists the denials of the phase that failed, then those of earlier phases as weak ones: without `pkg.m4`, src_prepare passes and makes a
 * broken configure script.
 */
function listSuspects(denials: readonly Denial[], phase: string): Denial[] {
  const ofPhase = denials.filter((denial) => denial.phase === phase);
  const known = new Set(ofPhase.map((denial) => packageId(denial.package)));
  const earlier = denials.filter((denial) => denial.phase !== phase && !known.has(packageId(denial.package)));
  return [...ofPhase, ...earlier.map((denial) => ({ ...denial, weak: true }))];
}

/** Makes a folder in the work folder, where the code of an ebuild may have put anything at that path. */
function makeMountPoint(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
  rmSync(path, { force: true });
  mkdirSync(path);
}

/** The path on this machine of a path below the sandbox's work folder. */
function onMachine(folder: WorkFolder, path: string): string {
  return folder.work + path.slice(folder.paths.work.length);
}
