import type { Need, PackageUse } from '../../audit/record.ts';
import type { RootState } from '../../host/root-state.ts';
import { readImageNeeds } from '../../image/image-needs.ts';
import type { InstalledPackage } from '../../installed/vdb.ts';
import type { DependencyNode } from '../../pms/dependency.ts';
import type { Denial } from '../../trace/denial.ts';
import type { BuildOutcome } from '../builder/build-plan.ts';
import type { ObservedUse } from '../builder/steps/observations.ts';
import { type AtomWriter, createAtomWriter } from './atoms/atom-writer.ts';
import type { EclassFinder } from './atoms/bringing-eclasses.ts';
import { findInstalledPackage, runToNeed, toNeeds, useOf } from './need.ts';
import { findOwners, listLinked, locateLibrary, type OwnedNeed } from './owned-need.ts';
import { describeBuildUses } from './package-uses.ts';
import { describeRuntime } from './runtime-needs.ts';
import { readSourceMentions, type SourceMentions } from './source-mentions.ts';

/** What stays the same over all builds of a trial. */
export interface AccountContext {
  readonly root: RootState;
  /** RDEPEND, PDEPEND and IDEPEND, active for the USE state of the trial. */
  readonly runtime: readonly DependencyNode[];
  /** Atoms of @system. */
  readonly system: readonly string[];
  readonly findEclasses: EclassFinder;
  readonly signal: AbortSignal | undefined;
}

/** What one build tells of the packages that the ebuild needs and uses. */
export interface BuildAccount {
  readonly needs: readonly Need[];
  /** See `TrialRecord.uses`. */
  readonly uses: readonly PackageUse[];
}

/** What the image of a build links, and how the build used each package: what the atom for it depends on. */
export interface BuildUse {
  readonly observed: readonly ObservedUse[];
  readonly owned: readonly OwnedNeed[];
  readonly linked: ReadonlySet<InstalledPackage>;
  readonly atoms: AtomWriter;
}

/**
 * Reads the image of a build, if there is one.
 *
 * @param denied packages that have to be named although the build may have made no use of them
 */
export function readBuildUse(
  { image, layers, observations }: BuildOutcome,
  denied: readonly Denial[],
  { root, findEclasses }: Pick<AccountContext, 'root' | 'findEclasses'>,
): BuildUse {
  const owned = readOwnedNeeds(image, root);
  const observed = observations.uses;
  const linked = listLinked(owned);
  return {
    observed,
    owned,
    linked,
    atoms: createAtomWriter({ observed, denied, owned, linked, layers }, root, findEclasses),
  };
}

/** What an image needs of the root. @param image undefined: there is none */
export function readOwnedNeeds(image: string | undefined, root: RootState): OwnedNeed[] {
  if (image === undefined) return [];
  return findOwners(
    readImageNeeds(image, (soname) => locateLibrary(root, soname)),
    root,
  );
}

/** @param required what had to be shown to the build */
export async function accountFor(
  outcome: BuildOutcome,
  required: readonly Denial[],
  context: AccountContext,
): Promise<BuildAccount> {
  const { root, runtime, system, signal } = context;
  const use = readBuildUse(outcome, required, context);
  const { atoms } = use;
  const { uses, unlicensedRuns } = outcome.observations;
  const atRunTime = describeRuntime({ owned: use.owned, root, runtime, system, atoms });
  const atBuildTime = await describeBuildUses({
    uses,
    visible: outcome.visible,
    root,
    linked: use.linked,
    needed: new Set(required.map((denial) => findInstalledPackage(root, denial.package))),
    readMentions: remember(() => readMentionsOf(outcome, signal)),
    atoms,
  });
  return {
    needs: [
      ...required.flatMap((denial) => toNeeds(denial, 'proven', useOf(uses, denial.package), root, atoms)),
      ...unlicensedRuns.map((run) => runToNeed(run, root, atoms)),
      ...atRunTime.needs,
    ],
    uses: [...atBuildTime, ...atRunTime.uses],
  };
}

/** The sources are in the lowest layer, which unpacking and preparing have left; a failed build has none. */
async function readMentionsOf(
  { layers: [sources] }: BuildOutcome,
  signal: AbortSignal | undefined,
): Promise<SourceMentions> {
  return sources === undefined
    ? { includes: new Set(), cmakePackages: new Set() }
    : readSourceMentions(sources, signal);
}

function remember<Value>(find: () => Promise<Value>): () => Promise<Value> {
  let found: Promise<Value> | undefined;
  return () => {
    found ??= find();
    return found;
  };
}
