import { createHash, sign } from 'node:crypto';
import { expect, test } from 'vitest';
import { encodeForSigning, findSigners, readEnvelope } from '../../server/src/sharing/envelope.ts';
import { makeBuilder, makePayload, signedBy } from './made-records.ts';

const [alice, bob] = [makeBuilder('alice'), makeBuilder('bob')];
const keys = [alice.trusted, bob.trusted];
const payload = makePayload();
const signersOf = (bytes: Buffer) => {
  const read = readEnvelope(bytes);
  return 'problem' in read ? read.problem : findSigners(read, keys).map(({ name }) => name);
};
const change = (bytes: Buffer, edit: (json: { readonly signatures: readonly object[] }) => object) =>
  Buffer.from(JSON.stringify(edit(JSON.parse(bytes.toString()))));

test('the bytes that are signed are those of the DSSE specification', () => {
  expect(encodeForSigning('http://example.com/HelloWorld', Buffer.from('hello world')).toString()).toBe(
    'DSSEv1 29 http://example.com/HelloWorld 11 hello world',
  );
  expect(encodeForSigning('é', Buffer.alloc(0)).toString()).toBe('DSSEv1 2 é 0 ');
});

test('the signers are found, and an id proves nothing', () => {
  expect(signersOf(signedBy(payload, alice))).toEqual(['alice']);
  expect(signersOf(signedBy(payload, bob, alice))).toEqual(['alice', 'bob']);
  expect(signersOf(signedBy(payload, alice, alice))).toEqual(['alice']);
  expect(signersOf(signedBy(payload))).toEqual([]);
  const mallory = makeBuilder('mallory');
  expect(signersOf(signedBy(payload, mallory))).toEqual([]);
  const withId = (bytes: Buffer, id: object) =>
    change(bytes, (json) => ({
      ...json,
      signatures: json.signatures.map((signature) => ({ ...signature, ...id })),
    }));
  expect(signersOf(withId(signedBy(payload, mallory), { keyid: alice.trusted.id }))).toEqual([]);
  expect(signersOf(withId(signedBy(payload, alice), { keyid: undefined }))).toEqual(['alice']);
});

test('a changed payload, and a signature of another type of payload, have no signer', () => {
  const envelope = signedBy(payload, alice);
  const other = Buffer.from(payload);
  other[100] = (other[100] ?? 0) ^ 1;
  expect(signersOf(change(envelope, (json) => ({ ...json, payload: other.toString('base64') })))).toEqual([]);
  const sig = sign(null, encodeForSigning('text/plain', payload), alice.signing.key).toString('base64');
  expect(signersOf(change(envelope, (json) => ({ ...json, signatures: [{ sig }] })))).toEqual([]);
});

test('base64 for URLs is read as well', () => {
  const envelope = change(signedBy(payload, alice), (json) => ({
    ...json,
    payload: payload.toString('base64url'),
  }));
  expect(signersOf(envelope)).toEqual(['alice']);
});

test('nonsense, a truncated envelope and another payload type are told of', () => {
  const envelope = signedBy(payload, alice);
  expect(signersOf(Buffer.from(''))).toBe('it is not JSON, or was cut off');
  expect(signersOf(envelope.subarray(0, -10))).toBe('it is not JSON, or was cut off');
  expect(signersOf(Buffer.from('{}'))).toBe('it is not a DSSE envelope of in-toto (payload is missing)');
  expect(signersOf(change(envelope, (json) => ({ ...json, payloadType: 'text/plain' })))).toMatch(
    /^it is not a DSSE envelope of in-toto \(payloadType is not "application/,
  );
  const many = Array.from({ length: 65 }, (_, at) => ({
    sig: createHash('sha512').update(`${at}`).digest('base64'),
  }));
  expect(signersOf(change(envelope, (json) => ({ ...json, signatures: many })))).toMatch(
    /signatures is too long/,
  );
});
