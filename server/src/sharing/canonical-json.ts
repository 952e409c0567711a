import { createHash } from 'node:crypto';

/** Writes plain data as JSON with sorted keys and no blanks, so that the same data is the same text on every machine. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : 1)))
      : inner,
  );
}

/** The SHA-256 of {@link canonicalJson} as 64 hexadecimal digits. */
export function canonicalDigest(value: unknown): string {
  return sha256(canonicalJson(value));
}

/** The SHA-256 as 64 hexadecimal digits. */
export function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
