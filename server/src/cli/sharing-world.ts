import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import type { Verdict } from '../audit/finding.ts';
import { judge } from '../audit/judge.ts';
import type { TrialRecord } from '../audit/record.ts';
import type { BashParser } from '../ebuild/bash-parser.ts';
import type { EbuildFacts } from '../ebuild/ebuild-facts.ts';
import { parseEbuild } from '../ebuild/facts.ts';
import { UserError } from '../errors/user-error.ts';
import { DEFAULT_STORAGE, findBuilder } from '../host/find-world.ts';
import { readEbuild } from '../repository/ebuild-text.ts';
import { createEnvelopeStore, type EnvelopeStore, readLooseEnvelopes } from '../sharing/envelope-store.ts';
import { openObjectStore } from '../sharing/open-store.ts';
import { readPolicy } from '../sharing/policy.ts';
import { createSharedRecords } from '../sharing/shared-records.ts';
import type { OtherRecords } from '../trial/other-records.ts';
import type { ExportFlags, RecordCommands, TrustFlags } from './record-arguments.ts';
import {
  type RecordCommandWorld,
  runRecordExport,
  runRecordPull,
  runRecordPush,
  runRecordVerify,
} from './record-command.ts';

function openStore(place: string, log: (sentence: string) => void): EnvelopeStore {
  return createEnvelopeStore(openObjectStore(place), log);
}

/** The parts of the program that the commands of `record` use. */
export interface RecordProgram extends Pick<RecordCommandWorld, 'print' | 'complain'> {
  readParser(): Promise<BashParser>;
  /** Reports why a command could not do its work. @returns the exit code */
  explain(error: unknown): number;
}

/** Makes the commands of `record`. */
export function createRecordCommands(program: RecordProgram): RecordCommands {
  const { readParser, explain, print, complain } = program;
  const run = async (
    flags: Pick<ExportFlags, 'root' | 'packageManager'>,
    command: (world: RecordCommandWorld) => Promise<number> | number,
  ): Promise<number> => {
    try {
      const parser = await readParser();
      const readFacts = (text: string) => parseEbuild(text, parser);
      return await command({
        findBuilder: () => findBuilder(flags),
        storage: DEFAULT_STORAGE.records,
        readFile: readEbuild,
        readFacts,
        judge: judgeOwnText(readFacts),
        openStore: (place) => openStore(place, complain),
        print,
        complain,
      });
    } catch (error) {
      return explain(error);
    }
  };
  return {
    exportRecord: (file, flags) => run(flags, (world) => runRecordExport(file, flags, world)),
    verifyRecords: (files, { trust }) =>
      run({ root: '', packageManager: 'auto' }, (world) => runRecordVerify(files, trust, world)),
    pushRecords: (files, flags) => run(flags, (world) => runRecordPush(files, flags, world)),
    pullRecords: (file, flags) => run(flags, (world) => runRecordPull(file, flags, world)),
  };
}

/** Makes a function that judges a record against its own text, without ignore rules. */
function judgeOwnText(readFacts: (text: string) => EbuildFacts): (record: TrialRecord) => Verdict {
  return (record) => judge(record, readFacts(record.text));
}

/**
 * Opens the records of others that the options of `trial` and `review` name.
 *
 * @returns undefined if they name none
 * @throws UserError if the options do not belong together, or the policy is wrong
 */
export function openOtherRecords(
  { trust, records, spotCheck, spotCheckSeed }: TrustFlags,
  readFacts: (text: string) => EbuildFacts,
  log: (sentence: string) => void,
): OtherRecords | undefined {
  if (trust === undefined && records === undefined && spotCheck === undefined) return undefined;
  if (trust === undefined)
    throw new UserError('Records of others are taken only as a policy says: give --trust POLICY as well.');
  if (records === undefined)
    throw new UserError(
      '--trust says whose records are taken, and not where they are: give --records STORE as well.',
    );
  const policy = readPolicy(trust);
  const isFolder = statSync(records, { throwIfNoEntry: false })?.isDirectory() === true;
  return createSharedRecords({
    policy,
    store: openStore(records, log),
    loose: () => (isFolder ? readLooseEnvelopes(records, log) : []),
    judge: judgeOwnText(readFacts),
    isSpotChecked: createSpotCheck(spotCheck ?? 0, spotCheckSeed),
    log,
  });
}

/** Makes a function that is true for a share of its calls, by chance or as the seed says. */
function createSpotCheck(share: number, seed: string | undefined): () => boolean {
  let calls = 0;
  return () => {
    calls += 1;
    if (seed === undefined) return Math.random() < share;
    const digest = createHash('sha256').update(`${seed} ${calls}`).digest();
    return digest.readUInt32BE() / 2 ** 32 < share;
  };
}
