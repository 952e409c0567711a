import type { PackageUse, Probe, Removal, TrialRecord } from '../../audit/record.ts';
import type { DependencyNode } from '../../pms/dependency.ts';
import type { BuildVariable, DependencyVariable } from '../../pms/dependency-variable.ts';
import { packageId } from '../../pms/package-id.ts';
import type { Denial } from '../../trace/attribution.ts';
import { variablesOf } from '../../trace/use-kind.ts';
import type { BuildOutcome } from '../builder/build-plan.ts';
import type { BuildWithChange } from '../builder/builds.ts';
import { createNeedsToRun } from '../builder/root-knowledge.ts';
import type { Tests } from '../builder/tests.ts';
import { createAtomWriter } from '../needs/atoms/atom-writer.ts';
import { type AccountContext, readBuildUse, readOwnedNeeds } from '../needs/build-account.ts';
import { findInstalledPackage, useOf } from '../needs/need.ts';
import { listUsed } from '../needs/package-uses.ts';
import { endsOnlyThisBuild } from '../trial.ts';
import { compareWith, createFindUnstable } from './image-comparison.ts';
import { type ProbeEffect, tryProbes } from './probes.ts';
import { listRemovalCandidates, type RemovedBuild, tryRemovals } from './removals.ts';

export interface ComparisonInput {
  readonly context: AccountContext;
  /** The build that passed, and has an image. */
  readonly base: BuildOutcome;
  /** Builds with a change, beyond what the base took to pass. */
  readonly build: BuildWithChange;
  /** What the base was denied; see `listProbes`. */
  readonly probes: readonly Denial[];
  /** DEPEND and BDEPEND, active for the USE state of the trial. */
  readonly declared: Readonly<Record<BuildVariable, readonly DependencyNode[]>>;
  /** See `TrialRecord.inherited`. */
  readonly inherited: TrialRecord['inherited'];
  readonly uses: readonly PackageUse[];
  readonly tests: Tests;
  /** See `Builds.openTesting`. */
  openTesting(): Promise<BuildWithChange | undefined>;
  /** Told each time something has become known. */
  onResult(change: Pick<TrialRecord, 'probes'> | Pick<TrialRecord, 'removals'>): void;
  readonly signal: AbortSignal | undefined;
}

/** A trial whose findings are clear takes one or two. */
const MOST_PROBE_BUILDS = 12;
const MOST_REMOVAL_BUILDS = 12;

/**
 * Builds with and without: what showing a probed package does to the installed image, and what leaving out a declared atom does that
 * nothing seems to use. Where there is neither, nothing is built.
 *
 * @returns what could not be found out, a sentence each: what is not known is `untried`
 * @throws what the builds throw, except what {@link endsOnlyThisBuild}: a limit that only one of these builds exceeds is no reason to lose the others
 */
export async function compareBuilds(input: ComparisonInput): Promise<string[]> {
  const { base, build, signal } = input;
  const findUnstable = createFindUnstable(base, () => build({ afresh: true }), signal);
  const compare = compareWith(base, findUnstable, signal);
  const gaps: string[] = [];
  for (const part of [comparePackagesProbed, compareAtomsRemoved]) {
    try {
      await part();
    } catch (error) {
      if (!endsOnlyThisBuild(error)) throw error;
      gaps.push(error.message);
    }
  }
  return gaps;

  async function comparePackagesProbed(): Promise<void> {
    const { context, probes } = input;
    const runtimePackages = ({ image }: BuildOutcome) =>
      new Set(readOwnedNeeds(image, context.root).map((one) => packageId(one.package)));
    const neededByBase = probes.length === 0 ? new Set<string>() : runtimePackages(base);
    const showing = async (denials: readonly Denial[]) => {
      const revealed = denials.map((denial) => findInstalledPackage(context.root, denial.package));
      const outcome = await build({ revealed });
      const differences = outcome.passed ? await compare(outcome) : [];
      const needed = differences.length === 0 ? new Set<string>() : runtimePackages(outcome);
      return { outcome, differences, gained: new Set([...needed].filter((id) => !neededByBase.has(id))) };
    };
    const needsToRun = createNeedsToRun(context.root);
    const effects = await tryProbes(probes, {
      show: showing,
      brings: (one, other) => needsToRun(one.package, other.package),
      most: MOST_PROBE_BUILDS,
    });
    if (effects.length > 0) input.onResult({ probes: effects.map((one) => describeProbe(one, context)) });
    const untried = effects.filter(({ effect }) => effect === 'untried').map(({ denial }) => nameOf(denial));
    if (untried.length > 0)
      gaps.push(
        `after ${MOST_PROBE_BUILDS} builds it is not known what showing ${untried.join(', ')} does to what is installed`,
      );
  }

  async function compareAtomsRemoved(): Promise<void> {
    const used = listUsed(input.uses);
    const candidates = listRemovalCandidates(
      input.declared,
      input.inherited,
      (one) => used.has(packageId(one)),
      input.context.root,
    );
    if (candidates.length === 0) return;
    const testing = input.tests === 'left-out' ? await openTesting() : undefined;
    const tested = testing?.base;
    const compareTested = tested && compareWith(tested, findUnstable, signal);
    const without = async (withheld: readonly string[]): Promise<RemovedBuild> => {
      const outcome = await build({ withheld });
      const differences = outcome.passed ? await compare(outcome) : [];
      const isSame = outcome.passed && differences.length === 0;
      if (!isSame || testing === undefined || tested?.passed !== true) return { outcome, differences };
      const again = await testing.build({ withheld });
      return { outcome: again, differences: again.passed ? ((await compareTested?.(again)) ?? []) : [] };
    };
    const isUnknown = input.tests === 'left-out' && tested?.passed !== true;
    // Tests that fail anyway show what they touch until then; of those that were never begun nothing is known.
    const touched = tested?.failure?.phase === 'test' ? tested.touched : undefined;
    const removals: readonly Removal[] = await tryRemovals(
      candidates,
      {
        tested: input.tests === 'run' || tested?.passed === true,
        mayServeTests: ({ packages }) =>
          isUnknown && [...packages].some((one) => touched?.has(packageId(one)) !== false),
        without,
      },
      MOST_REMOVAL_BUILDS,
    );
    input.onResult({ removals });
  }

  /** The builds with tests, and the one with all that is declared; undefined where they cannot be run, or not within the limits. */
  async function openTesting() {
    try {
      const testing = await input.openTesting();
      return testing && { build: testing, base: await testing({}) };
    } catch (error) {
      if (endsOnlyThisBuild(error)) return undefined;
      throw error;
    }
  }
}

/** As a reader of the report knows it. */
const nameOf = ({ package: { category, name } }: Denial): string => `${category}/${name}`;

/** What is known of the probed packages before anything is compared. */
export function describeUntried(probes: readonly Denial[], context: AccountContext): Probe[] {
  return probes.map((denial) => describeProbe({ denial, effect: 'untried', differences: [] }, context));
}

function describeProbe(
  { denial, effect, beside, differences, failure, outcome }: ProbeEffect,
  context: AccountContext,
): Probe {
  const { root } = context;
  const installed = findInstalledPackage(root, denial.package);
  const use = outcome && readBuildUse(outcome, [denial], context);
  const atoms = use?.atoms ?? createAtomWriter({ denied: [denial] }, root, context.findEclasses);
  const observed = use && useOf(use.observed, denial.package);
  const used = variablesOf(observed?.kinds.map(({ kind }) => kind) ?? []);
  const variables: DependencyVariable[] = used.length > 0 ? used : variablesOf(denial.kinds);
  // Though another package of RDEPEND may bring it.
  if (use?.owned.some((one) => packageId(one.package) === packageId(denial.package)) === true)
    variables.push('RDEPEND');
  const bounds = atoms.boundsOf(installed);
  return {
    package: denial.package,
    atom: atoms.atomFor(installed, variables[0]),
    variables,
    effect,
    ...(beside !== undefined && { beside: beside.map((one) => one.package) }),
    differences,
    evidence: denial.evidence,
    ...(bounds.length > 0 && { bounds }),
    ...(failure !== undefined && { failure }),
  };
}
