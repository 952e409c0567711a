import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { UserError } from '../errors/user-error.ts';
import { readText } from '../files/regular-file.ts';
import { fingerprintKey, KeyProblem, readOpensshPrivate, readPublicLine } from './openssh-key.ts';

/** A key that signs records. */
export interface SigningKey {
  readonly key: KeyObject;
  /** See {@link fingerprintKey}. */
  readonly id: string;
}

/** In bytes. An ed25519 key has some hundred. */
const LONGEST_KEY = 16 * 1024;

/**
 * Reads the private key of a file: ed25519, as PKCS8 in PEM, or in OpenSSH's format without a passphrase.
 *
 * @throws UserError that says what is wrong with it
 */
export function readSigningKey(path: string): SigningKey {
  let problem = '';
  const text = readText(path, ['/'], (sentence) => (problem = sentence), LONGEST_KEY);
  if (text === undefined)
    throw new UserError(problem || `The key ${path} does not exist: name the file of a private key.`);
  try {
    const key = readPrivate(text);
    return { key, id: fingerprintKey(createPublicKey(key)) };
  } catch (error) {
    if (!(error instanceof KeyProblem)) throw error;
    throw new UserError(
      `The key ${path} cannot sign, because ${error.message}: name an ed25519 key without a passphrase, such as "ssh-keygen -t ed25519 -N '' -f FILE" makes.`,
    );
  }
}

function readPrivate(text: string): KeyObject {
  if (/^\s*ssh-|-----BEGIN PUBLIC KEY-----/.test(text)) throw new KeyProblem('it is a public key');
  if (text.includes('-----BEGIN OPENSSH PRIVATE KEY-----')) return readOpensshPrivate(text);
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED/.test(text))
    throw new KeyProblem('it is encrypted');
  if (!text.includes('PRIVATE KEY-----')) throw new KeyProblem('it is not a private key');
  return requireEd25519(() => createPrivateKey(text));
}

/**
 * Reads a public key: a line of OpenSSH, or PEM.
 *
 * @throws KeyProblem
 */
export function readPublicKey(text: string): KeyObject {
  if (text.length > LONGEST_KEY) throw new KeyProblem('it is too long');
  if (/^\s*(?:ssh-|ecdsa-|sk-)/.test(text)) return readPublicLine(text);
  if (text.includes('PRIVATE KEY-----'))
    throw new KeyProblem('it is a private key, which nobody else may know');
  if (!text.includes('-----BEGIN PUBLIC KEY-----')) throw new KeyProblem('it is not a public key');
  return requireEd25519(() => createPublicKey(text));
}

function requireEd25519(read: () => KeyObject): KeyObject {
  let key: KeyObject;
  try {
    key = read();
  } catch {
    throw new KeyProblem('it is damaged');
  }
  const { asymmetricKeyType: kind } = key;
  if (kind !== 'ed25519') throw new KeyProblem(`it is a key of the kind ${kind}, and only ed25519 is read`);
  return key;
}
