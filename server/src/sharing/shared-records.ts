import { listNames } from '../audit/conclusion.ts';
import type { Verdict } from '../audit/finding.ts';
import type { TrialRecord } from '../audit/record.ts';
import type { AskedTrial, OtherAnswer, OtherRecords } from '../trial/other-records.ts';
import { covers, type TrialExtent } from '../trial/records/record-file.ts';
import { describeLevel, describeResult, findAgreement, type Side, type Vote } from './agreement.ts';
import { canonicalJson } from './canonical-json.ts';
import { findDifference, findOtherQuestion } from './compare-inputs.ts';
import { findSigners, readEnvelope } from './envelope.ts';
import type { EnvelopeStore, FoundEnvelope } from './envelope-store.ts';
import type { Policy } from './policy.ts';
import { keyOfQuestion, type PortableQuestion } from './portable-inputs.ts';
import { askPortably, createInputsReader, type InputsHere, type InputsReader } from './read-inputs.ts';
import { digestResult, isOwnResult, readStatement, resultOf, type SharedRecord } from './statement.ts';

export interface SharingWorld {
  readonly policy: Policy;
  readonly store: EnvelopeStore;
  /** Envelopes that are in no list of the store. */
  readonly loose: () => readonly FoundEnvelope[];
  /** Judges a record against its own text, without ignore rules. */
  readonly judge: (record: TrialRecord) => Verdict;
  /** Whether a record that would answer is tried nevertheless. */
  readonly isSpotChecked: () => boolean;
  /** Called with one sentence about each record that is not used, and about each disagreement. */
  readonly log: (sentence: string) => void;
}

/** Takes the records of others in place of trials, see docs/sharing.md. */
export function createSharedRecords(world: SharingWorld): OtherRecords {
  const readers = new Map<string, InputsReader>();
  let loose: readonly Opened[] | undefined;
  return {
    async find(asked, signal) {
      const { root, home, location } = asked;
      const reader = readers.get(`${root}\0${home}`) ?? createInputsReader(root, home);
      readers.set(`${root}\0${home}`, reader);
      loose ??= openLoose(world);
      const question = askPortably(location, asked.bareText, asked.packageManager);
      const found = await world.store.find(keyOfQuestion(question), signal);
      const opened = found.flatMap((envelope) => {
        const read = openEnvelope(envelope, world.policy);
        if (!('problem' in read)) return [read];
        refuse(asked, read, read.problem, world);
        return [];
      });
      const judgeVote = createVoteJudge(asked, question, reader, world);
      const votes: Vote[] = [];
      for (const candidate of [...opened, ...loose]) {
        signal?.throwIfAborted();
        const vote = await judgeVote(candidate, opened.includes(candidate));
        if (vote !== undefined) votes.push(vote);
      }
      return decide(asked, votes, world);
    },
  };
}

const nameOf = ({ location }: AskedTrial) => `${location.category}/${location.packageAndVersion}`;

/** An envelope whose signatures and form are right. */
interface Opened {
  /** As in `FoundEnvelope`. */
  readonly name: string;
  /** Names of keys of the policy; at least one. */
  readonly keys: readonly string[];
  readonly shared: SharedRecord;
}

type Refused = Pick<Opened, 'name' | 'keys'> & { readonly problem: string };

function openEnvelope({ name, bytes }: FoundEnvelope, policy: Policy): Opened | Refused {
  const envelope = readEnvelope(bytes);
  if ('problem' in envelope) return { name, keys: [], problem: envelope.problem };
  const keys = findSigners(envelope, policy.keys).map((key) => key.name);
  if (keys.length === 0) {
    const isSigned = envelope.signatures.length > 0;
    return { name, keys, problem: isSigned ? 'no key of the policy has signed it' : 'it is not signed' };
  }
  const shared = readStatement(envelope.payload);
  return 'problem' in shared ? { name, keys, problem: shared.problem } : { name, keys, shared };
}

/** Opens the envelopes that are files of their own, once for a command. */
function openLoose({ loose, policy, log }: SharingWorld): readonly Opened[] {
  return loose().flatMap((envelope) => {
    const read = openEnvelope(envelope, policy);
    if (!('problem' in read)) return [read];
    log(`The file ${read.name} is not used as a record: ${read.problem}.`);
    return [];
  });
}

function refuse(
  asked: AskedTrial,
  { name, keys }: Pick<Opened, 'name' | 'keys'>,
  clause: string,
  { log }: SharingWorld,
): undefined {
  const signed = keys.length === 0 ? '' : ` by ${listNames(keys)}`;
  log(`The record ${name}${signed} for ${nameOf(asked)} is not used: ${clause}.`);
}

/** Makes a function that gives the vote of an envelope, if it is one for the trial that is asked for. */
function createVoteJudge(
  asked: AskedTrial,
  question: PortableQuestion,
  reader: InputsReader,
  world: SharingWorld,
): (opened: Opened, isListed: boolean) => Promise<Vote | undefined> {
  const known = new Map<string, Promise<InputsHere>>();
  const readHere = ({ inputs: { extent }, basis }: SharedRecord): Promise<InputsHere> => {
    // Builders who agree name the same facts.
    const key = canonicalJson([extent, basis]);
    const here = known.get(key) ?? reader.read(asked.location, question, extent, basis);
    known.set(key, here);
    return here;
  };
  return async (opened, isListed) => {
    const { shared } = opened;
    const other = findOtherQuestion(shared.inputs.question, question);
    // A loose file may be for any ebuild; one that is listed under this key is a replay.
    if (other !== undefined) return isListed ? refuse(asked, opened, other, world) : undefined;
    if (!covers(shared.inputs.extent, asked.extent)) return undefined;
    if (!isOwnResult(shared, world.judge(shared.record)))
      return refuse(asked, opened, 'the findings that it states are not those of its own record', world);
    let difference: string | undefined;
    try {
      difference = findDifference(shared.inputs, await readHere(shared));
    } catch (error) {
      difference = `the inputs of this machine cannot be read (${(error as Error).message})`;
    }
    return difference === undefined ? toVote(asked, opened, world) : refuse(asked, opened, difference, world);
  };
}

/** The part of a record that answers what is asked for, so that records of wider trials count as well. */
function toVote({ extent }: AskedTrial, { keys, shared }: Opened, { judge }: SharingWorld): Vote {
  const record = narrowTo(extent, shared);
  if (record === undefined)
    return { keys, record: shared.record, result: shared.result, about: canonicalJson(shared.inputs.extent) };
  return { keys, record, result: resultOf(record, judge(record)), about: canonicalJson(extent) };
}

/** The part of a record that a trial of an extent would have found; undefined if it cannot be told from the rest. */
function narrowTo(extent: TrialExtent, { inputs, record }: SharedRecord): TrialRecord | undefined {
  if (canonicalJson(extent) === canonicalJson(inputs.extent)) return record;
  const { flags: _, ...first } = { ...inputs.extent, matrix: 'none' };
  // The other states come after the first, and change nothing of it.
  return canonicalJson(extent) === canonicalJson(first) ? { ...record, variants: [] } : undefined;
}

function decide(asked: AskedTrial, votes: readonly Vote[], world: SharingWorld): OtherAnswer {
  const { policy, log } = world;
  const agreement = findAgreement(votes, policy);
  const name = nameOf(asked);
  if (agreement.kind === 'none') return { kind: 'build', settle: () => [] };
  if (agreement.kind === 'disagreed') {
    const sides = agreement.sides.map(({ keys, result }) => `${listNames(keys)}: ${describeResult(result)}`);
    log(`The records for ${name} disagree, so it is built here:`);
    for (const side of sides) log(`  ${side}`);
    const dispute = `The records for ${name} disagree (${sides.join('; ')}).`;
    return { kind: 'build', settle: (record) => [dispute, ...settle(asked, agreement.sides, record, world)] };
  }
  const { keys, record } = agreement;
  if (agreement.kind === 'too-few') {
    log(
      `The record by ${listNames(keys)} for ${name} does not answer, because the policy asks for ${describeLevel(policy.level)}.`,
    );
    return { kind: 'build', settle: (record) => settle(asked, [agreement], record, world) };
  }
  if (world.isSpotChecked()) {
    log(`${name} is built as a spot check of the record by ${listNames(keys)}.`);
    return { kind: 'build', settle: (record) => settle(asked, [agreement], record, world) };
  }
  return { kind: 'answer', record: { ...record, sharedBy: keys } };
}

/** Says which records differ from the trial that was run on this machine. @returns the sentences about those that do */
function settle(
  asked: AskedTrial,
  sides: readonly Side[],
  record: TrialRecord,
  { judge, log }: SharingWorld,
): readonly string[] {
  const disputes: string[] = [];
  const name = nameOf(asked);
  const bare = (state: TrialRecord): TrialRecord => ({
    ...state,
    text: state.bareText,
    variants: state.variants.map(bare),
  });
  const own = bare(record);
  const here = resultOf(own, judge(own));
  for (const { keys, result, about } of sides) {
    const by = listNames(keys);
    if (about !== canonicalJson(asked.extent))
      log(`The trial of ${name} cannot confirm the record by ${by}, which is of a wider trial.`);
    else if (digestResult(here) === digestResult(result))
      log(`The trial of ${name} confirms the record by ${by}.`);
    else {
      const dispute = `The trial of ${name} differs from the record by ${by}: here ${describeResult(here)}; there ${describeResult(result)}.`;
      log(dispute);
      disputes.push(dispute);
    }
  }
  return disputes;
}
