import { mkdtempSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { layBuildFolder, locateInWork, type WorkFolder } from '../../evaluation/work-folder.ts';
import { digestOf } from '../../host/digest.ts';
import { beginInterval } from '../../host/interval.ts';
import { createIsOwned, NOTHING_NAMED, readPathState } from '../../host/named-paths.ts';
import { createFactsOf, digestInstalled } from '../../host/package-facts.ts';
import type { InstalledPackage } from '../../installed/vdb.ts';
import { PHASES, type Phase } from '../../package-manager/port.ts';
import { packageId } from '../../pms/package-id.ts';
import { SandboxError } from '../../sandbox/sandbox.ts';
import type { Denial } from '../../trace/denial.ts';
import { phaseFunction } from '../../trace/phase-function.ts';
import type { Build, BuildChange, BuildOutcome, BuildPlan } from './build-plan.ts';
import { type BuildView, drawBuildView } from './build-view.ts';
import type { BuiltEbuild } from './built-ebuild.ts';
import { findFirstError } from './first-error.ts';
import { locateImage } from './image-location.ts';
import { keyOfStep } from './snapshots/build-key.ts';
import type { Manifest } from './snapshots/manifest.ts';
import { openSnapshotStore, type Snapshot, type SnapshotStore } from './snapshots/snapshot-store.ts';
import { createFingerprint, type Fingerprint } from './steps/fingerprint.ts';
import { joinObservations } from './steps/observations.ts';
import { removeAllBut } from './steps/remove-all-but.ts';
import { createRootDigest, type RootDigest } from './steps/root-digest.ts';
import { runStep, type StepRun } from './steps/run-step.ts';
import { addToEnvironment, lacksFunctions } from './steps/saved-environment.ts';
import { isSpoiltBySteps } from './steps/spoilt.ts';
import type { Step } from './steps/step.ts';

/**
 * Makes the builder of one trial. Each build reuses snapshots, of this trial or an earlier one, for the steps that would run as before, and
 * runs the others.
 *
 * @throws each build throws UserError if a limit is exceeded, SandboxError if the sandbox cannot run, and the signal's reason
 */
export function createBuilder(plan: BuildPlan): Build {
  let inSteps = true;
  const { root, packageManager, metadata } = plan;
  const packages: PackagesOfRoot = {
    installed: digestInstalled(root, createFactsOf(root)),
    digest: createRootDigest(root),
  };
  return async (change) => {
    const draw = (differing: Pick<BuildChange, 'revealed' | 'withheld'>) =>
      drawBuildView(root, {
        packageManager,
        declared: plan.declared,
        itself: plan.itself,
        system: metadata.system,
        ...differing,
      });
    const view = draw(change);
    const title = describeChange(change, plan.tests);
    if (inSteps) {
      try {
        const reuse = chooseReuse({ ...plan, packages }, change, view, draw);
        const outcome = await buildInSteps({ ...plan, ...reuse }, view, title, change.until);
        if (outcome !== undefined && !wasSpoilt(plan, outcome)) return outcome;
        plan.log.note('=== this build does not work in steps: building again in one run');
      } catch (error) {
        if (!(error instanceof SandboxError) || error.reason !== 'no-overlay') throw error;
        plan.log.note(`=== ${error.message} Building again in one run.`);
      }
      inSteps = false;
    }
    return buildInOneRun(plan, view, title);
  };
}

/** The packages of the root, as far as snapshots depend on them whatever a view shows. */
interface PackagesOfRoot {
  /** See `Manifest`. */
  readonly installed: string;
  readonly digest: RootDigest;
}

/** The steps that a build may reuse, and where its own steps are kept. */
interface Reuse {
  readonly snapshots: SnapshotStore;
  readonly packages: PackagesOfRoot;
  /** Of the view of this build. */
  readonly fingerprint: Fingerprint;
  /** Finds a snapshot by the key of its step. */
  find(key: string): Promise<Snapshot | undefined>;
}

function chooseReuse(
  plan: BuildPlan & Pick<Reuse, 'packages'>,
  { afresh, comparedWith }: BuildChange,
  view: BuildView,
  draw: (change: Pick<BuildChange, 'revealed' | 'withheld'>) => BuildView,
): Reuse {
  const { packages } = plan;
  const fingerprint = createFingerprint(plan.root, view);
  const isStillCurrent = (manifest: Manifest) => isCurrent(plan, manifest);
  const runsAlikeIn =
    (...views: readonly Fingerprint[]) =>
    (manifest: Manifest) =>
      views.every((fingerprintIn) => fingerprintIn(manifest.footprint) === manifest.fingerprint);
  const kept =
    afresh === true || comparedWith !== undefined ? openSnapshotStore(undefined, true) : plan.snapshots;
  const common = { snapshots: kept, packages, fingerprint };
  if (afresh === true) return { ...common, find: async () => undefined };
  if (comparedWith === undefined)
    return { ...common, find: (key) => kept.find(key, runsAlikeIn(fingerprint), isStillCurrent) };
  const suits = runsAlikeIn(fingerprint, createFingerprint(plan.root, draw(comparedWith)));
  let isShared = true;
  return {
    ...common,
    async find(key) {
      // A later step has run on top of what an earlier one left, which may have been chance.
      const known = isShared ? await plan.snapshots.find(key, suits, isStillCurrent) : undefined;
      isShared = known !== undefined;
      return known;
    },
  };
}

const nameOf = ({ category, name }: InstalledPackage) => `${category}/${name}`;

function describeChange(
  { revealed = [], withheld = [], afresh, comparedWith }: BuildChange,
  tests: boolean,
): string {
  return [
    afresh === true ? 'control build' : comparedWith === undefined ? 'trial build' : 'repeated trial build',
    ...(revealed.length === 0
      ? []
      : [`with ${revealed.map((shown) => nameOf(shown.package)).join(', ')} visible`]),
    ...(withheld.length === 0 ? [] : [`without ${withheld.join(', ')}`]),
    ...(tests ? ['with tests'] : []),
  ].join(' ');
}

function wasSpoilt({ steps, log, sourcesKey }: BuildPlan, { failure }: BuildOutcome): boolean {
  if (failure === undefined) return false;
  const inFirst = sourcesKey === undefined && steps[0]?.some((phase) => phase === failure.phase) === true;
  return !inFirst && isSpoiltBySteps(log.tail());
}

/** A step of one build. */
interface PlannedStep {
  readonly phases: Step;
  /** The digest of its inputs, except the step before it. */
  readonly key: string;
  /** The paths below the build folder that later steps see; undefined: all of it. */
  readonly keepsOnly?: readonly string[];
  /** Names of functions that the steps before it did not have. */
  readonly brings: readonly string[];
}

/**
 * Lists the steps of a build. Shared sources are unpacked in a step of their own, which leaves nothing else: in each USE state, all phases
 * run and find the sources there.
 */
function stepsOf(plan: BuildPlan): readonly PlannedStep[] {
  const { packageManager, folder, key, sourcesKey } = plan;
  const steps = plan.steps.map((phases): PlannedStep => {
    const brings = listBrought(plan, phases);
    const texts = listTexts(plan, brings);
    return { phases, key: brings.length === 0 ? key : digestOf([key, texts]), brings };
  });
  const sources = packageManager.unpackedSources?.(folder.paths);
  if (sourcesKey === undefined || sources === undefined) return steps;
  return [{ phases: ['setup', 'unpack'], key: sourcesKey, keepsOnly: sources, brings: [] }, ...steps];
}

/** The functions that have been put aside until this step. The last one has those too that run when the package is merged. */
function listBrought({ ebuild: { staged }, steps, tests }: BuildPlan, step: Step): readonly string[] {
  if (staged === undefined) return [];
  const names = step.filter((phase) => phase !== 'test' || tests).map(phaseFunction);
  const later =
    step === steps.at(-1) ? [...staged.functions.keys()].filter((name) => name.startsWith('pkg_')) : [];
  return [...names, ...later].filter((name) => staged.functions.has(name));
}

/** @returns undefined if the build has put something else in the place of its environment */
async function buildInSteps(
  plan: BuildPlan & Reuse,
  view: BuildView,
  title: string,
  until: Phase | undefined,
): Promise<BuildOutcome | undefined> {
  const { folder, packageManager, log, snapshots } = plan;
  const target = packageManager.buildFolder(folder.paths);
  const environment = packageManager.savedEnvironment(folder.paths).slice(target.length);
  const done: Snapshot[] = [];
  const steps = stepsOf(plan);
  const end = steps.findLastIndex(({ phases }) => until !== undefined && phases.includes(until));
  const wanted = end < 0 ? steps : steps.slice(0, end + 1);
  for (const step of wanted) {
    plan.signal?.throwIfAborted();
    const phases = step.phases.filter((phase) => phase !== 'test' || plan.tests);
    const key = keyOfStep([...done.slice(-1).map(({ id }) => id), step.key], phases);
    const known = await plan.find(key);
    if (known !== undefined) {
      plan.noteNamed(known.manifest.named);
      log.note(`=== ${title}: ${step.phases.join(', ')} reused from a snapshot`);
      done.push(known);
      continue;
    }
    log.startBuild(`${title}: ${step.phases.join(', ')}`);
    const { place, layered } = layBuildFolder(
      folder,
      target,
      done.map(({ files }) => files),
    );
    // The first step has them in the text alone.
    if (step.brings.length > 0 && done.length > 0) {
      if (!addToEnvironment(layered, environment, listTexts(plan, step.brings))) return undefined;
    }
    const since = beginInterval();
    const run = await runStep(
      { ...plan, ebuild: showTo(plan, wanted.slice(0, done.length + 1)) },
      view,
      step.phases,
      layered,
    );
    plan.noteNamed(run.named);
    if (!run.passed)
      return {
        ...describeFailure(plan, view, done, run, layered.upper),
        pending: listPending(plan, wanted.slice(0, done.length + 1)),
      };
    if (step.brings.length > 0 && lacksFunctions(layered.upper, environment, listWorking(plan, step.brings)))
      return undefined;
    if (step.keepsOnly !== undefined) await removeAllBut(layered.upper, step.keepsOnly);
    const { observations, footprint } = run;
    const named = run.named ?? NOTHING_NAMED;
    const state = await readPathState(named, async () => createIsOwned(plan.root), true);
    const lasts = run.named !== undefined && since.isBefore(state.changed);
    const manifest = {
      ...{ observations, footprint, fingerprint: plan.fingerprint(footprint) },
      ...{ installed: plan.packages.installed, root: await plan.packages.digest(footprint, named) },
      ...{ named, state: state.digest },
    };
    done.push(await snapshots.keep(key, place, manifest, lasts));
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
    touched: new Set(done.at(-1)?.manifest.footprint.packages),
    layers: done.map(({ files }) => files),
    image: wanted.length < steps.length ? undefined : locateImage(done.at(-1)?.files ?? '', image),
    pending: listPending(plan, wanted),
    ...(wanted.length < steps.length && { stopped: true }),
  };
}

/** Those of these functions that do something. */
function listWorking({ ebuild: { staged } }: BuildPlan, names: readonly string[]): readonly string[] {
  return names.filter((name) => !/\{ \n:;?\n\}\n$/.test(staged?.functions.get(name) ?? ''));
}

/** The ebuild for the last of these steps. If the package manager sourced it again, it would have the same functions. */
function showTo({ ebuild }: BuildPlan, steps: readonly PlannedStep[]): BuiltEbuild {
  const { staged } = ebuild;
  return staged === undefined
    ? ebuild
    : { ...ebuild, file: staged.fileWith(steps.flatMap(({ brings }) => brings)) };
}

/** Functions in the form of `declare -f`. */
const listTexts = ({ ebuild: { staged } }: BuildPlan, names: readonly string[]): readonly string[] =>
  names.flatMap((name) => staged?.functions.get(name) ?? []);

/** The functions that none of these steps had. */
function listPending({ ebuild: { staged } }: BuildPlan, steps: readonly PlannedStep[]): readonly string[] {
  const had = new Set(steps.flatMap(({ brings }) => brings));
  return [...(staged?.functions ?? [])].flatMap(([name, text]) => (had.has(name) ? [] : [text]));
}

async function buildInOneRun(plan: BuildPlan, view: BuildView, title: string): Promise<BuildOutcome> {
  const { folder, packageManager } = plan;
  plan.log.startBuild(title);
  const run = await runStep(plan, view, PHASES, undefined);
  plan.noteNamed(run.named);
  if (!run.passed)
    return describeFailure(
      plan,
      view,
      [],
      run,
      locateInWork(folder, packageManager.buildFolder(folder.paths)),
    );
  const path = packageManager.imageFolder(folder.paths).slice(folder.paths.work.length);
  const image = locateImage(folder.work, path);
  return {
    passed: true,
    failure: undefined,
    denials: [],
    observations: joinObservations([run.observations], view),
    visible: view.visible,
    touched: new Set(run.footprint.packages),
    layers: [locateInWork(folder, packageManager.buildFolder(folder.paths))],
    image: image && putAside(folder, image),
  };
}

/** Whether the files that a step named, and their owners, are as they were. */
async function isCurrent(
  { root, packages }: BuildPlan & Pick<Reuse, 'packages'>,
  manifest: Manifest,
): Promise<boolean> {
  const { footprint, named } = manifest;
  const areOwnersSame = packages.installed === manifest.installed;
  if (!areOwnersSame && (await packages.digest(footprint, named)) !== manifest.root) return false;
  const state = await readPathState(named, async () => createIsOwned(root), areOwnersSame);
  return state.digest === manifest.state;
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
  layer: string,
): BuildOutcome {
  const joined = joinObservations([...done.map(({ manifest }) => manifest.observations), observations], view);
  return {
    passed: false,
    failure: { phase, firstError: findFirstError(plan.log.tail()) },
    denials: listSuspects(joined.denials, phase),
    observations: joined,
    visible: view.visible,
    touched: new Set(footprint.packages),
    layers: [...done.map(({ files }) => files), layer],
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
