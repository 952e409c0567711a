import type { ImageDifference, Probe, TrialRecord } from '../../audit/record.ts';
import type { RootState } from '../../host/root-state.ts';
import { hasOnlyVariables } from '../../image/pkg-config-file.ts';
import type { InstalledPackage } from '../../installed/vdb.ts';
import type { RevealedPackage } from '../../installed/visible-set.ts';
import type { DependencyNode } from '../../pms/dependency.ts';
import type { DependencyVariable } from '../../pms/dependency-variable.ts';
import { packageId } from '../../pms/package-id.ts';
import type { Denial } from '../../trace/denial.ts';
import { variablesOf } from '../../trace/use-kind.ts';
import type { Build, BuildOutcome } from '../builder/build-plan.ts';
import type { Builds } from '../builder/builds.ts';
import { isNoChance } from '../builder/chance.ts';
import { runSideBySide } from '../builder/lanes.ts';
import { createNeedsToRun } from '../builder/root-knowledge.ts';
import type { ObservedUse } from '../builder/steps/observations.ts';
import { createAtomWriter } from '../needs/atoms/atom-writer.ts';
import { readRootText } from '../needs/atoms/root-file.ts';
import { type AccountContext, type BuildUse, readBuildUse, readOwnedNeeds } from '../needs/build-account.ts';
import { findInstalledPackage, revealDenied, useOf } from '../needs/need.ts';
import { listUsed } from '../needs/package-uses.ts';
import { endsOnlyThisBuild } from '../trial.ts';
import {
  type BuildDifferences,
  type CompareWithBase,
  compareWith,
  createFindControl,
  type FindControl,
} from './image-comparison.ts';
import { keyOfDifference, type ProbeEffect, type ShownBuild, tryProbes } from './probes.ts';
import { listRemovalCandidates, type RemovedBuild, tryRemovals } from './removals.ts';

export interface ComparisonInput {
  readonly context: AccountContext;
  /** The build that passed, and has an image. */
  readonly base: BuildOutcome;
  /** Builds in which every package that the base needed is visible. */
  readonly builds: Builds;
  /** The packages that the base was denied; see `listProbes`. */
  readonly probes: readonly Denial[];
  /** The atoms that are active in the USE state of the trial. */
  readonly declared: Readonly<Record<DependencyVariable, readonly DependencyNode[]>>;
  readonly record: Pick<TrialRecord, 'inherited' | 'uses' | 'iuse'>;
  /** Called with the result of each comparison. */
  onResult(
    change: Pick<TrialRecord, 'probes'> | Pick<TrialRecord, 'removals'> | Pick<TrialRecord, 'image'>,
  ): void;
}

/** The input, with the comparison of its images. */
interface Comparison extends ComparisonInput {
  readonly findControl: FindControl;
  readonly compare: CompareWithBase;
  /** Called when a build ended in a way that the next trial may not show. */
  onDoubt(): void;
}

/** Limits in builds. If the findings are clear, one or two are enough. */
const MOST_PROBE_BUILDS = 12;
const MOST_REMOVAL_BUILDS = 12;

/**
 * Builds with the probed packages visible, builds without the declared atoms that nothing seems to use, and compares the installed
 * images. If there are no such packages or atoms, nothing is built.
 *
 * @returns one sentence for each thing that could not be found out, and whether the next trial would find the same
 * @throws the errors of the builds, except those that {@link endsOnlyThisBuild}
 */
export async function compareBuilds(
  input: ComparisonInput,
): Promise<{ readonly gaps: readonly string[]; readonly lasting: boolean }> {
  const { base, builds, context } = input;
  const findControl = createFindControl(base, () => builds.build({ afresh: true }));
  let lasting = true;
  if (base.image !== undefined) {
    const image = await context.reader.digestImage(base.image);
    if (image !== undefined) input.onResult({ image });
  }
  const comparison: Comparison = {
    ...input,
    findControl,
    compare: compareWith(base, findControl, context.reader),
    onDoubt() {
      lasting = false;
    },
  };
  const compare = async (part: typeof compareProbedPackages): Promise<string[]> => {
    try {
      return await part(comparison);
    } catch (error) {
      if (!endsOnlyThisBuild(error)) throw error;
      lasting = false;
      return [error.message];
    }
  };
  // Neither asks for the results of the other.
  const gaps = await runSideBySide([
    () => compare(compareProbedPackages),
    () => compare(compareRemovedAtoms),
  ]);
  return { gaps: gaps.flat(), lasting };
}

async function compareProbedPackages(comparison: Comparison): Promise<string[]> {
  const { base, builds, context, probes, compare } = comparison;
  const runtimePackages = async ({ image }: Pick<BuildOutcome, 'image'>) =>
    new Set((await readOwnedNeeds(image, context)).map((owned) => packageId(owned.package)));
  const neededByBase = probes.length === 0 ? new Set<string>() : await runtimePackages(base);
  const show = async (denials: readonly Denial[]) => {
    const revealed = denials.map((denial) => revealDenied(context.root, denial));
    const outcome = await builds.build({ revealed });
    const compared = outcome.passed ? await compare(outcome) : NOT_COMPARED;
    const needed = compared.differences.length === 0 ? new Set<string>() : await runtimePackages(outcome);
    return { outcome, ...compared, gained: new Set([...needed].filter((id) => !neededByBase.has(id))) };
  };
  const unsteady: string[] = [];
  const isReal = async (denials: readonly Denial[], shown: ShownBuild) => {
    const revealed = denials.map((denial) => revealDenied(context.root, denial));
    if (await isEffectReal(comparison, revealed, shown)) return true;
    comparison.onDoubt();
    unsteady.push(
      `the build fails now and then or does not always install the same: what showing ${denials.map(nameOf).join(', ')} does is not known`,
    );
    return false;
  };
  const needsToRun = createNeedsToRun(context.root);
  const effects = await tryProbes(probes, {
    show,
    isReal,
    brings: (bringing, brought) => needsToRun(bringing.package, brought.package),
    most: MOST_PROBE_BUILDS,
  });
  if (effects.length > 0) comparison.onResult({ probes: await describeProbes(effects, context) });
  const untried = effects.filter(({ effect }) => effect === 'untried').map(({ denial }) => nameOf(denial));
  if (unsteady.length > 0) return unsteady;
  if (untried.length === 0) return [];
  const unknown = `it is not known what showing ${untried.join(', ')} does to what is installed`;
  return [
    effects.some(({ isPartial }) => isPartial === true)
      ? `${unknown}, because not everything could be compared`
      : `after ${MOST_PROBE_BUILDS} builds ${unknown}`,
  ];
}

/**
 * Repeats the build that shows an effect, and the base, unless chance cannot have made the effect: the image needs one of the packages, which
 * the base could not see.
 */
async function isEffectReal(
  { builds: { build }, compare }: Comparison,
  revealed: readonly RevealedPackage[],
  { outcome, differences, gained }: ShownBuild,
): Promise<boolean> {
  const showAgain = () => build({ revealed, comparedWith: {} });
  const baseAgain = () => build({ comparedWith: { revealed } });
  if (!outcome.passed)
    return isNoChance(
      async () => !(await showAgain()).passed,
      async () => (await baseAgain()).passed,
    );
  if (revealed.some((shown) => gained.has(packageId(shown.package)))) return true;
  const seen = new Set(differences.map(keyOfDifference));
  const showsThem = async (built: BuildOutcome) =>
    built.passed &&
    (await compare(built)).differences.some((difference) => seen.has(keyOfDifference(difference)));
  const [again, base] = await runSideBySide([showAgain, baseAgain]);
  return again !== undefined && base?.passed === true && (await showsThem(again)) && !(await showsThem(base));
}

async function compareRemovedAtoms(comparison: Comparison): Promise<string[]> {
  const { context, declared, record, builds } = comparison;
  const used = listUsed(record.uses);
  const isUsed = (installed: InstalledPackage) => used.has(packageId(installed));
  const candidates = listRemovalCandidates(declared, record.inherited, isUsed, context.root);
  if (candidates.length === 0) return [];
  const testing = builds.tests === 'left-out' ? await openTesting(builds, comparison.onDoubt) : undefined;
  const tested = testing?.base;
  const isUnknown = builds.tests === 'left-out' && tested?.passed !== true;
  // Tests that fail even with every atom show what they touched before: what the build used is no candidate. Tests that never began show nothing.
  const touched = tested?.failure?.phase === 'test' ? tested.touched : undefined;
  const removals = await tryRemovals(
    candidates,
    {
      tested: builds.tests === 'run' || tested?.passed === true,
      mayServeTests: ({ packages }) =>
        isUnknown && [...packages].some((installed) => touched?.has(packageId(installed)) !== false),
      without: createBuildWithout(comparison, testing),
    },
    MOST_REMOVAL_BUILDS,
  );
  comparison.onResult({ removals });
  return [];
}

/** Builds that run the tests, and the one of them with every declared atom. */
interface Testing {
  readonly build: Build;
  readonly base: BuildOutcome;
}

/** @returns undefined if tests cannot be run, or not within the limits */
async function openTesting(builds: Builds, onDoubt: () => void): Promise<Testing | undefined> {
  try {
    const build = await builds.openTesting();
    return build && { build, base: await build({}) };
  } catch (error) {
    if (!endsOnlyThisBuild(error)) throw error;
    onDoubt();
    return undefined;
  }
}

/** Builds without some atoms, and if that changes nothing, builds the same with the tests. */
function createBuildWithout(
  { builds, compare, findControl, context }: Comparison,
  testing: Testing | undefined,
): (withheld: readonly string[]) => Promise<RemovedBuild> {
  const compareTested = testing && compareWith(testing.base, findControl, context.reader);
  return async (withheld) => {
    const outcome = await builds.build({ withheld });
    const compared = outcome.passed ? await compare(outcome) : NOT_COMPARED;
    const isSame = outcome.passed && compared.differences.length === 0;
    if (!isSame || testing === undefined || !testing.base.passed) return { outcome, ...compared };
    const tested = await testing.build({ withheld });
    const comparedTested = tested.passed ? await compareTested?.(tested) : undefined;
    return { outcome: tested, ...(comparedTested ?? NOT_COMPARED) };
  };
}

/** A build that failed has no image to compare. */
const NOT_COMPARED: BuildDifferences = { differences: [], isPartial: false };

/** The name that the report uses. */
const nameOf = ({ package: { category, name } }: Denial): string => `${category}/${name}`;

/** Describes the probed packages before any build has shown their effect. */
export function describeUntried(probes: readonly Denial[], context: AccountContext): Promise<Probe[]> {
  return describeProbes(
    probes.map((denial) => ({ denial, effect: 'untried', differences: [] })),
    context,
  );
}

async function describeProbes(effects: readonly ProbeEffect[], context: AccountContext): Promise<Probe[]> {
  const described: Probe[] = [];
  for (const effect of effects) {
    const use = effect.outcome && (await readBuildUse(effect.outcome, [effect.denial], context));
    described.push(describeProbe(effect, use, context));
  }
  return described;
}

function describeProbe(
  { denial, effect, beside, differences, failure }: ProbeEffect,
  use: BuildUse | undefined,
  context: AccountContext,
): Probe {
  const { root } = context;
  const installed = findInstalledPackage(root, denial.package);
  const atoms = use?.atoms ?? createAtomWriter({ denied: [denial] }, root, context.findEclasses);
  const observed = use && useOf(use.observed, denial.package);
  const used = variablesOf(observed?.kinds.map(({ kind }) => kind) ?? []);
  const variables: DependencyVariable[] = used.length > 0 ? used : variablesOf(denial.kinds);
  // The image needs it in order to run, even if another package of RDEPEND brings it.
  if (use?.owned.some((owned) => packageId(owned.package) === packageId(denial.package)) === true)
    variables.push('RDEPEND');
  const bounds = atoms.boundsOf(installed);
  return {
    package: denial.package,
    atom: atoms.atomFor(installed, variables[0]),
    variables,
    effect,
    ...(observed !== undefined &&
      asksOnlyVariables(denial, observed, differences, root) && { asksOnlyVariables: true }),
    ...(beside !== undefined && { beside: beside.map((probe) => probe.package) }),
    differences,
    evidence: denial.evidence,
    ...(bounds.length > 0 && { bounds }),
    ...(failure !== undefined && { failure }),
  };
}

/** The differences of images that show that a package is used for more than a folder. */
const OF_CODE: ReadonlySet<ImageDifference['aspect']> = new Set(['linked-library', 'symbol', 'interpreter']);

/** See `Probe.asksOnlyVariables`. @param observed how the build with the package used it */
function asksOnlyVariables(
  denial: Denial,
  observed: ObservedUse,
  differences: readonly ImageDifference[],
  root: RootState,
): boolean {
  const kinds = [...denial.kinds, ...observed.kinds.map(({ kind }) => kind)];
  if (!kinds.every((kind) => kind === 'pkg-config')) return false;
  if (differences.length === 0 || differences.some(({ aspect }) => OF_CODE.has(aspect))) return false;
  const files = new Set(observed.kinds.flatMap(({ evidence }) => evidence.map(({ path }) => path)));
  return [...files].every((path) => hasOnlyVariables(readRootText(path, root)));
}
