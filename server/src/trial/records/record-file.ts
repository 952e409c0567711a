import { createHash } from 'node:crypto';
import type { TrialRecord } from '../../audit/record.ts';
import type { InputBasis, Inputs } from './inputs.ts';

/** Raised when the file has another form, or a trial records something else under the same name. */
export const FORMAT = 1;

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

/** A trial that has come to its end, with everything that it rests on. */
export interface StoredTrial {
  readonly question: Question;
  /** When it ended, in milliseconds since the epoch. */
  readonly ended: number;
  readonly basis: InputBasis;
  readonly inputs: Inputs;
  readonly record: TrialRecord;
}

/** What a file turns out to be. */
export type ReadRecord =
  | { readonly kind: 'whole'; readonly stored: StoredTrial }
  /** Written by a version with another form. */
  | { readonly kind: 'other-format' }
  /** Not as it was written: cut off, or changed. */
  | { readonly kind: 'damaged' };

const FIRST_LINE = /^ebuild-audit record (\d+) ([0-9a-f]{64})\n/;
/** The first line has no more characters than this. */
const FIRST_LINE_LENGTH = 100;

/** The bytes of a file: a line with the form and the SHA-256 of the rest, then JSON. */
export function encodeRecord(stored: StoredTrial): Buffer {
  const body = Buffer.from(JSON.stringify(stored));
  return Buffer.concat([Buffer.from(`ebuild-audit record ${FORMAT} ${digestOf(body)}\n`), body]);
}

/** Reads what {@link encodeRecord} made; total. */
export function decodeRecord(bytes: Buffer): ReadRecord {
  const [line = '', format = '', digest = ''] =
    FIRST_LINE.exec(bytes.toString('latin1', 0, FIRST_LINE_LENGTH)) ?? [];
  if (line === '') return { kind: 'damaged' };
  if (format !== String(FORMAT)) return { kind: 'other-format' };
  const body = bytes.subarray(line.length);
  // With this digest, the body is what a program of this format wrote.
  if (digestOf(body) !== digest) return { kind: 'damaged' };
  try {
    return { kind: 'whole', stored: JSON.parse(body.toString('utf8')) as StoredTrial };
  } catch {
    return { kind: 'damaged' };
  }
}

/**
 * The name of a record's file: whose ebuild it is, what was asked, and a digest of everything else that the trial rests on. Records of
 * the same ebuild begin alike.
 */
export function nameOfRecord(question: Question, inputs: Inputs): string {
  const sorted = Object.entries(inputs).sort(([left], [right]) => (left < right ? -1 : 1));
  return `${startOfAnswers(question)}${shortDigest(sorted)}.record`;
}

/** How the names of all records begin that were made when the same was asked. */
export function startOfAnswers(question: Question): string {
  return `${startOfRecords(question)}${shortDigest(question)}-`;
}

/** How the names of all records of an ebuild begin. */
export function startOfRecords({ root, file }: Pick<Question, 'root' | 'file'>): string {
  return `${shortDigest([root, file])}-`;
}

const shortDigest = (value: unknown) => digestOf(Buffer.from(JSON.stringify(value))).slice(0, 24);

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
