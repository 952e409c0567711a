/**
 * A record as an in-toto Statement v1 (https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md). docs/sharing.md describes the
 * predicate, docs/schemas/record-v1.schema.json has its schema.
 */
import type { Finding, Verdict } from '../audit/finding.ts';
import type { TrialRecord } from '../audit/record.ts';
import { UserError } from '../errors/user-error.ts';
import { isAnswer, isIndependent } from '../trial/records/trial-records.ts';
import { canonicalDigest, canonicalJson, sha256 } from './canonical-json.ts';
import { type MachineNames, withoutMachineNames } from './machine-names.ts';
import { BASIS, digestInputs, INPUTS, type PortableBasis, type PortableInputs } from './portable-inputs.ts';
import { DIGEST, FLAG, RECORD } from './record-shape.ts';
import { list, matchShape, object, oneOf, text, word } from './shape.ts';

export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
export const PREDICATE_TYPE = 'https://github.com/ebuild-audit/ebuild-audit/record/v1';

/** What a trial found, as far as two builders can agree on it. */
export interface SharedResult {
  readonly outcome: TrialRecord['outcome'];
  readonly state: Verdict['state'];
  readonly findings: readonly SharedFinding[];
  /** The images of the USE states, as far as the record has their digests. */
  readonly images: readonly { readonly use: readonly string[]; readonly digest: string }[];
}

interface SharedFinding {
  readonly code: string;
  readonly severity: Finding['severity'];
  readonly message: string;
  /** Names of the package that it is about. */
  readonly about: readonly string[];
  /** The title of its fix; empty without one. */
  readonly fix: string;
}

interface Predicate {
  readonly builder: { readonly product: string; readonly packageManager: string };
  readonly inputs: PortableInputs;
  readonly basis: PortableBasis;
  readonly result: SharedResult;
  /** What could not be seen. */
  readonly gaps: readonly string[];
  readonly record: TrialRecord;
}

interface Statement {
  readonly _type: typeof STATEMENT_TYPE;
  readonly subject: readonly { readonly name: string; readonly digest: { readonly sha256: string } }[];
  readonly predicateType: typeof PREDICATE_TYPE;
  readonly predicate: Predicate;
}

/** A statement that was read and is consistent in itself. */
export interface SharedRecord extends Predicate {
  /** See `digestInputs`. */
  readonly inputsDigest: string;
}

const RESULT = object<SharedResult>(
  {
    outcome: oneOf('passed', 'failed'),
    state: oneOf('verified', 'not-verified'),
    findings: list(
      object<SharedFinding>(
        {
          code: word(/^[\w:-]+$/, 'the code of a finding', 200),
          severity: oneOf('error', 'warning', 'information', 'hint'),
          message: text(20_000),
          about: list(word(/^[\w+.-]+\/[\w+.-]+$/, 'the name of a package', 300), 1000),
          fix: text(20_000),
        },
        {},
      ),
    ),
    images: list(object({ use: list(FLAG, 10_000), digest: DIGEST }, {}), 10_000),
  },
  {},
);

export const STATEMENT = object<Statement>(
  {
    _type: oneOf(STATEMENT_TYPE),
    subject: list(object({ name: text(10_000), digest: object({ sha256: DIGEST }, {}) }, {}), 10_000),
    predicateType: oneOf(PREDICATE_TYPE),
    predicate: object<Predicate>(
      {
        builder: object({ product: text(200), packageManager: text(200) }, {}),
        inputs: INPUTS,
        basis: BASIS,
        result: RESULT,
        gaps: list(text(10_000), 1000),
        record: RECORD,
      },
      {},
    ),
  },
  {},
);

/** The result of a record that was judged against its own text, without ignore rules. */
export function resultOf(record: TrialRecord, { findings, state }: Verdict): SharedResult {
  return {
    outcome: record.outcome,
    state,
    findings: findings
      .map(({ code, severity, message, about, fix }) => ({
        code,
        severity,
        message,
        about: [...about],
        fix: fix?.title ?? '',
      }))
      .sort((left, right) => (canonicalJson(left) < canonicalJson(right) ? -1 : 1)),
    images: [record, ...record.variants].flatMap(({ image, use, iuse }) =>
      image === undefined ? [] : [{ use: use.filter((name) => iuse.includes(name)).sort(), digest: image }],
    ),
  };
}

/** The digest of a result: the same for builders who agree. Sentences do not count, because they name the first of several accesses. */
export function digestResult({ findings, ...rest }: SharedResult): string {
  const judged = findings.map(({ code, severity, about, fix }) =>
    canonicalJson([code, severity, about, fix]),
  );
  return canonicalDigest({ ...rest, findings: judged.sort() });
}

const imageSubjects = ({ images }: SharedResult) =>
  images.map(({ use, digest }) => ({ name: `image USE="${use.join(' ')}"`, digest: { sha256: digest } }));

const subjectsOf = (inputs: PortableInputs, result: SharedResult): Statement['subject'] => [
  { name: 'inputs', digest: { sha256: digestInputs(inputs) } },
  ...imageSubjects(result),
];

export interface Travelling {
  readonly record: TrialRecord;
  /** Judges a record against its own text, without ignore rules. */
  readonly judge: (record: TrialRecord) => Verdict;
  readonly inputs: PortableInputs;
  readonly basis: PortableBasis;
  readonly names: MachineNames;
}

/**
 * Writes the statement of a record, without anything that names this machine.
 *
 * @throws UserError if the record has something that no other machine would take
 */
export function writeStatement({ record, judge, inputs, basis, names }: Travelling): Buffer {
  const bare = (state: TrialRecord): TrialRecord => {
    const { log: _, storedAt: __, time: ___, view: ____, sharedBy: _____, disputes: ______, ...rest } = state;
    return { ...rest, log: '', text: state.bareText, variants: state.variants.map(bare) };
  };
  const cleaned = withoutMachineNames(bare(record), names);
  const result = resultOf(cleaned, judge(cleaned));
  const { packageManager, product } = inputs.question;
  const predicate: Predicate = {
    builder: { product: `Ebuild Audit ${product}`, packageManager },
    inputs,
    basis,
    result,
    gaps: cleaned.gaps,
    record: cleaned,
  };
  const statement: Statement = {
    _type: STATEMENT_TYPE,
    subject: subjectsOf(inputs, result),
    predicateType: PREDICATE_TYPE,
    predicate,
  };
  const payload = Buffer.from(canonicalJson(statement));
  const again = readStatement(payload);
  if ('problem' in again)
    throw new UserError(
      `The record of ${record.category}/${record.packageAndVersion} cannot be exported, because others would refuse it: ${again.problem}.`,
    );
  return payload;
}

/** Reads a statement, and checks that its parts belong together. Total. The problem is a clause. */
export function readStatement(payload: Uint8Array): SharedRecord | { readonly problem: string } {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(payload).toString('utf8'));
  } catch {
    return { problem: 'its statement is not JSON' };
  }
  const read = matchShape(STATEMENT, json);
  if ('problem' in read) return { problem: `its statement has another form (${read.problem})` };
  const { subject, predicate } = read.value;
  const problem = findContradiction(subject, predicate);
  return problem === undefined ? { ...predicate, inputsDigest: digestInputs(predicate.inputs) } : { problem };
}

function findContradiction(subject: Statement['subject'], predicate: Predicate): string | undefined {
  const { inputs, basis, record, result, builder } = predicate;
  const { question } = inputs;
  if (canonicalJson(subject) !== canonicalJson(subjectsOf(inputs, result)))
    return 'its subjects are not the digests of its inputs and images';
  const states = [record, ...record.variants];
  const isOfQuestion =
    states.every(
      ({ category, packageAndVersion, packageManager, text, bareText }) =>
        category === question.category &&
        packageAndVersion === question.packageAndVersion &&
        packageManager === question.packageManager &&
        text === bareText,
    ) && builder.packageManager === question.packageManager;
  if (!isOfQuestion) return 'its record is of another package or package manager than its inputs';
  if (states.some(({ bareText }) => sha256(bareText) !== question.text))
    return 'its record is of another text than its inputs';
  if (canonicalJson(basis.dependencies) !== canonicalJson(record.evaluated))
    return 'its inputs follow from other dependencies than those of its record';
  if (basis.packages !== 'all' && !states.every(isIndependent))
    return 'its inputs leave out packages on which its findings depend';
  if (!states.every(isAnswer)) return 'its build failed for a reason that says nothing about dependencies';
  return undefined;
}

/** Whether the result of a statement is that of its record, judged here. */
export function isOwnResult({ record, result }: SharedRecord, verdict: Verdict): boolean {
  return digestResult(resultOf(record, verdict)) === digestResult(result);
}
