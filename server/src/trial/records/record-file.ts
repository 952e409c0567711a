import type { ExportedView, TrialRecord, TrialTime } from '../../audit/record.ts';
import { digestOf } from '../../host/digest.ts';
import { seal, type Unsealed, unseal } from '../../host/sealed-value.ts';
import type { InputBasis, Inputs } from '../inputs.ts';

/** Raise it when the format of the file changes, or a trial records something else for the same inputs. */
export const FORMAT = 15;

/** The inputs of a trial that are known before any file is read. */
export interface Question {
  /** The Gentoo system, as an absolute path of this machine. */
  readonly root: string;
  /** Absolute path of the ebuild, links resolved. */
  readonly file: string;
  /** Name and version. */
  readonly packageManager: string;
  readonly productVersion: string;
  /** The text without the comments that ignore findings. */
  readonly bareText: string;
}

/** The extent of a trial; see `TrialRequest`. */
export interface TrialExtent {
  readonly quick: boolean;
  readonly matrix: 'none' | 'single' | 'pairwise';
  readonly tests?: boolean;
  readonly flags?: readonly string[];
}

/** Whether a trial of one extent finds everything that a trial of another one would find. */
export function covers(done: TrialExtent, asked: TrialExtent): boolean {
  const matrices = ['none', 'single', 'pairwise'];
  if ((asked.tests === true) !== (done.tests === true)) return false;
  const tried = done.flags;
  const isWider =
    tried === undefined ||
    asked.matrix === 'none' ||
    asked.flags?.every((flag) => tried.includes(flag)) === true;
  return (
    (asked.quick || !done.quick) && isWider && matrices.indexOf(done.matrix) >= matrices.indexOf(asked.matrix)
  );
}

/** A trial that has ended, with all of its inputs. */
export interface StoredTrial {
  readonly question: Question;
  readonly extent: TrialExtent;
  /** Time of its end, in milliseconds since the epoch. */
  readonly ended: number;
  /** Absent in a file of an earlier version. */
  readonly time?: TrialTime;
  readonly basis: InputBasis;
  readonly inputs: Inputs;
  readonly record: TrialRecord;
  /** Absent if the view was not exported since. */
  readonly view?: ExportedView;
}

/** The result of reading the file of a record. */
export type ReadRecord =
  | { readonly kind: 'whole'; readonly stored: StoredTrial }
  | Exclude<Unsealed, { readonly kind: 'whole' }>;

/** The bytes of a record's file. */
export function encodeRecord(stored: StoredTrial): Buffer {
  return seal('record', FORMAT, stored);
}

/** Reads the bytes that {@link encodeRecord} made. Total. */
export function decodeRecord(bytes: Buffer): ReadRecord {
  const read = unseal('record', FORMAT, bytes);
  // The seal proves that a program with this format wrote it.
  return read.kind === 'whole' ? { kind: 'whole', stored: read.value as StoredTrial } : read;
}

/**
 * The name of a record's file: digests of the ebuild, of the question, and of all other inputs with the extent. So the names for one ebuild
 * begin alike.
 */
export function nameOfRecord({ question, inputs, extent }: StoredTrial): string {
  const sorted = Object.entries(inputs).sort(([left], [right]) => (left < right ? -1 : 1));
  return `${startOfAnswers(question)}${shortDigest([sorted, extent])}.record`;
}

/** The beginning of the names of all records of one question. */
export function startOfAnswers(question: Question): string {
  return `${startOfRecords(question)}${shortDigest(question)}-`;
}

/** The beginning of the names of all records of an ebuild. */
export function startOfRecords({ root, file }: Pick<Question, 'root' | 'file'>): string {
  return `${shortDigest([root, file])}-`;
}

const shortDigest = (value: unknown) => digestOf(value).slice(0, 24);
