import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TrialRecord, TrialTime } from '../../audit/record.ts';
import { withoutIgnoreComments } from '../../audit/silencing/ignore-comment.ts';
import type { EbuildFacts } from '../../ebuild/ebuild-facts.ts';
import { beginInterval, type Interval } from '../../host/interval.ts';
import { digestOwners } from '../../host/named-owners.ts';
import type { NamedPaths } from '../../host/named-paths.ts';
import { PRODUCT_VERSION } from '../../host/product-version.ts';
import type { RootState } from '../../host/root-state.ts';
import { ownersOf } from '../../host/root-state.ts';
import type { TrialWorld } from '../../host/world.ts';
import type { SourceState } from '../../layers/source-state.ts';
import type { EvaluatedMetadata } from '../../package-manager/port.ts';
import { packageId } from '../../pms/package-id.ts';
import { type EbuildLocation, ebuildFile } from '../../repository/ebuild-location.ts';
import { findChange, type InputBasis, type InputWorld, readFolderDigest, readInputs } from '../inputs.ts';
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

/** The stored records of trials, found by their inputs. */
export interface TrialRecords {
  /** Finds the record of an earlier trial with the same inputs and at least the same extent; undefined if there is none. */
  findAnswer(
    location: EbuildLocation,
    facts: EbuildFacts,
    extent: TrialExtent,
  ): Promise<TrialRecord | undefined>;
  /**
   * Finds the newest record of an ebuild and its text that still holds, of whichever extent.
   *
   * @returns in place of a record, the input that has changed since the newest one, e.g. `an eclass`; undefined if there is none
   */
  findHolding(
    location: EbuildLocation,
    facts: EbuildFacts,
  ): Promise<StoredTrial | { readonly change: string } | undefined>;
  /** Lists the records of an ebuild that are kept, for whichever texts and inputs, the newest first. */
  list(location: EbuildLocation): readonly TrialRecord[];
  /** Finds the newest record of an ebuild, for whichever text. */
  recall(location: EbuildLocation): Promise<RecalledTrial | undefined>;
  /** How long the newest trial of an ebuild and of this extent took, in milliseconds; undefined if that is not known. */
  lastDuration(location: EbuildLocation, extent: TrialExtent): number | undefined;
  /** Notes the time and the package's folder before a trial reads anything. */
  begin(location: EbuildLocation): TrialBeginning;
  /**
   * Stores the record of a trial, unless one of its inputs has changed while it ran. If the store cannot be written, the log says so, and
   * the next trial builds again.
   *
   * @param root as it was when the trial began
   */
  keep(location: EbuildLocation, root: RootState, done: DoneTrial, beginning: TrialBeginning): Promise<void>;
}

/** The part of an ebuild's metadata that names inputs of a trial. */
export type InputMetadata = Pick<
  EvaluatedMetadata,
  'inherited' | 'distfiles' | 'use' | 'dependencies' | 'system'
>;

/** A trial that has ended. */
export interface DoneTrial {
  readonly record: TrialRecord;
  readonly extent: TrialExtent;
  readonly time: TrialTime;
  /** The metadata in each USE state that was tried; at least one. */
  readonly metadata: readonly [InputMetadata, ...InputMetadata[]];
  readonly named: NamedPaths;
  /** See `InputBasis`; undefined if no binary package was needed. */
  readonly binaryPackages?: SourceState | undefined;
}

/** The time and the package's folder at the beginning of a trial. */
export interface TrialBeginning {
  readonly since: Interval;
  /**
   * A digest of the package's folder; undefined if it cannot be read. The time of the folder would be useless, because authors save ebuilds
   * while a trial runs.
   */
  readonly folder: string | undefined;
}

/** The part of the world in which records are stored. */
export interface RecordWorld extends InputWorld {
  readonly packageManager: Pick<TrialWorld['packageManager'], 'name' | 'version' | 'files'>;
}

/** The folder of the records in a state folder. */
export const recordFolder = (home: string): string => join(home, 'records');

/**
 * Opens the records of a state folder.
 *
 * @param limit in bytes; if there is more, the least recently used are removed
 * @param log called with one sentence about each record that cannot be used or stored
 */
export function openTrialRecords(
  world: RecordWorld,
  limit: number,
  log: (sentence: string) => void,
): TrialRecords {
  const { rootPath, home, packageManager } = world;
  const store = openRecordStore(recordFolder(home));
  const ask = (location: EbuildLocation, bareText: string): Question => ({
    root: rootPath,
    file: ebuildFile(location),
    packageManager: `${packageManager.name} ${packageManager.version}`,
    productVersion: PRODUCT_VERSION,
    bareText,
  });
  const findChangeSince = async (location: EbuildLocation, { basis, inputs }: StoredTrial) => {
    try {
      return findChange(inputs, (await readInputs(world, location, basis)).inputs);
    } catch {
      // It was readable when the record was made, so it has changed.
      return 'the folder of the package';
    }
  };

  const readNewestFirst = (location: EbuildLocation): StoredTrial[] =>
    [...readRecords(store, startOfRecords({ root: rootPath, file: ebuildFile(location) }), log)]
      .map(({ stored }) => stored)
      .sort((left, right) => right.ended - left.ended);
  const findAnyChange = async (location: EbuildLocation, stored: StoredTrial, bareText: string) => {
    const asked = ask(location, bareText);
    if (asked.packageManager !== stored.question.packageManager) return 'the package manager';
    if (asked.productVersion !== stored.question.productVersion) return 'Ebuild Audit';
    if (bareText !== stored.question.bareText) return 'the text';
    return findChangeSince(location, stored);
  };

  return {
    async findAnswer(location, facts, extent) {
      const question = ask(location, withoutIgnoreComments(facts));
      const known = [...readRecords(store, startOfAnswers(question), log)];
      // The newest record counts, as in `recall`.
      for (const { name, stored } of known.sort((left, right) => right.stored.ended - left.stored.ended)) {
        if (!isSame(question, stored.question) || !covers(stored.extent, extent)) continue;
        if (![stored.record, ...stored.record.variants].every(isAnswer)) continue;
        if ((await findChangeSince(location, stored)) !== undefined) continue;
        store.touch(name);
        return present(stored);
      }
      return undefined;
    },

    async findHolding(location, facts) {
      let change: string | undefined;
      for (const stored of readNewestFirst(location)) {
        const found = await findAnyChange(location, stored, withoutIgnoreComments(facts));
        if (found === undefined && ![stored.record, ...stored.record.variants].every(isAnswer)) continue;
        if (found === undefined) return stored;
        change ??= found;
      }
      return change === undefined ? undefined : { change };
    },

    list: (location) => readNewestFirst(location).map(present),

    async recall(location) {
      const [newest] = readNewestFirst(location);
      if (newest === undefined) return undefined;
      return {
        record: present(newest),
        change: await findAnyChange(location, newest, newest.record.bareText),
      };
    },

    lastDuration(location, extent) {
      const alike = readNewestFirst(location).find(
        (stored) =>
          stored.time !== undefined && covers(stored.extent, extent) && covers(extent, stored.extent),
      );
      return alike?.time?.took;
    },

    begin,

    async keep(location, state, { record, extent, time, ...done }, beginning) {
      try {
        const programs = ownersOf(state, packageManager.files.programs).map(packageId);
        const basis = describeBasis({ record, ...done }, programs, await digestOwners(done.named, state));
        const { inputs, changed, installed } = await readInputs(world, location, basis);
        // If the folder or another input has changed, it is unknown which state the trial has seen.
        if (inputs['the folder of the package'] !== beginning.folder) return;
        if (!beginning.since.isBefore(changed)) return;
        const question = ask(location, record.bareText);
        const ended = Date.now();
        store.write({ question, extent, ended, time, basis: { ...basis, installed }, inputs, record });
        store.prune(limit);
      } catch (error) {
        log(
          `The record of the trial cannot be stored (${(error as Error).message}), so the next trial will build again: make the state folder writable.`,
        );
      }
    },
  };
}

function begin(location: EbuildLocation): TrialBeginning {
  const since = beginInterval();
  try {
    return { since, folder: readFolderDigest(location) };
  } catch {
    // The trial itself will report the error.
    return { since, folder: undefined };
  }
}

/**
 * @param programs ids of the packages that own the package manager's programs
 * @param owners see `InputBasis`
 */
function describeBasis(
  { record, metadata, named, binaryPackages }: Omit<DoneTrial, 'extent' | 'time'>,
  programs: readonly string[],
  owners: string,
): InputBasis {
  const [{ inherited, dependencies, system }] = metadata;
  const records = [record, ...record.variants];
  return {
    inherited,
    distfiles: [...new Set(metadata.flatMap(({ distfiles }) => distfiles))],
    states: metadata.map(({ use }) => use),
    dependencies,
    system,
    programs,
    probed: [...new Set(records.flatMap(({ probes }) => probes.map((probe) => packageId(probe.package))))],
    named,
    owners,
    installed: undefined,
    // What is installed decides which binary packages are needed.
    packages: binaryPackages === undefined && records.every(isIndependent) ? 'visible' : 'all',
    ...(binaryPackages !== undefined && { binaryPackages }),
  };
}

/** The record as it is shown. */
function present({ record, ended, time, view }: StoredTrial): TrialRecord {
  return {
    ...withoutLostLogs(record),
    storedAt: ended,
    ...(time !== undefined && { time }),
    ...(view !== undefined && { view }),
  };
}

/** Clears the paths of logs that do not exist, because they have been removed or nothing was built. */
export function withoutLostLogs(record: TrialRecord): TrialRecord {
  const variants = record.variants.map(withoutLostLogs);
  return { ...record, variants, log: existsSync(record.log) ? record.log : '' };
}

function isSame(left: Question, right: Question): boolean {
  return (Object.keys(left) as (keyof Question)[]).every((key) => left[key] === right[key]);
}

/** Whether the result can only change if a package changes that the builds could see. */
export function isIndependent({ outcome, needs, named, unresolved }: TrialRecord): boolean {
  return outcome === 'passed' && needs.length + named.length + unresolved.length === 0;
}

/** Whether a record is worth giving. A build that failed for no known need, for example in an unreliable test, may pass next time. */
export function isAnswer({ outcome, needs, notInstalled }: TrialRecord): boolean {
  return outcome === 'passed' || needs.length > 0 || notInstalled.length > 0;
}

/** Reads the records whose names begin with a text. Unusable ones are removed, so that each is logged once. */
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
    log(`The stored record ${name} ${what} and is ignored: the next trial builds again.`);
    store.remove(name);
  }
}
