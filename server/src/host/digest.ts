import { createHash } from 'node:crypto';

/** The SHA-256 of a value's JSON, in hexadecimal: 64 characters. Of objects that are equal, the keys must stand in the same order. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
