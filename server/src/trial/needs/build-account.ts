import type { NamedPackage, Need, PackageUse, TrialRecord, UnresolvedNeed } from '../../audit/record.ts';
import type { RootState } from '../../host/root-state.ts';
import type { ImageNeed } from '../../image/image-needs.ts';
import type { InstalledPackage } from '../../installed/vdb.ts';
import type { DependencyNode } from '../../pms/dependency.ts';
import type { Denial } from '../../trace/denial.ts';
import type { BuildOutcome } from '../builder/build-plan.ts';
import type { ObservedUse } from '../builder/steps/observations.ts';
import type { SourceMentions } from '../reading/source-mentions.ts';
import type { ReadNeeds, TreeReader } from '../reading/tree-reader.ts';
import { type AtomWriter, createAtomWriter, type RepositoryAdvice } from './atoms/atom-writer.ts';
import type { EclassFinder } from './atoms/bringing-eclasses.ts';
import { listRelinked } from './atoms/relinked.ts';
import { checkRequired } from './atoms/required-versions.ts';
import type { VersionCheck } from './atoms/version-checks.ts';
import { nameCallingHeaders } from './calling-headers.ts';
import { describeNamed, type FoundNames, findNamed, toAtomNeeds } from './named-packages.ts';
import { findInstalledPackage, markLanguage, runToNeed, toNeeds, useOf } from './need.ts';
import {
  findOwners,
  listBuiltAgainst,
  listLinked,
  listUnowned,
  locateLibrary,
  type OwnedNeed,
} from './owned-need.ts';
import { describeBuildUses } from './package-uses.ts';
import { listPerlRequirements } from './perl-requirements.ts';
import { findRequiringModules } from './requiring-modules.ts';
import type { CallFinder } from './running-eclass.ts';
import { createRuntimeLicence } from './runtime-licence.ts';
import { describeRuntime } from './runtime-needs.ts';

/** The input that is the same for all builds of a trial. */
export interface AccountContext {
  readonly root: RootState;
  /** RDEPEND, PDEPEND and IDEPEND, active for the USE state of the trial. */
  readonly runtime: readonly DependencyNode[];
  /** Atoms of @system. */
  readonly system: readonly string[];
  /** The package of the ebuild as `category/name`. */
  readonly itself: string;
  readonly findEclasses: EclassFinder;
  readonly findCall: CallFinder;
  readonly advice: RepositoryAdvice;
  /** Whether the ebuild installs a file as it was built elsewhere; see `createPrebuiltTest`. */
  isPrebuilt(installedPath: string): boolean;
  /** Reads what the builds have left. */
  readonly reader: TreeReader;
}

/** The packages that the ebuild needs and uses, as one build shows. */
export interface BuildAccount extends Pick<TrialRecord, 'installed'> {
  readonly needs: readonly Need[];
  /** See `TrialRecord.uses`. */
  readonly uses: readonly PackageUse[];
  /** See `TrialRecord.named`. */
  readonly named: readonly NamedPackage[];
  readonly unresolved: readonly UnresolvedNeed[];
}

/** The use of each package by a build and by its image, from which atoms are written. */
export interface BuildUse {
  readonly observed: readonly ObservedUse[];
  readonly owned: readonly OwnedNeed[];
  /** The libraries that the image links and no package has. */
  readonly unowned: readonly ImageNeed[];
  readonly names: FoundNames;
  readonly installed: ReadNeeds['installed'];
  /** The versions that upstream's metadata asks for. */
  readonly required: readonly VersionCheck[];
  readonly linked: ReadonlySet<InstalledPackage>;
  /** Those of them that another build would link anew. */
  readonly relinked: ReadonlySet<InstalledPackage>;
  readonly atoms: AtomWriter;
}

/**
 * Reads the image of a build, if there is one.
 *
 * @param denied packages that need an atom even if the build did not use them
 */
export async function readBuildUse(
  { image, layers, observations }: Pick<BuildOutcome, 'image' | 'layers' | 'observations'>,
  denied: readonly Denial[],
  context: Pick<AccountContext, 'root' | 'findEclasses' | 'advice' | 'isPrebuilt' | 'reader'>,
): Promise<BuildUse> {
  const { root, findEclasses, advice, isPrebuilt, reader } = context;
  const { needs, named, installed } = await readNeeds(image, context);
  const owned = findOwners(needs, root);
  const versions = await reader.readVersions(layers);
  const names = findNamed([...named, ...listPerlRequirements(versions.perl, needs)], root);
  const required = checkRequired(names.owners, root);
  const observed = observations.uses;
  const linked = listLinked(owned);
  const relinked = await listRelinked({
    owned,
    traced: [
      ...observed.map(({ package: used, kinds }) => ({
        package: used,
        evidence: kinds.flatMap(({ evidence }) => evidence),
      })),
      ...observations.unlicensedRuns,
    ],
    isPrebuilt,
    filesOf: (installed) => root.index.filesOf(installed),
    readMentions: () => readMentionsOf({ layers }, reader),
  });
  return {
    observed,
    owned,
    unowned: listUnowned(needs, root),
    names,
    installed,
    required,
    linked,
    relinked,
    atoms: createAtomWriter(
      {
        observed,
        denied,
        owned: [...owned, ...toAtomNeeds(names.owners, observed, owned)],
        linked: listBuiltAgainst(owned),
        relinked,
        versions,
        required,
      },
      root,
      findEclasses,
      advice,
    ),
  };
}

/** Lists the files of the root that an image needs, with their owners. @param image undefined if there is none */
export async function readOwnedNeeds(
  image: string | undefined,
  context: Pick<AccountContext, 'root' | 'reader'>,
): Promise<OwnedNeed[]> {
  const { needs } = await readNeeds(image, context);
  return findOwners(needs, context.root);
}

async function readNeeds(
  image: string | undefined,
  { root, reader }: Pick<AccountContext, 'root' | 'reader'>,
): Promise<ReadNeeds> {
  if (image === undefined) return { needs: [], named: [], installed: undefined };
  return reader.readImageNeeds(image, (soname) => locateLibrary(root, soname));
}

/** @param required the packages that had to be revealed to the build */
export async function accountFor(
  outcome: Pick<BuildOutcome, 'image' | 'layers' | 'observations' | 'visible'>,
  required: readonly Denial[],
  context: AccountContext,
): Promise<BuildAccount> {
  const { root, runtime, system, itself, reader } = context;
  const use = await readBuildUse(outcome, required, context);
  const { atoms } = use;
  const { uses, unlicensedRuns } = outcome.observations;
  const licence = createRuntimeLicence(root, runtime, system, itself);
  const isOwn = ({ package: owner }: OwnedNeed) =>
    `${owner.category}/${owner.name}` === itself && licence.licenceFor(owner) === undefined;
  const owned = use.owned.filter((need) => !isOwn(need));
  const atRunTime = describeRuntime({ owned, relinked: use.relinked, licence, atoms });
  const byName = describeNamed({
    ...use.names,
    known: new Set(owned.filter(({ need }) => need.kind !== 'pkg-config').map((owned) => owned.package)),
    ownLibraries: use.owned.filter(isOwn),
    unownedLibraries: use.unowned,
    observed: uses,
    required,
    visible: outcome.visible,
    licence,
    atoms,
    requiredVersions: use.required,
    itself,
  });
  const readMentions = remember(() => readMentionsOf(outcome, reader));
  const requiring = await findRequiringModules({
    required,
    uses,
    visible: outcome.visible,
    root,
    readMentions,
  });
  const atBuildTime = await describeBuildUses({
    uses,
    visible: outcome.visible,
    root,
    linked: use.linked,
    needed: new Set(required.map((denial) => findInstalledPackage(root, denial.package))),
    requiring: new Set(requiring.values()),
    readMentions,
    atoms,
  });
  const needs: readonly Need[] = [
    ...required
      .filter((denial) => !requiring.has(denial))
      .flatMap((denial) => toNeeds(denial, 'proven', useOf(uses, denial.package), root, atoms)),
    ...unlicensedRuns.map((run) => runToNeed(run, root, atoms, context.findCall)),
    ...atBuildTime.needs,
    ...atRunTime.needs,
    ...byName.needs,
  ];
  return {
    needs: needs.map((need) => markLanguage(need, context.advice.hasEclass)),
    uses: [
      ...atBuildTime.uses,
      ...byName.uses,
      ...(await nameCallingHeaders(atRunTime.uses, owned, { root, reader, readMentions })),
    ],
    named: byName.named,
    unresolved: byName.unresolved,
    ...(use.installed !== undefined && { installed: use.installed }),
  };
}

/** The sources are in the lowest layer, which src_unpack and src_prepare wrote. */
async function readMentionsOf(
  { layers: [sources] }: Pick<BuildOutcome, 'layers'>,
  reader: TreeReader,
): Promise<SourceMentions> {
  return sources === undefined
    ? { includes: new Set(), cmakePackages: new Set() }
    : reader.readMentions(sources);
}

function remember<Value>(find: () => Promise<Value>): () => Promise<Value> {
  let found: Promise<Value> | undefined;
  return () => {
    found ??= find();
    return found;
  };
}
