import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TrialRecord } from '../../audit/record.ts';
import { withoutIgnoreComments } from '../../audit/silencing/ignore-comment.ts';
import { PRODUCT_VERSION } from '../../host/product-version.ts';
import type { RootState } from '../../host/root-state.ts';
import { ownersOf } from '../../host/root-state.ts';
import type { TrialWorld } from '../../host/world.ts';
import type { EvaluatedMetadata } from '../../package-manager/port.ts';
import { packageId } from '../../pms/package-id.ts';
import type { EbuildLocation } from '../../repository/ebuild-location.ts';
import { findChange, type InputBasis, readFolderDigest, readInputs } from '../inputs.ts';
import type { RecalledTrial } from '../trial.ts';
import {
  covers,
  type Question,
  type StoredTrial,
  startOfAnswers,
  startOfRecords,
  type TrialExtent,
} from './record-file.ts';
import { openRecordStore, type RecordStore } from './record-store.ts';

/** The stored records of trials, by what they rest on. */
export interface TrialRecords {
  /** The record of an earlier trial that a new one of this text would repeat, or find out less; undefined where there is none. */
  findAnswer(location: EbuildLocation, text: string, extent: TrialExtent): Promise<TrialRecord | undefined>;
  /** The newest record of an ebuild, whatever its text was. */
  recall(location: EbuildLocation): Promise<RecalledTrial | undefined>;
  /** Notes how things are before anything is read for a trial. */
  begin(location: EbuildLocation): TrialBeginning;
  /**
   * Stores what a trial came to, unless something that it rests on has changed while it ran. A store that cannot be written is no
   * reason to fail: it is said in the log, and the next trial is run again.
   *
   * @param root as it was when the trial began
   */
  keep(location: EbuildLocation, root: RootState, done: DoneTrial, beginning: TrialBeginning): Promise<void>;
}

/** A trial that has come to its end. */
export interface DoneTrial {
  readonly record: TrialRecord;
  readonly extent: TrialExtent;
  /** As evaluated for each state that was tried; at least one. */
  readonly metadata: readonly [EvaluatedMetadata, ...EvaluatedMetadata[]];
}

/** How things were when a trial began. */
export interface TrialBeginning {
  /** Milliseconds since the epoch. */
  readonly time: number;
  /**
   * A digest of the package's folder, undefined where it cannot be read. Authors save ebuilds while a trial runs, so that to ask when the
   * folder was changed is of no use.
   */
  readonly folder: string | undefined;
}

export type RecordWorld = Pick<TrialWorld, 'root' | 'home' | 'packageManager'>;

/** Where records are, below the state folder. */
export const recordFolder = (home: string): string => join(home, 'records');

/** The kernel stamps files with the time of its last tick (CLOCK_REALTIME_COARSE, clock_getres(2)), at most this long ago. */
const CLOCK_TICK_MS = 10;

/**
 * Opens the records of a state folder.
 *
 * @param limit in bytes; what was of use longest ago goes when there is more
 * @param log told in one sentence what could not be used
 */
export function openTrialRecords(
  world: RecordWorld,
  limit: number,
  log: (sentence: string) => void,
): TrialRecords {
  const { root, home, packageManager } = world;
  const store = openRecordStore(recordFolder(home));
  const ask = (location: EbuildLocation, text: string): Question => ({
    root,
    file: fileOf(location),
    packageManager: `${packageManager.name} ${packageManager.version}`,
    productVersion: PRODUCT_VERSION,
    text: withoutIgnoreComments(text),
  });
  const findChangeSince = async (location: EbuildLocation, { basis, inputs }: StoredTrial) => {
    try {
      return findChange(inputs, (await readInputs(root, home, location, basis)).inputs);
    } catch {
      // When the record was made, all of it could be read.
      return 'the folder of the package';
    }
  };

  return {
    async findAnswer(location, text, extent) {
      const question = ask(location, text);
      const known = [...readRecords(store, startOfAnswers(question), log)];
      // What was found out last counts, as it does where a record is recalled.
      for (const { name, stored } of known.sort((left, right) => right.stored.ended - left.stored.ended)) {
        if (!isSame(question, stored.question) || !covers(stored.extent, extent)) continue;
        if (![stored.record, ...stored.record.variants].every(isAnswer)) continue;
        if ((await findChangeSince(location, stored)) !== undefined) continue;
        store.touch(name);
        return present(stored);
      }
      return undefined;
    },

    async recall(location) {
      const all = [...readRecords(store, startOfRecords({ root, file: fileOf(location) }), log)];
      const [first, ...others] = all.map(({ stored }) => stored);
      if (first === undefined) return undefined;
      const newest = others.reduce((best, one) => (one.ended > best.ended ? one : best), first);
      const asked = ask(location, newest.record.text);
      const change =
        asked.packageManager !== newest.question.packageManager
          ? 'the package manager'
          : asked.productVersion !== newest.question.productVersion
            ? 'Ebuild Audit'
            : await findChangeSince(location, newest);
      return { record: present(newest), change };
    },

    begin(location) {
      const time = Date.now();
      try {
        return { time, folder: readFolderDigest(location) };
      } catch {
        // The trial itself will say what is wrong with it.
        return { time, folder: undefined };
      }
    },

    async keep(location, state, { record, extent, metadata }, beginning) {
      try {
        const [{ inherited, dependencies, system }] = metadata;
        const records = [record, ...record.variants];
        const basis: InputBasis = {
          inherited,
          distfiles: [...new Set(metadata.flatMap((one) => one.distfiles))],
          states: metadata.map((one) => one.use),
          dependencies,
          system,
          programs: ownersOf(state, packageManager.files.programs).map(packageId),
          probed: [...new Set(records.flatMap(({ probes }) => probes.map((one) => packageId(one.package))))],
          packages: records.every((one) => one.outcome === 'passed' && one.needs.length === 0)
            ? 'visible'
            : 'all',
        };
        const { inputs, changed } = await readInputs(root, home, location, basis);
        // Which of the two it has seen, nobody knows.
        if (inputs['the folder of the package'] !== beginning.folder) return;
        if (changed > beginning.time - CLOCK_TICK_MS) return;
        const question = ask(location, record.text);
        store.write({ question, extent, ended: Date.now(), basis, inputs, record });
        store.prune(limit);
      } catch (error) {
        log(
          `The record of the trial cannot be stored (${(error as Error).message}), so that the next one builds again: check that the state folder can be written.`,
        );
      }
    },
  };
}

/** The record as it is told. */
function present({ record, ended }: StoredTrial): TrialRecord {
  return { ...withoutLostLogs(record), storedAt: ended };
}

/** A record without the names of logs that are not there: they have been removed since, or there was no build. */
export function withoutLostLogs(record: TrialRecord): TrialRecord {
  const variants = record.variants.map(withoutLostLogs);
  return { ...record, variants, log: existsSync(record.log) ? record.log : '' };
}

function fileOf({ repository, category, packageName, packageAndVersion }: EbuildLocation): string {
  return join(repository, category, packageName, `${packageAndVersion}.ebuild`);
}

function isSame(left: Question, right: Question): boolean {
  return (Object.keys(left) as (keyof Question)[]).every((key) => left[key] === right[key]);
}

/** A build that failed for a reason of its own, a test that is not sure of its result say, may not fail again. */
function isAnswer({ outcome, needs, notInstalled }: TrialRecord): boolean {
  return outcome === 'passed' || needs.length > 0 || notInstalled.length > 0;
}

/** The records whose names begin alike. What is of no use is removed, so that it is told once. */
function* readRecords(
  store: RecordStore,
  start: string,
  log: (sentence: string) => void,
): Generator<{ readonly name: string; readonly stored: StoredTrial }> {
  for (const name of store.list(start)) {
    const read = store.read(name);
    if (read?.kind === 'whole') {
      yield { name, stored: read.stored };
      continue;
    }
    if (read === undefined) continue;
    const what = read.kind === 'damaged' ? 'is damaged' : 'was written by another version of Ebuild Audit';
    log(`The stored record ${name} ${what} and does not count: the next trial is run anew.`);
    store.remove(name);
  }
}
