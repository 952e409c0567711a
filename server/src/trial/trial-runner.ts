import { join } from 'node:path';
import type { TrialTime } from '../audit/record.ts';
import { withoutIgnoreComments } from '../audit/silencing/ignore-comment.ts';
import { locateForTrial } from '../evaluation/work-folder.ts';
import {
  DEFAULT_STORAGE,
  type FoundWorld,
  findBuilder,
  findTrialWorld,
  type RunnerSettings,
  type StorageLimits,
} from '../host/find-world.ts';
import { countLogs, pruneLogs } from '../host/log-folder.ts';
import { type RootState, readRootState } from '../host/root-state.ts';
import type { TrialWorld } from '../host/world.ts';
import type { EbuildLocation } from '../repository/ebuild-location.ts';
import type { AskedTrial, OtherRecords } from './other-records.ts';
import type { TrialExtent } from './records/record-file.ts';
import { openTrialRecords, type RecordWorld, withoutLostLogs } from './records/trial-records.ts';
import type { TrialListener, TrialRunner } from './trial.ts';
import { runHere, type TrialPlace } from './trial-place.ts';

/**
 * Runs trials in the world that the settings describe. A missing part of it is an error of the first run.
 *
 * @param log called with one sentence about each problem that does not stop a trial, such as a damaged record
 * @param others asked for a record if there is none on this machine
 * @param place where the trials are run
 */
export function createTrialRunner(
  settings: RunnerSettings,
  readFacts: TrialWorld['readFacts'],
  log: (sentence: string) => void,
  others?: OtherRecords,
  place?: TrialPlace,
): TrialRunner {
  const places: RunnerPlaces = {
    findWorld: async () => ({ ...(await findTrialWorld(settings)), readFacts }),
    findBuilder: () => findBuilder(settings),
  };
  return createRunnerIn(places, settings.storage ?? DEFAULT_STORAGE, log, others, place);
}

/** Finds the world of a trial. */
interface RunnerPlaces {
  findWorld(): Promise<TrialWorld & Pick<FoundWorld, 'proveView'>>;
  findBuilder(): Promise<RecordWorld>;
}

/** Runs trials in the worlds that `places` finds; see {@link createTrialRunner}. */
export function createRunnerIn(
  places: RunnerPlaces,
  storage: StorageLimits,
  log: (sentence: string) => void,
  others?: OtherRecords,
  place: TrialPlace = runHere,
): TrialRunner {
  const openRecords = (world: RecordWorld) => openTrialRecords(world, storage.records, log);
  const prune = createLogPruning(storage.logs);
  // Trials that run at the same time share most of it.
  let lastRoot: RootState | undefined;
  return {
    async run(request, listener, signal) {
      const { proveView, ...world } = await places.findWorld();
      const { readFacts } = world;
      const location = locateForTrial(request.file, world.buildsAsOther);
      const records = openRecords(world);
      const { text, fresh = false, quick = false, tests = false } = request;
      const { matrix, flags } = request;
      const extent: TrialExtent = {
        quick,
        matrix: matrix ?? 'none',
        ...(flags !== undefined && { flags }),
        ...(tests && { tests }),
      };
      const answer =
        request.fresh === true
          ? undefined
          : await records.findAnswer(location, readFacts(request.text), extent);
      if (answer !== undefined) {
        listener.record(answer);
        return answer;
      }
      const asked = askOthers(world, location, withoutIgnoreComments(readFacts(text)), extent);
      const other = fresh ? undefined : await others?.find(asked, signal);
      if (other?.kind === 'answer') {
        listener.record(other.record);
        return other.record;
      }
      const usual = records.lastDuration(location, extent);
      const { timed, readTime } = withTime(listener, usual, world.now);
      const beginning = records.begin(location);
      await proveView();
      const root = await readRootState(world.rootPath, join(world.home, 'index'), lastRoot);
      lastRoot = root;
      signal?.throwIfAborted();
      try {
        const { lasting, named, binaryPackages, ...done } = await place({
          ...{ world, root, location, text, fresh, extent, signal },
          listener: timed,
        });
        // The reason why a state could not be tried, or a build failed, may be gone by the next trial.
        const time = readTime();
        if (lasting && named !== undefined)
          await records.keep(location, root, { ...done, named, binaryPackages, extent, time }, beginning);
        const disputes = other?.settle(done.record) ?? [];
        return { ...withoutLostLogs(done.record), time, ...(disputes.length > 0 && { disputes }) };
      } finally {
        prune(world.home);
      }
    },

    async recall(file) {
      return openRecords(await places.findBuilder()).recall(locateForTrial(file, false));
    },
  };
}

/** One trial is allowed to look at so many logs on average. */
const LOGS_A_TRIAL = 100;

/** Prunes logs after trials. A folder with many is looked at less often: otherwise each trial of a sweep would list those of all before it. */
function createLogPruning(limit: number): (home: string) => void {
  let left = 0;
  return (home) => {
    left--;
    if (left >= 0) return;
    pruneLogs(home, limit);
    left = Math.floor(countLogs(home) / LOGS_A_TRIAL);
  };
}

/**
 * A listener that also learns how long the last trial took, and keeps the time of this one.
 *
 * @param usual the time of the last trial, in milliseconds; undefined if that is not known
 */
function withTime(listener: TrialListener, usual: number | undefined, now: () => number) {
  const began = now();
  const phases: { name: string; began: number }[] = [];
  const timed: TrialListener = {
    progress(progress) {
      if (phases.at(-1)?.name !== progress.phase) phases.push({ name: progress.phase, began: now() - began });
      listener.progress(usual === undefined ? progress : { ...progress, usual });
    },
    record: (record) => listener.record(record),
  };
  return { timed, readTime: (): TrialTime => ({ took: now() - began, phases }) };
}

function askOthers(
  { rootPath: root, home, packageManager }: RecordWorld,
  location: EbuildLocation,
  bareText: string,
  extent: TrialExtent,
): AskedTrial {
  const { name, version } = packageManager;
  return { location, bareText, extent, packageManager: `${name} ${version}`, root, home };
}
