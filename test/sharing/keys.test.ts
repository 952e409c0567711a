import { spawnSync } from 'node:child_process';
import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPublicKey, readSigningKey } from '../../server/src/sharing/keys.ts';
import { fingerprintKey } from '../../server/src/sharing/openssh-key.ts';
import { findInPath, requireOrSkip } from '../support/requirement.ts';

/** Made by `ssh-keygen -t ed25519 -N ''` for this test. */
const PRIVATE = `-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW
QyNTUxOQAAACCSefhkzG3sNJoZp91pVtkTgtRdrSQfpHJMDt+V/u6WPgAAAIhJ7JM9SeyT
PQAAAAtzc2gtZWQyNTUxOQAAACCSefhkzG3sNJoZp91pVtkTgtRdrSQfpHJMDt+V/u6WPg
AAAEDid7HGS7lakTUe9rgJEvtkueK/+iYkpqd7+lV9dznrQ5J5+GTMbew0mhmn3WlW2ROC
1F2tJB+kckwO35X+7pY+AAAAAWMBAgME
-----END OPENSSH PRIVATE KEY-----
`;
const PUBLIC = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJJ5+GTMbew0mhmn3WlW2ROC1F2tJB+kckwO35X+7pY+ c\n';
const FINGERPRINT = 'SHA256:FxGqYkkj7VQ88dKaMhnnjKUcM+QNsQwvnLCLTyeNgW4';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-keys-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
const write = (text: string | Buffer) => {
  const path = join(folder, 'key');
  writeFileSync(path, text);
  return path;
};
const problemOf = (text: string | Buffer) => {
  try {
    readSigningKey(write(text));
  } catch (error) {
    return /because (.*): name/.exec((error as Error).message)?.[1];
  }
  return undefined;
};

describe('a private key', () => {
  test('of OpenSSH signs, and has the fingerprint that ssh-keygen prints', () => {
    const { key, id } = readSigningKey(write(PRIVATE));
    expect(id).toBe(FINGERPRINT);
    const message = Buffer.from('a message');
    expect(verify(null, message, readPublicKey(PUBLIC), sign(null, message, key))).toBe(true);
  });

  test('in PEM signs', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const { key, id } = readSigningKey(write(privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()));
    expect(id).toBe(fingerprintKey(publicKey));
    expect(createPublicKey(key).equals(publicKey)).toBe(true);
  });

  test('that is encrypted, of another kind, public or damaged is told of', () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const asPem = (key: typeof rsa, more = {}) =>
      key.export({ format: 'pem', type: 'pkcs8', ...more } as never).toString();
    expect(problemOf(asPem(privateKey, { cipher: 'aes-256-cbc', passphrase: 'x' }))).toBe('it is encrypted');
    expect(problemOf(asPem(rsa))).toBe('it is a key of the kind rsa, and only ed25519 is read');
    expect(problemOf(PUBLIC)).toBe('it is a public key');
    expect(problemOf('nonsense')).toBe('it is not a private key');
    expect(problemOf('-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n')).toBe('it is damaged');
    expect(problemOf('-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA')).toBe('it is damaged');
    expect(() => readSigningKey(join(folder, 'missing'))).toThrow(/does not exist: name the file/);
  });

  test('of OpenSSH with any byte changed or cut off is damaged, or the same key', () => {
    const [head = '', ...rest] = PRIVATE.trim().split('\n');
    const bytes = Buffer.from(rest.slice(0, -1).join(''), 'base64');
    const armour = (content: Buffer) => `${head}\n${content.toString('base64')}\n${rest.at(-1)}\n`;
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 0x41;
      for (const content of [changed, bytes.subarray(0, at)]) {
        const problem = problemOf(armour(content));
        if (problem === undefined) expect(readSigningKey(write(armour(content))).id).toBe(FINGERPRINT);
        else expect(problem).toMatch(/^it (?:is|holds) /);
      }
    }
  });

  const missing = findInPath('ssh-keygen')
    ? undefined
    : 'there is no ssh-keygen (apt install openssh-client)';
  requireOrSkip(missing)('that ssh-keygen makes is read, unless it has a passphrase', () => {
    const make = (name: string, kind: string, passphrase: string) => {
      const path = join(folder, name);
      spawnSync('ssh-keygen', ['-q', '-t', kind, '-N', passphrase, '-C', 'x', '-f', path]);
      return path;
    };
    const path = make('plain', 'ed25519', '');
    const { stdout } = spawnSync('ssh-keygen', ['-lf', `${path}.pub`], { encoding: 'utf8' });
    expect(readSigningKey(path).id).toBe(stdout.split(' ')[1]);
    expect(fingerprintKey(readPublicKey(readFileSync(`${path}.pub`, 'utf8')))).toBe(stdout.split(' ')[1]);
    expect(() => readSigningKey(make('closed', 'ed25519', 'secret'))).toThrow(/because it is encrypted:/);
    expect(() => readSigningKey(make('other', 'ecdsa', ''))).toThrow(
      /the kind ecdsa-sha2-nistp256, and only/,
    );
  });
});

test('a public key of another kind, a private or a damaged one is none', () => {
  expect(() => readPublicKey('ssh-rsa AAAA')).toThrow(
    'it is a key of the kind ssh-rsa, and only ed25519 is read',
  );
  expect(() => readPublicKey('ssh-ed25519 AAAA')).toThrow('it is damaged');
  expect(() => readPublicKey(PUBLIC.replace('AAAAIJ', 'AAAAAJ'))).toThrow('it is damaged');
  expect(() => readPublicKey(PRIVATE)).toThrow('it is a private key, which nobody else may know');
  expect(() => readPublicKey('')).toThrow('it is not a public key');
});
