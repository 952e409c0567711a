import type { Verdict } from '../audit/finding.ts';
import type { TrialRecord } from '../audit/record.ts';
import { withoutIgnoreComments } from '../audit/silencing/ignore-comment.ts';
import type { EbuildFacts } from '../ebuild/ebuild-facts.ts';
import { UserError } from '../errors/user-error.ts';
import { locateForTrial } from '../evaluation/work-folder.ts';
import type { EbuildLocation } from '../repository/ebuild-location.ts';
import { readRepository } from '../repository/repository.ts';
import { writeEnvelope } from '../sharing/envelope.ts';
import { readSigningKey } from '../sharing/keys.ts';
import { readMachineNames } from '../sharing/machine-names.ts';
import { keyOfQuestion } from '../sharing/portable-inputs.ts';
import { askPortably, createInputsReader } from '../sharing/read-inputs.ts';
import { writeStatement } from '../sharing/statement.ts';
import { openTrialRecords, type RecordWorld } from '../trial/records/trial-records.ts';

/** What the making of an envelope uses. */
export interface EnvelopeWorld {
  findBuilder(): Promise<RecordWorld>;
  /** Limit for stored records in bytes. */
  readonly storage: number;
  readFile(path: string): Promise<string>;
  readFacts(text: string): EbuildFacts;
  /** Judges a record against its own text, without ignore rules. */
  judge(record: TrialRecord): Verdict;
  /** One sentence for standard error. */
  complain(sentence: string): void;
}

/**
 * Makes the envelope of the newest record of an ebuild that still holds.
 *
 * @param keyFile the private key to sign with; undefined: the envelope is not signed
 * @returns the envelope, and the key under which a store has it
 * @throws UserError if there is no such record, or it cannot be signed
 */
export async function makeEnvelope(
  file: string,
  keyFile: string | undefined,
  world: EnvelopeWorld,
): Promise<{ readonly key: string; readonly envelope: string }> {
  const keys = keyFile === undefined ? [] : [readSigningKey(keyFile)];
  const location = locateForTrial(file, false);
  const facts = world.readFacts(await world.readFile(file));
  const builder = await world.findBuilder();
  const stored = await openTrialRecords(builder, world.storage, world.complain).findHolding(location, facts);
  if (stored === undefined)
    throw new UserError(
      `There is no record of ${file} that another could use: run "ebuild-audit trial ${file}".`,
    );
  if ('change' in stored)
    throw new UserError(
      `The record of ${file} no longer holds, because ${stored.change} has changed: run "ebuild-audit trial ${file}".`,
    );
  const { rootPath, home } = builder;
  const reader = createInputsReader(rootPath, home);
  const question = askPortably(location, withoutIgnoreComments(facts), stored.question.packageManager);
  const basis = await reader.basisOf(location, stored);
  const { inputs } = await reader.read(location, question, stored.extent, basis);
  const layers = [stored.record, ...stored.record.variants].flatMap(({ layers: of = [] }) => of);
  const binaryPackages = [...new Map(layers.map(({ id, digest }) => [id, { name: id, digest }])).values()];
  const payload = writeStatement({
    record: stored.record,
    judge: world.judge,
    inputs: layers.length === 0 ? inputs : { ...inputs, binaryPackages },
    basis,
    names: readMachineNames(rootPath, home, location.repository, nameOfRepository(location)),
  });
  return { key: keyOfQuestion(question), envelope: writeEnvelope(payload, keys) };
}

function nameOfRepository({ repository }: EbuildLocation): string {
  return readRepository(repository, () => {}).name;
}
