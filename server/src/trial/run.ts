import { join } from 'node:path';
import type { Denial } from '../audit/attribution.ts';
import type { Need, TrialRecord } from '../audit/record.ts';
import type { InstalledPackage } from '../installed/vdb.ts';
import type { VisiblePackage } from '../installed/visible-set.ts';
import type { EvaluatedMetadata } from '../package-manager/port.ts';
import { parseDependency } from '../pms/dependency.ts';
import { evaluateUse } from '../pms/use.ts';
import type { EbuildLocation } from '../repository/ebuild-location.ts';
import { createBuilder } from './build/build.ts';
import { openBuildLog } from './build/build-log.ts';
import { confirmDenials } from './build/confirm.ts';
import { readBuildKey } from './build/snapshots/build-key.ts';
import { pruneSnapshots } from './build/snapshots/prune-snapshots.ts';
import { openSnapshotStore } from './build/snapshots/snapshot-store.ts';
import { diskError, findFullDiskOf, guardDisk, noRoom } from './disk-room.ts';
import { evaluateEbuild } from './evaluate.ts';
import { linkLastLog } from './log-folder.ts';
import { readImageNeeds } from './needs/image.ts';
import { findInstalledPackage, runToNeed, toNeed } from './needs/need.ts';
import { findRuntimeNeeds } from './needs/runtime-needs.ts';
import { createProgress } from './progress.ts';
import { startRecord } from './start-record.ts';
import type { TrialListener, TrialRequest, UseSetting } from './trial.ts';
import { distfileFolders, findDistfiles, makeTrialFolder, type TrialFolder } from './trial-folder.ts';
import type { RootState } from './world/root-state.ts';
import type { TrialWorld } from './world/world.ts';

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
    const active = (text: string) => evaluateUse(parseDependency(text).nodes, metadata.use);
    const facts = world.readFacts(request.text);
    let record = startRecord(world, root, location, facts, metadata, active);
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
      const buildOnce = createBuilder({
        root,
        folder: ready,
        packageManager: world.packageManager,
        sandbox: world.sandbox,
        limits: world.limits,
        metadata,
        declared: [...active(metadata.depend), ...active(metadata.bdepend)],
        jobs: world.jobs,
        use,
        log,
        snapshots,
        key: await readBuildKey(world, root, location, facts, metadata),
        onProgress: progress.show,
      });
      const attempt = async (denials: readonly Denial[]) => {
        const revealed = denials.map((denial) => findInstalledPackage(root, denial.package));
        const outcome = await buildOnce(revealed, signal);
        if (writeError !== undefined) throw diskError(writeError);
        // No dependency explains a build that had no room, and none is to be looked for.
        const full = findFullDiskOf(outcome, log.tail(), ready.work);
        if (full !== undefined) throw noRoom(full);
        return outcome;
      };
      const first = await attempt([]);
      if (!first.passed) progress.confirm();
      const toNeeds = (denials: readonly Denial[], certainty: Need['certainty']) =>
        denials.map((denial) => toNeed(denial, certainty, root));
      let required: readonly Denial[] = [];
      const { outcome } = await confirmDenials(
        first,
        attempt,
        (suspect) => update({ needs: [...toNeeds(required, 'proven'), ...toNeeds([suspect], 'denied')] }),
        (proven) => {
          required = proven;
          update({ needs: toNeeds(required, 'proven') });
        },
      );
      const runs = outcome.observations.unlicensedRuns.map((run) => runToNeed(run, root));
      const runtime =
        outcome.image === undefined
          ? []
          : findRuntimeNeeds(
              readImageNeeds(outcome.image),
              root,
              [...active(metadata.rdepend), ...active(metadata.pdepend), ...active(metadata.idepend)],
              metadata.system,
            );
      update({
        outcome: outcome.passed ? 'passed' : 'failed',
        ...(outcome.failure === undefined ? {} : { failure: outcome.failure }),
        needs: [...toNeeds(required, 'proven'), ...runs, ...runtime],
        gaps: [
          ...record.gaps,
          ...outcome.observations.gaps,
          ...(outcome.passed && outcome.image === undefined
            ? ['what was installed is not where it should be']
            : []),
        ],
      });
      return { record, metadata, visible: first.visible };
    } finally {
      snapshots.close();
      if (keeps) pruneSnapshots(world.home, world.snapshotBytes ?? DEFAULT_SNAPSHOT_BYTES);
      await log.close();
    }
  }
}

/** Room for the last steps of a few large packages. */
export const DEFAULT_SNAPSHOT_BYTES = 8 * 2 ** 30;
