import { createHash } from 'node:crypto';

/** The result of reading sealed bytes. */
export type Unsealed =
  | { readonly kind: 'whole'; readonly value: unknown }
  /** Written by a version with another format. */
  | { readonly kind: 'other-format' }
  /** Cut off or changed since it was written. */
  | { readonly kind: 'damaged' };

const FIRST_LINE = /^ebuild-audit (\w+) (\d+) ([0-9a-f]{64})\n/;
/** Limit in characters. */
const FIRST_LINE_LENGTH = 120;

/**
 * Encodes a value as bytes in which damage is noticed: a line with the kind, the format and the SHA-256 of the rest, then JSON.
 *
 * @param kind one word, e.g. `record`
 * @param format a number that is raised when the form of values changes
 */
export function seal(kind: string, format: number, value: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(value));
  return Buffer.concat([Buffer.from(`ebuild-audit ${kind} ${format} ${digestOf(body)}\n`), body]);
}

/** Reads the bytes that {@link seal} made for the same kind and format. Total. */
export function unseal(kind: string, format: number, bytes: Buffer): Unsealed {
  const [line = '', foundKind, foundFormat, digest] =
    FIRST_LINE.exec(bytes.toString('latin1', 0, FIRST_LINE_LENGTH)) ?? [];
  if (line === '' || foundKind !== kind) return { kind: 'damaged' };
  if (foundFormat !== String(format)) return { kind: 'other-format' };
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
