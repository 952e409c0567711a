import type { TrialRecord } from '../audit/record.ts';
import { packageVariables } from '../ebuild/package-variables.ts';
import type { NamedPaths } from '../host/named-paths.ts';
import type { InstalledPackage } from '../installed/vdb.ts';
import type { RevealedPackage, VisiblePackage } from '../installed/visible-set.ts';
import type { SourceState } from '../layers/source-state.ts';
import type { EvaluatedMetadata } from '../package-manager/port.ts';
import { RUNTIME_VARIABLES, recordByVariable } from '../pms/dependency-variable.ts';
import type { Denial } from '../trace/denial.ts';
import type { Build, BuildOutcome } from './builder/build-plan.ts';
import { activeNodes, type Builds } from './builder/builds.ts';
import { type Confirmation, confirmDenials } from './builder/confirm.ts';
import { createNeedsToRun } from './builder/root-knowledge.ts';
import { joinIncidents } from './builder/steps/observations.ts';
import { compareBuilds, describeUntried } from './comparing/comparison.ts';
import { listProbes } from './comparing/probes.ts';
import { findCycles } from './cycles.ts';
import { createGrowingRecord, type GrowingRecord } from './growing-record.ts';
import { createAtomWriter } from './needs/atoms/atom-writer.ts';
import { createEclassFinder, createEclassOpener } from './needs/atoms/bringing-eclasses.ts';
import { createDeprecationTest } from './needs/atoms/deprecated-packages.ts';
import { createProviderFinder } from './needs/atoms/other-providers.ts';
import { createPrebuiltTest } from './needs/atoms/prebuilt-files.ts';
import { type AccountContext, accountFor } from './needs/build-account.ts';
import { revealDenied, toNeeds } from './needs/need.ts';
import { createCallFinder } from './needs/running-eclass.ts';
import { chooseNotFoundSources } from './reading/not-found.ts';
import { openSession, type SessionInput, type TrialSession } from './session.ts';
import { lacksBuildDependency } from './start-record.ts';
import { findSuffixedPrograms } from './suffixed-programs.ts';
import type { TrialListener } from './trial.ts';
import { findUntested } from './untested.ts';

/** The record of a trial, with its inputs. */
export interface TrialOutcome {
  readonly record: TrialRecord;
  readonly metadata: EvaluatedMetadata;
  /** See `TrialSession.listNamed`. */
  readonly named: NamedPaths | undefined;
  /** The visible set of the first build, before a package was revealed; undefined if nothing was built. */
  readonly visible: ReadonlyMap<InstalledPackage, VisiblePackage> | undefined;
  /** See `InputBasis`. */
  readonly binaryPackages?: SourceState | undefined;
  /** Whether the next trial would find the same: no build failed by chance or met a limit. Only such a record may be stored. */
  readonly lasting: boolean;
}

/** One trial in one USE state. */
export interface TrialInput extends SessionInput {
  readonly listener: TrialListener;
  /** See `TrialRequest.quick`. */
  readonly quick: boolean;
  /** Called before the first build; an error of it ends the trial. */
  readonly inspect?: (metadata: EvaluatedMetadata) => void;
}

/** Runs one trial; see `TrialRunner.run`. */
export async function runTrial(input: TrialInput): Promise<TrialOutcome> {
  const session = await openSession(input);
  try {
    const { metadata } = session;
    input.inspect?.(metadata);
    const record = createGrowingRecord(session.record, input.listener.record);
    if (lacksBuildDependency(session.record)) {
      record.update({ outcome: 'failed' });
      return {
        record: record.now(),
        metadata,
        named: session.listNamed(),
        visible: undefined,
        binaryPackages: session.layering?.sources,
        // A binhost that could not be read, or has new packages, may have what was lacking. To ask again costs no build.
        lasting: session.layering?.asksBinhosts !== true,
      };
    }
    const builds = await session.openBuilds();
    const first = await builds.build({});
    if (!first.passed) session.progress.confirm();
    const confirmation = await confirmNeeds(session, builds.build, first, record);
    const { required, outcome } = confirmation;
    const context = createContext(session);
    const probes = await account(context, confirmation, record);
    const { facts, reader } = session;
    const built = { facts, metadata, reader, wantsTests: input.tests === true };
    record.update(await findUntested(built, builds.tests, outcome));
    const { category, packageName } = session.location;
    record.update(findCycles(session.root, `${category}/${packageName}`, record.now()));
    let lasting = confirmation.unsteady.length === 0;
    if (!input.quick && outcome.image !== undefined) {
      session.progress.compare();
      const shown = { ...confirmation, required: reveal(session, required) };
      const isSteady = await compare({ session, context, builds, probes, record }, shown);
      lasting &&= isSteady;
    }
    if (!lasting) builds.distrust();
    const { passed, failure } = outcome;
    const gaps = [...new Set([...record.now().gaps, ...session.reader.gaps()])];
    record.update({ gaps, outcome: passed ? 'passed' : 'failed', ...(failure !== undefined && { failure }) });
    if (!passed) record.update(findSuffixedPrograms(session.root, outcome.visible, builds.log.path));
    const named = session.listNamed();
    const binaryPackages = session.layering?.sources;
    return { record: record.now(), metadata, named, visible: first.visible, binaryPackages, lasting };
  } finally {
    await session.close();
  }
}

/** Finds the denied packages that the build needs, and records each when it is suspected and when it is proven. */
function confirmNeeds(
  session: TrialSession,
  build: Build,
  first: BuildOutcome,
  record: GrowingRecord,
): Promise<Confirmation<BuildOutcome>> {
  const { root } = session;
  const needsToRun = createNeedsToRun(root);
  const describe = (denials: readonly Denial[], certainty: 'proven' | 'denied') => {
    const atoms = createAtomWriter({ denied: denials }, root);
    return denials.flatMap((denial) => toNeeds(denial, certainty, undefined, root, atoms));
  };
  return confirmDenials(
    first,
    {
      build: (shown, until) =>
        build({ revealed: reveal(session, shown), ...(until !== undefined && { until }) }),
      again: (shown, compared, until) =>
        build({
          revealed: reveal(session, shown),
          comparedWith: { revealed: reveal(session, compared) },
          ...(until !== undefined && { until }),
        }),
      brings: (bringing, brought) => needsToRun(bringing.package, brought.package),
    },
    (suspect, proven) =>
      record.update({ needs: [...describe(proven, 'proven'), ...describe([suspect], 'denied')] }),
    (proven) => record.update({ needs: describe(proven, 'proven') }),
  );
}

function createContext({ root, location, facts, metadata, reader }: TrialSession): AccountContext {
  const predefined = packageVariables(location.category, location.packageAndVersion);
  const openEclasses = createEclassOpener(location.repository, root.layout.path);
  return {
    root,
    runtime: activeNodes(metadata, RUNTIME_VARIABLES),
    system: metadata.system,
    itself: `${location.category}/${location.packageName}`,
    findEclasses: createEclassFinder(openEclasses, metadata.inherited),
    findCall: createCallFinder(openEclasses, metadata.inherited, facts),
    advice: {
      hasEclass: (name) => openEclasses().facts(name) !== undefined,
      isDeprecated: createDeprecationTest(location.repository, root.layout.path),
      findProviders: createProviderFinder(
        location.repository,
        `${location.category}/${predefined.PN ?? ''}`,
        root,
      ),
    },
    isPrebuilt: createPrebuiltTest(facts, predefined),
    reader,
  };
}

/**
 * Records the needs and uses of the build.
 *
 * @returns the probes
 */
async function account(
  context: AccountContext,
  { required, outcome, last, unsteady }: Confirmation<BuildOutcome>,
  record: GrowingRecord,
): Promise<readonly Denial[]> {
  const { observations, image, passed } = outcome;
  const sources = passed ? chooseNotFoundSources(observations.denials) : undefined;
  const notFound = sources === undefined ? '' : await context.reader.readNotFound(outcome.layers, sources);
  const probes = passed ? listProbes(observations.denials, notFound) : [];
  const lost = passed && image === undefined ? ['the installed image was not found'] : [];
  record.update({
    ...(await accountFor(outcome, required, context)),
    probes: await describeUntried(probes, context),
    // A build with every suspect visible may show what the first one did not come to, such as a download.
    incidents: joinIncidents([observations, ...(last === undefined ? [] : [last.observations])]),
    gaps: [...record.now().gaps, ...observations.gaps, ...lost, ...unsteady],
  });
  return probes;
}

interface Comparing {
  readonly session: TrialSession;
  readonly context: AccountContext;
  readonly builds: Builds;
  readonly probes: readonly Denial[];
  readonly record: GrowingRecord;
}

/**
 * Builds with the probed packages and without the atoms that nothing seems to use, and records the results.
 *
 * @returns whether the next trial would find the same
 */
async function compare(
  { session, context, builds, probes, record }: Comparing,
  { outcome, required }: { readonly outcome: BuildOutcome; readonly required: readonly RevealedPackage[] },
): Promise<boolean> {
  const showRequired =
    (build: Build): Build =>
    (change) =>
      build({
        ...change,
        revealed: [...required, ...(change.revealed ?? [])],
        ...(change.comparedWith !== undefined && {
          comparedWith: {
            ...change.comparedWith,
            revealed: [...required, ...(change.comparedWith.revealed ?? [])],
          },
        }),
      });
  const { gaps, lasting } = await compareBuilds({
    context,
    base: outcome,
    builds: {
      tests: builds.tests,
      build: showRequired(builds.build),
      async openTesting() {
        const testing = await builds.openTesting();
        return testing && showRequired(testing);
      },
    },
    probes,
    declared: recordByVariable((variable) => activeNodes(session.metadata, [variable])),
    record: record.now(),
    onResult: record.update,
  });
  if (gaps.length > 0) record.update({ gaps: [...record.now().gaps, ...gaps] });
  if (record.now().probes.some(({ effect }) => effect === 'changes' || effect === 'breaks')) {
    const options = await session.reader.readOptions(outcome.layers);
    if (options.length > 0) record.update({ options });
  }
  return lasting;
}

function reveal({ root }: TrialSession, denials: readonly Denial[]): RevealedPackage[] {
  return denials.map((denial) => revealDenied(root, denial));
}
