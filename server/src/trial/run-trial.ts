import { join } from 'node:path';
import type { Need, TrialRecord } from '../audit/record.ts';
import { evaluateEbuild } from '../evaluation/evaluate.ts';
import {
  distfileFolders,
  findDistfiles,
  makeTrialFolder,
  type TrialFolder,
} from '../evaluation/work-folder.ts';
import { guardDisk } from '../host/disk-room.ts';
import { linkLastLog } from '../host/log-folder.ts';
import type { RootState } from '../host/root-state.ts';
import type { TrialWorld } from '../host/world.ts';
import type { InstalledPackage } from '../installed/vdb.ts';
import type { VisiblePackage } from '../installed/visible-set.ts';
import type { EvaluatedMetadata, UseSetting } from '../package-manager/port.ts';
import { RUNTIME_VARIABLES } from '../pms/dependency-variable.ts';
import type { EbuildLocation } from '../repository/ebuild-location.ts';
import type { Denial } from '../trace/denial.ts';
import { openBuildLog } from './builder/build-log.ts';
import type { BuildOutcome } from './builder/build-plan.ts';
import { activeNodes, type Builds, type BuildWithChange, openBuilds } from './builder/builds.ts';
import { confirmDenials } from './builder/confirm.ts';
import { pruneSnapshots } from './builder/snapshots/prune-snapshots.ts';
import { openSnapshotStore } from './builder/snapshots/snapshot-store.ts';
import { compareBuilds, describeUntried } from './comparing/comparison.ts';
import { readNotFound } from './comparing/not-found.ts';
import { listProbes } from './comparing/probes.ts';
import { createAtomWriter } from './needs/atoms/atom-writer.ts';
import { createEclassFinder } from './needs/atoms/bringing-eclasses.ts';
import { type AccountContext, accountFor } from './needs/build-account.ts';
import { findInstalledPackage, toNeeds } from './needs/need.ts';
import { createProgress } from './progress.ts';
import { startRecord } from './start-record.ts';
import type { TrialListener, TrialRequest } from './trial.ts';

/** What a trial came to, with what its record rests on. */
export interface TrialOutcome {
  readonly record: TrialRecord;
  readonly metadata: EvaluatedMetadata;
  /** What was visible in the first build, before anything was revealed; undefined when none was run. */
  readonly visible: ReadonlyMap<InstalledPackage, VisiblePackage> | undefined;
}

/**
 * Runs one trial; see {@link TrialRunner.run} for what it promises.
 *
 * @param root as it is now
 * @param location where the ebuild is
 * @param use flags to set on top of the configuration
 */
export async function runTrial(
  world: TrialWorld,
  root: RootState,
  location: EbuildLocation,
  request: TrialRequest,
  listener: TrialListener,
  use: UseSetting,
  signal?: AbortSignal,
): Promise<TrialOutcome> {
  const progress = createProgress(world.now, listener);
  progress.show('preparing', 0);
  const folder = guardDisk(() =>
    makeTrialFolder({
      trials: join(world.home, 'trials'),
      location,
      layout: root.layout,
      repositories: root.repositories,
      text: request.text,
    }),
  );
  try {
    const metadata = await evaluateEbuild(world, root, folder, request.text, use, signal);
    const distfiles = findDistfiles(metadata.distfiles, distfileFolders(root.layout, world.home));
    return await build({ ...folder, distfiles }, metadata);
  } finally {
    folder.remove();
  }

  async function build(ready: TrialFolder, metadata: EvaluatedMetadata): Promise<TrialOutcome> {
    const facts = world.readFacts(request.text);
    let record = startRecord(world, root, location, facts, metadata);
    const update = (change: Partial<TrialRecord>) => {
      record = { ...record, ...change };
      listener.record(record);
    };
    update({});
    if (record.notInstalled.some(({ variable }) => variable !== 'RDEPEND')) {
      update({ outcome: 'failed' });
      return { record, metadata, visible: undefined };
    }

    let writeError: NodeJS.ErrnoException | undefined;
    const log = openBuildLog(record.log, (error) => {
      writeError = error;
    });
    linkLastLog(record.log);
    const keeps = world.snapshotBytes !== 0;
    const snapshots = openSnapshotStore(keeps ? world.home : undefined, request.fresh === true);
    try {
      const builds = await openBuilds({
        world,
        root,
        location,
        facts,
        metadata,
        use,
        folder: ready,
        log,
        findWriteError: () => writeError,
        snapshots,
        sharesSources: use.length > 0 && keeps && request.fresh !== true,
        onProgress: progress.show,
        signal,
      });
      const first = await builds.build({});
      if (!first.passed) progress.confirm();
      const toUnread = (denials: readonly Denial[], certainty: Need['certainty']) =>
        denials.flatMap((one) =>
          toNeeds(one, certainty, undefined, root, createAtomWriter({ denied: denials }, root)),
        );
      const { required, outcome } = await confirmDenials(
        first,
        (shown, until) =>
          builds.build({ revealed: packagesOf(shown), ...(until !== undefined && { until }) }),
        (suspect, proven) =>
          update({ needs: [...toUnread(proven, 'proven'), ...toUnread([suspect], 'denied')] }),
        (proven) => update({ needs: toUnread(proven, 'proven') }),
      );
      await tellAndCompare(builds, required, outcome);
      const { passed, failure } = outcome;
      update({ outcome: passed ? 'passed' : 'failed', ...(failure !== undefined && { failure }) });
      return { record, metadata, visible: first.visible };
    } finally {
      snapshots.close();
      if (keeps) pruneSnapshots(world.home, world.snapshotBytes);
      await log.close();
    }

    async function tellAndCompare(
      builds: Builds,
      required: readonly Denial[],
      outcome: BuildOutcome,
    ): Promise<void> {
      const context: AccountContext = {
        root,
        runtime: activeNodes(metadata, RUNTIME_VARIABLES),
        system: metadata.system,
        findEclasses: createEclassFinder(location.repository, root.layout.path, metadata.inherited),
      };
      const { observations, image, passed } = outcome;
      const probes = passed ? listProbes(observations.denials, readNotFound(outcome)) : [];
      const lost = passed && image === undefined ? ['what was installed is not where it should be'] : [];
      update({
        ...(await accountFor(outcome, required, context, signal)),
        probes: describeUntried(probes, context),
        incidents: observations.incidents,
        gaps: [...record.gaps, ...observations.gaps, ...lost],
      });
      if (request.quick === true || image === undefined) return;
      progress.compare();
      const always = packagesOf(required);
      const withRequired =
        (buildWith: BuildWithChange): BuildWithChange =>
        (change) =>
          buildWith({ ...change, revealed: [...always, ...(change.revealed ?? [])] });
      const unknown = await compareBuilds({
        context,
        base: outcome,
        build: withRequired(builds.build),
        probes,
        declared: { DEPEND: activeNodes(metadata, ['DEPEND']), BDEPEND: activeNodes(metadata, ['BDEPEND']) },
        inherited: record.inherited,
        uses: record.uses,
        tests: builds.tests,
        openTesting: async () => {
          const testing = await builds.openTesting();
          return testing && withRequired(testing);
        },
        onResult: update,
        signal,
      });
      if (unknown.length > 0) update({ gaps: [...record.gaps, ...unknown] });
    }
  }

  function packagesOf(denials: readonly Denial[]): InstalledPackage[] {
    return denials.map((denial) => findInstalledPackage(root, denial.package));
  }
}
