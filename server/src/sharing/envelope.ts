import { type KeyObject, sign, verify } from 'node:crypto';
import type { SigningKey } from './keys.ts';
import { list, matchShape, object, oneOf, text } from './shape.ts';

/** A signed or unsigned statement (DSSE 1.0, https://github.com/secure-systems-lab/dsse). */
export interface Envelope {
  /** The bytes of the statement. */
  readonly payload: Buffer;
  readonly signatures: readonly { readonly keyid: string; readonly sig: Buffer }[];
}

/** The payload type of in-toto. */
export const PAYLOAD_TYPE = 'application/vnd.in-toto+json';

/** In bytes. The largest records, with 20,000 installed files, have some megabytes. */
export const LARGEST_ENVELOPE = 16 * 2 ** 20;
const MOST_SIGNATURES = 64;
/** Each takes time in proportion to the payload, and anybody may write an envelope. */
const MOST_TRIES = 100;

const ENVELOPE = object<{
  readonly payload: string;
  readonly payloadType: typeof PAYLOAD_TYPE;
  readonly signatures: readonly { readonly keyid?: string; readonly sig: string }[];
}>(
  {
    payload: text(LARGEST_ENVELOPE),
    payloadType: oneOf(PAYLOAD_TYPE),
    signatures: list(object({ sig: text(1000) }, { keyid: text(1000) }), MOST_SIGNATURES),
  },
  {},
);

/** The bytes that are signed: the pre-authentication encoding of DSSE. */
export function encodeForSigning(payloadType: string, payload: Uint8Array): Buffer {
  const type = Buffer.from(payloadType, 'utf8');
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${type.length} `),
    type,
    Buffer.from(` ${payload.length} `),
    payload,
  ]);
}

/** Writes an envelope as JSON. @param keys none: it is not signed */
export function writeEnvelope(payload: Buffer, keys: readonly SigningKey[]): string {
  const signed = encodeForSigning(PAYLOAD_TYPE, payload);
  return `${JSON.stringify({
    payload: payload.toString('base64'),
    payloadType: PAYLOAD_TYPE,
    signatures: keys.map(({ key, id }) => ({ keyid: id, sig: sign(null, signed, key).toString('base64') })),
  })}\n`;
}

/** Reads an envelope. Total. The problem is a clause, e.g. `it is not JSON`. */
export function readEnvelope(bytes: Uint8Array): Envelope | { readonly problem: string } {
  if (bytes.length > LARGEST_ENVELOPE) return { problem: 'it is too large' };
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return { problem: 'it is not JSON, or was cut off' };
  }
  const read = matchShape(ENVELOPE, json);
  if ('problem' in read) return { problem: `it is not a DSSE envelope of in-toto (${read.problem})` };
  // Node decodes both alphabets, as DSSE demands.
  return {
    payload: Buffer.from(read.value.payload, 'base64'),
    signatures: read.value.signatures.map(({ keyid = '', sig }) => ({
      keyid,
      sig: Buffer.from(sig, 'base64'),
    })),
  };
}

/**
 * Finds the keys that signed an envelope. The ids in it prove nothing: an id only says which key is tried, and without one all are.
 *
 * @returns each key once
 */
export function findSigners<Key extends { readonly key: KeyObject; readonly id: string }>(
  { payload, signatures }: Envelope,
  keys: readonly Key[],
): readonly Key[] {
  const signed = encodeForSigning(PAYLOAD_TYPE, payload);
  const tries = signatures.flatMap(({ keyid, sig }) =>
    keys.filter(({ id }) => keyid === '' || keyid === id).map((key) => ({ key, sig })),
  );
  const signers = tries.slice(0, MOST_TRIES).filter(({ key, sig }) => verify(null, signed, key.key, sig));
  return keys.filter((key) => signers.some((signer) => signer.key === key));
}
