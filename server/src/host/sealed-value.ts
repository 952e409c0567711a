import { createHash } from 'node:crypto';

/** What sealed bytes turn out to be. */
export type Unsealed =
  | { readonly kind: 'whole'; readonly value: unknown }
  /** Written by a version with another form. */
  | { readonly kind: 'other-format' }
  /** Not as it was written: cut off, or changed. */
  | { readonly kind: 'damaged' };

const FIRST_LINE = /^ebuild-audit (\w+) (\d+) ([0-9a-f]{64})\n/;
/** The first line has no more characters than this. */
const FIRST_LINE_LENGTH = 120;

/**
 * Puts a value into bytes that tell whether they are whole: a line with what it is, the number of its form and the SHA-256 of the
 * rest, then JSON.
 *
 * @param kind one word, e.g. `record`
 * @param format raised when values have another form
 */
export function seal(kind: string, format: number, value: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(value));
  return Buffer.concat([Buffer.from(`ebuild-audit ${kind} ${format} ${digestOf(body)}\n`), body]);
}

/** Reads what {@link seal} made for the same kind and format; total. */
export function unseal(kind: string, format: number, bytes: Buffer): Unsealed {
  const [line = '', itsKind, itsFormat, digest] =
    FIRST_LINE.exec(bytes.toString('latin1', 0, FIRST_LINE_LENGTH)) ?? [];
  if (line === '' || itsKind !== kind) return { kind: 'damaged' };
  if (itsFormat !== String(format)) return { kind: 'other-format' };
  const body = bytes.subarray(line.length);
  if (digestOf(body) !== digest) return { kind: 'damaged' };
  try {
    return { kind: 'whole', value: JSON.parse(body.toString('utf8')) };
  } catch {
    return { kind: 'damaged' };
  }
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
