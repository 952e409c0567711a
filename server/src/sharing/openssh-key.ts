import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

/**
 * Reads ed25519 keys in the formats of OpenSSH: the lines of `.pub` files, and private keys without a passphrase (PROTOCOL.key of OpenSSH).
 */

const TYPE = 'ssh-ed25519';
const MAGIC = 'openssh-key-v1\0';
/** In bytes. */
const KEY_LENGTH = 32;

/** The beginnings of PKCS8 and SPKI for ed25519 (RFC 8410); the 32 bytes of the key follow. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

/** A text that is no key. The message is a clause such as `it is encrypted`. */
export class KeyProblem extends Error {
  override readonly name = 'KeyProblem';
}

/** Reads fields of SSH's wire format (RFC 4251, section 5), each no longer than what is left. */
function createReader(bytes: Buffer) {
  let at = 0;
  const take = (length: number): Buffer => {
    if (length > bytes.length - at) throw new KeyProblem('it is damaged');
    at += length;
    return bytes.subarray(at - length, at);
  };
  const number = () => take(4).readUInt32BE();
  const field = () => take(number());
  return { take, number, field, left: () => bytes.length - at };
}

function writeField(bytes: string | Uint8Array): Buffer {
  const content = Buffer.from(bytes as string);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return Buffer.concat([length, content]);
}

function publicFromBytes(bytes: Buffer): KeyObject {
  if (bytes.length !== KEY_LENGTH) throw new KeyProblem('it is damaged');
  return createPublicKey({ key: Buffer.concat([SPKI, bytes]), format: 'der', type: 'spki' });
}

/** Reads a line `ssh-ed25519 AAAA… comment`. @throws KeyProblem */
export function readPublicLine(line: string): KeyObject {
  const [type = '', encoded = ''] = line.trim().split(/\s+/);
  if (type !== TYPE) throw new KeyProblem(`it is a key of the kind ${type}, and only ed25519 is read`);
  const reader = createReader(Buffer.from(encoded, 'base64'));
  if (reader.field().toString('latin1') !== TYPE) throw new KeyProblem('it is damaged');
  const bytes = reader.field();
  if (reader.left() > 0) throw new KeyProblem('it is damaged');
  return publicFromBytes(bytes);
}

/** Reads the text of a private key of OpenSSH without a passphrase. @throws KeyProblem */
export function readOpensshPrivate(text: string): KeyObject {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END OPENSSH PRIVATE KEY-----/.exec(
    text,
  )?.[1];
  if (body === undefined) throw new KeyProblem('it is damaged');
  const reader = createReader(Buffer.from(body, 'base64'));
  if (reader.take(Math.min(MAGIC.length, reader.left())).toString('latin1') !== MAGIC)
    throw new KeyProblem('it is damaged');
  const [cipher, derivation] = [reader.field().toString('latin1'), reader.field().toString('latin1')];
  reader.field();
  if (cipher !== 'none' || derivation !== 'none') throw new KeyProblem('it is encrypted');
  if (reader.number() !== 1) throw new KeyProblem('it holds several keys');
  reader.field();
  return readPrivateBlock(createReader(reader.field()));
}

function readPrivateBlock(block: ReturnType<typeof createReader>): KeyObject {
  const check = block.number();
  if (block.number() !== check) throw new KeyProblem('it is damaged');
  const type = block.field().toString('latin1');
  if (type !== TYPE) throw new KeyProblem(`it is a key of the kind ${type}, and only ed25519 is read`);
  const known = block.field();
  const secret = block.field();
  if (secret.length !== 2 * KEY_LENGTH || !secret.subarray(KEY_LENGTH).equals(known))
    throw new KeyProblem('it is damaged');
  const key = createPrivateKey({
    key: Buffer.concat([PKCS8, secret.subarray(0, KEY_LENGTH)]),
    format: 'der',
    type: 'pkcs8',
  });
  // A signature with a public key that is another one would reveal the secret (RFC 8032, section 5.1.6).
  if (!bytesOf(createPublicKey(key)).equals(known)) throw new KeyProblem('it is damaged');
  return key;
}

function bytesOf(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'spki' }).subarray(-KEY_LENGTH);
}

/** The fingerprint of an ed25519 key as `ssh-keygen -l` prints it: `SHA256:…`. */
export function fingerprintKey(key: KeyObject): string {
  const blob = Buffer.concat([writeField(TYPE), writeField(bytesOf(key))]);
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}
