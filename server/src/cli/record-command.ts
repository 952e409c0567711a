import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { listNames } from '../audit/conclusion.ts';
import { withoutIgnoreComments } from '../audit/silencing/ignore-comment.ts';
import { isForUser, UserError } from '../errors/user-error.ts';
import { locateForTrial } from '../evaluation/work-folder.ts';
import { readRegularFile } from '../files/regular-file.ts';
import { describeLevel, describeResult, findAgreement, type Vote } from '../sharing/agreement.ts';
import { findSigners, LARGEST_ENVELOPE, readEnvelope } from '../sharing/envelope.ts';
import type { EnvelopeStore } from '../sharing/envelope-store.ts';
import { StoreProblem } from '../sharing/object-store.ts';
import { type Policy, readPolicy } from '../sharing/policy.ts';
import { keyOfQuestion } from '../sharing/portable-inputs.ts';
import { askPortably } from '../sharing/read-inputs.ts';
import { isOwnResult, readStatement, type SharedRecord } from '../sharing/statement.ts';
import { CLEAN, COULD_NOT_RUN, FINDINGS } from './exit-status.ts';
import { type EnvelopeWorld, makeEnvelope } from './make-envelope.ts';
import { writeOutput } from './output-file.ts';
import type { ExportFlags, PullFlags, PushFlags } from './record-arguments.ts';

/** What the commands of `record` use. */
export interface RecordCommandWorld extends EnvelopeWorld {
  openStore(place: string): EnvelopeStore;
  print(text: string): void;
}

/**
 * Exports the newest record of an ebuild that still holds.
 *
 * @returns the exit code
 * @throws UserError if there is none, or it cannot be signed or written
 */
export async function runRecordExport(
  file: string,
  { key, output }: Pick<ExportFlags, 'key' | 'output'>,
  world: RecordCommandWorld,
): Promise<number> {
  const { envelope } = await exportRecord(file, key, world);
  if (output === undefined) world.print(envelope.trimEnd());
  else writeOutput(output, envelope);
  return CLEAN;
}

async function exportRecord(
  file: string,
  key: string | undefined,
  world: RecordCommandWorld,
): Promise<{ readonly key: string; readonly envelope: string }> {
  const exported = await makeEnvelope(file, key, world);
  if (key === undefined)
    world.complain(
      `The record of ${file} is not signed, so nobody can trust it: give --key FILE to sign it.`,
    );
  return exported;
}

/**
 * Puts the records of ebuilds into a store.
 *
 * @returns the exit code; one sentence is said for each ebuild that has no record
 */
export async function runRecordPush(
  files: readonly string[],
  { key, records }: Pick<PushFlags, 'key' | 'records'>,
  world: RecordCommandWorld,
): Promise<number> {
  const store = world.openStore(records);
  let status = CLEAN;
  for (const file of files) {
    try {
      const made = await exportRecord(file, key, world);
      await store.add(made.key, Buffer.from(made.envelope));
      world.print(`${file}: stored in ${store.shown} under ${made.key}`);
    } catch (error) {
      if (error instanceof StoreProblem)
        throw new UserError(
          `The store ${store.shown} takes no record, because ${error.message}: check --records.`,
        );
      if (!isForUser(error)) throw error;
      world.complain(error.message);
      status = COULD_NOT_RUN;
    }
  }
  return status;
}

/** Writes the records that a store has for an ebuild into a folder. @returns the exit code */
export async function runRecordPull(
  file: string,
  { records, output }: Pick<PullFlags, 'records' | 'output'>,
  world: RecordCommandWorld,
): Promise<number> {
  const location = locateForTrial(file, false);
  const facts = world.readFacts(await world.readFile(file));
  const { packageManager } = await world.findBuilder();
  const { name, version } = packageManager;
  const question = askPortably(location, withoutIgnoreComments(facts), `${name} ${version}`);
  const store = world.openStore(records);
  const found = await store.find(keyOfQuestion(question));
  if (found.length === 0) {
    world.complain(`${store.shown} has no record for ${file} and this version of Ebuild Audit and ${name}.`);
    return COULD_NOT_RUN;
  }
  for (const envelope of found) {
    const path = join(output, `${location.packageAndVersion}-${envelope.name}.json`);
    writeOutput(path, envelope.bytes);
    world.print(path);
  }
  return CLEAN;
}

/**
 * Checks the signatures and contents of exported records, and whether they agree as a policy asks.
 *
 * @returns `CLEAN` if those of each ebuild do, otherwise `FINDINGS`
 * @throws UserError if the policy cannot be read
 */
export function runRecordVerify(
  files: readonly string[],
  trust: string,
  world: Pick<RecordCommandWorld, 'judge' | 'print'>,
): number {
  const policy = readPolicy(trust);
  const groups = new Map<string, Vote[]>();
  let status = CLEAN;
  for (const file of files) {
    const read = readVote(file, policy, world);
    if (typeof read === 'string') {
      world.print(`${file}: ${read}`);
      status = FINDINGS;
      continue;
    }
    const { shared, keys } = read;
    const { record, result, inputsDigest } = shared;
    const { question } = shared.inputs;
    const name = `${question.category}/${question.packageAndVersion}::${question.repository}`;
    world.print(`${file}: ${name} by ${listNames(keys)}: ${describeResult(result)}`);
    const group = `${name}, inputs ${inputsDigest.slice(0, 12)}`;
    const vote = { keys, record, result, about: inputsDigest };
    groups.set(group, [...(groups.get(group) ?? []), vote]);
  }
  for (const [name, votes] of groups) {
    const agreement = findAgreement(votes, policy);
    if (agreement.kind !== 'agreed') status = FINDINGS;
    world.print(`${name}: ${describeAgreement(agreement, policy)}`);
  }
  return status;
}

function describeAgreement(agreement: ReturnType<typeof findAgreement>, { level }: Policy): string {
  switch (agreement.kind) {
    case 'agreed':
      return `answers, signed by ${listNames(agreement.keys)}`;
    case 'too-few':
      return `does not answer: signed by ${listNames(agreement.keys)}, and the policy asks for ${describeLevel(level)}`;
    case 'disagreed':
      return `does not answer: ${agreement.sides.map(({ keys }) => listNames(keys)).join(' against ')}`;
    default:
      return 'does not answer';
  }
}

/** Unpacks what gzip has packed, as the record in a binary package. Bytes that are nothing of the kind, or too many, stay as they are. */
function unpack(bytes: Buffer): Buffer {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: LARGEST_ENVELOPE });
  } catch {
    return bytes;
  }
}

/** @returns a clause if the file is no record that a key of the policy signed */
function readVote(
  file: string,
  policy: Policy,
  { judge }: Pick<RecordCommandWorld, 'judge'>,
): { readonly keys: readonly string[]; readonly shared: SharedRecord } | string {
  let problem = 'there is no such file';
  const bytes = readRegularFile(file, ['/'], (sentence) => (problem = sentence), LARGEST_ENVELOPE)?.bytes;
  if (bytes === undefined) return problem;
  const envelope = readEnvelope(unpack(bytes));
  if ('problem' in envelope) return `refused, because ${envelope.problem}`;
  const keys = findSigners(envelope, policy.keys).map(({ name }) => name);
  if (keys.length === 0)
    return envelope.signatures.length === 0
      ? 'refused, because it is not signed'
      : 'refused, because no key of the policy has signed it';
  const shared = readStatement(envelope.payload);
  if ('problem' in shared) return `refused, because ${shared.problem}`;
  if (!isOwnResult(shared, judge(shared.record)))
    return 'refused, because the findings that it states are not those of its own record';
  return { keys, shared };
}
