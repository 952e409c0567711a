import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import type { Verdict } from '../audit/finding.ts';
import { judge } from '../audit/judge.ts';
import type { TrialRecord } from '../audit/record.ts';
import type { EbuildFacts } from '../ebuild/ebuild-facts.ts';
import { UserError } from '../errors/user-error.ts';
import { createEnvelopeStore, type EnvelopeStore, readLooseEnvelopes } from '../sharing/envelope-store.ts';
import { openObjectStore } from '../sharing/open-store.ts';
import { readPolicy } from '../sharing/policy.ts';
import { createSharedRecords } from '../sharing/shared-records.ts';
import type { OtherRecords } from '../trial/other-records.ts';
import type { TrustFlags } from './record-arguments.ts';

export function openStore(place: string, log: (sentence: string) => void): EnvelopeStore {
  return createEnvelopeStore(openObjectStore(place), log);
}

/** Makes a function that judges a record against its own text, without ignore rules. */
export function judgeOwnText(readFacts: (text: string) => EbuildFacts): (record: TrialRecord) => Verdict {
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
