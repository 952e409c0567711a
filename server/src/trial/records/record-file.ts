import type { TrialRecord } from '../../audit/record.ts';
import { digestOf } from '../../host/digest.ts';
import { seal, type Unsealed, unseal } from '../../host/sealed-value.ts';
import type { InputBasis, Inputs } from '../inputs.ts';

/** Raised when the file has another form, or a trial records something else under the same name. */
export const FORMAT = 5;

/** What a trial is asked: what of its inputs is known before anything is read. */
export interface Question {
  /** The Gentoo system, as an absolute path of this machine. */
  readonly root: string;
  /** Absolute path of the ebuild, links resolved. */
  readonly file: string;
  /** Name and version. */
  readonly packageManager: string;
  readonly productVersion: string;
  readonly text: string;
}

/** How much a trial is to find out; see `TrialRequest`. */
export interface TrialExtent {
  readonly quick: boolean;
  readonly matrix: 'none' | 'single' | 'pairwise';
}

/** Whether a trial of one extent finds out what one of another would. */
export function covers(done: TrialExtent, asked: TrialExtent): boolean {
  const matrices = ['none', 'single', 'pairwise'];
  return (asked.quick || !done.quick) && matrices.indexOf(done.matrix) >= matrices.indexOf(asked.matrix);
}

/** A trial that has come to its end, with everything that it rests on. */
export interface StoredTrial {
  readonly question: Question;
  readonly extent: TrialExtent;
  /** When it ended, in milliseconds since the epoch. */
  readonly ended: number;
  readonly basis: InputBasis;
  readonly inputs: Inputs;
  readonly record: TrialRecord;
}

/** What a file turns out to be. */
export type ReadRecord =
  | { readonly kind: 'whole'; readonly stored: StoredTrial }
  | Exclude<Unsealed, { readonly kind: 'whole' }>;

/** The bytes of a record's file. */
export function encodeRecord(stored: StoredTrial): Buffer {
  return seal('record', FORMAT, stored);
}

/** Reads what {@link encodeRecord} made; total. */
export function decodeRecord(bytes: Buffer): ReadRecord {
  const read = unseal('record', FORMAT, bytes);
  // Sealed with this number, it is what a program of this format wrote.
  return read.kind === 'whole' ? { kind: 'whole', stored: read.value as StoredTrial } : read;
}

/**
 * The name of a record's file: whose ebuild it is, what was asked, and a digest of everything else that the trial rests on and of its
 * extent. Records of the same ebuild begin alike.
 */
export function nameOfRecord({ question, inputs, extent }: StoredTrial): string {
  const sorted = Object.entries(inputs).sort(([left], [right]) => (left < right ? -1 : 1));
  return `${startOfAnswers(question)}${shortDigest([sorted, extent])}.record`;
}

/** How the names of all records begin that were made when the same was asked. */
export function startOfAnswers(question: Question): string {
  return `${startOfRecords(question)}${shortDigest(question)}-`;
}

/** How the names of all records of an ebuild begin. */
export function startOfRecords({ root, file }: Pick<Question, 'root' | 'file'>): string {
  return `${shortDigest([root, file])}-`;
}

const shortDigest = (value: unknown) => digestOf(value).slice(0, 24);
