import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readEntries, writeEntries } from '../../server/src/sharing/action-result.ts';
import { sha256 } from '../../server/src/sharing/canonical-json.ts';
import { createEnvelopeStore, readLooseEnvelopes } from '../../server/src/sharing/envelope-store.ts';
import { openObjectStore } from '../../server/src/sharing/open-store.ts';
import { missingGit } from '../review/git-repository.ts';
import { requireOrSkip } from '../support/requirement.ts';

const KEY = '12'.repeat(32);
const [FIRST, SECOND] = [Buffer.from('first'), Buffer.from('second')];
/** In milliseconds. */
const PATIENCE = 300;

let folder: string;
let server: Server;
let address: string;
/** What the server has, by path. */
let objects: Map<string, Buffer>;
/** Takes a request in place of the server. */
let answer: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
let requests: string[];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-store-'));
  objects = new Map();
  requests = [];
  answer = undefined;
  server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url} ${request.headers.authorization ?? ''}`.trim());
    if (answer !== undefined) return answer(request, response);
    const path = request.url ?? '';
    if (request.method === 'GET') {
      const found = objects.get(path);
      response.writeHead(found === undefined ? 404 : 200).end(found);
      return;
    }
    const parts: Buffer[] = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      objects.set(path, Buffer.concat(parts));
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function open(place: string) {
  const said: string[] = [];
  const store = createEnvelopeStore(openObjectStore(place, PATIENCE), (sentence) => said.push(sentence));
  const find = async () => (await store.find(KEY)).map(({ bytes }) => bytes.toString());
  return { store, find, said };
}

type Kind = 'folder' | 'server' | 'branch';

function placeOf(kind: Kind): string {
  if (kind === 'folder') return folder;
  if (kind === 'server') return `${address}/instance`;
  if (!existsSync(join(folder, '.git'))) git('init', '--quiet', '--initial-branch=main');
  return `git:${folder}#records/of-us`;
}

function git(...words: string[]): string {
  const identity = {
    GIT_AUTHOR_NAME: 'A',
    GIT_AUTHOR_EMAIL: 'a@b',
    GIT_COMMITTER_NAME: 'A',
    GIT_COMMITTER_EMAIL: 'a@b',
  };
  return execFileSync('git', words, {
    cwd: folder,
    env: { ...process.env, ...identity },
    encoding: 'utf8',
  }).trim();
}

/** Writes or removes an object behind the store's back. */
function replaceIn(kind: Kind, path: string, bytes: Buffer | undefined): void {
  if (kind === 'server') {
    if (bytes === undefined) objects.delete(`/instance/${path}`);
    else objects.set(`/instance/${path}`, bytes);
    return;
  }
  if (kind === 'branch') git('checkout', '--quiet', 'records/of-us');
  if (bytes === undefined) rmSync(join(folder, path));
  else writeFileSync(join(folder, path), bytes);
  if (kind !== 'branch') return;
  git('add', '--all');
  git('commit', '--quiet', '--message=change');
  git('checkout', '--quiet', '--orphan', 'main');
}

const KINDS: readonly Kind[] =
  missingGit === undefined ? ['folder', 'server', 'branch'] : ['folder', 'server'];

describe.each(KINDS)('a %s', (kind) => {
  const place = () => placeOf(kind);
  const replace = (path: string, bytes: Buffer | undefined) => replaceIn(kind, path, bytes);

  test('gives the records that were put into it, the last one first and each once', async () => {
    const { store, find, said } = open(place());
    expect(await find()).toEqual([]);
    for (const envelope of [FIRST, SECOND, FIRST]) await store.add(KEY, envelope);
    expect(await open(place()).find()).toEqual(['first', 'second']);
    expect(said).toEqual([]);
  });

  test('that has a changed or cut envelope, or has lost it, is told of, and the others are used', async () => {
    const { store } = open(place());
    for (const envelope of [FIRST, SECOND]) await store.add(KEY, envelope);
    for (const [bytes, reason] of [
      [SECOND.subarray(0, 3), 'it was cut off or changed'],
      [Buffer.from('nonsense'), 'it was cut off or changed'],
      [undefined, 'it is no longer there'],
    ] as const) {
      replace(`cas/${sha256(SECOND)}`, bytes);
      const { find, said } = open(place());
      expect(await find()).toEqual(['first']);
      expect(said).toEqual([
        `The record ${sha256(SECOND).slice(0, 12)} of ${place()} is not used, because ${reason}: push it again.`,
      ]);
    }
  });

  test('that answers nonsense for the list is told of, and a new record replaces it', async () => {
    await open(place()).store.add(KEY, FIRST);
    replace(`ac/${KEY}`, Buffer.from('<html>'));
    const { store, find, said } = open(place());
    expect(await find()).toEqual([]);
    expect(said).toEqual([
      `The store ${place()} is not used, because its list of records is damaged: check --records.`,
    ]);
    await store.add(KEY, SECOND);
    expect(await find()).toEqual(['second']);
  });
});

describe('a server', () => {
  test('that hangs is asked once', async () => {
    answer = () => {};
    const { find, said } = open(address);
    expect([await find(), await find()]).toEqual([[], []]);
    expect(said).toEqual([
      `The store ${address} is not used, because it did not answer within 0.3 s: check --records.`,
    ]);
    expect(requests).toHaveLength(1);
  });

  test('that hangs in the middle of an answer, or sends without end, is told of', async () => {
    answer = (_, response) => void response.writeHead(200).write('x');
    const slow = open(address);
    expect(await slow.find()).toEqual([]);
    expect(slow.said[0]).toContain('because it did not answer within 0.3 s');
    answer = (_, response) => void response.end(Buffer.alloc(100_000));
    const large = open(address);
    expect(await large.find()).toEqual([]);
    expect(large.said[0]).toContain('because it sent more than 65536 bytes');
  });

  test('that refuses, or is not there, is told of', async () => {
    answer = (_, response) => void response.writeHead(503).end();
    const refusing = open(address);
    expect(await refusing.find()).toEqual([]);
    expect(refusing.said[0]).toContain('because it answered with the status 503');
    await expect(refusing.store.add(KEY, FIRST)).rejects.toThrow('it answered with the status 503');
    const missing = open('http://127.0.0.1:1');
    expect(await missing.find()).toEqual([]);
    expect(missing.said[0]).toMatch(
      /^The store http:\/\/127\.0\.0\.1:1 is not used, because it cannot be reached \(/,
    );
  });

  test('is told the user and the password of its address, and no sentence has them', async () => {
    answer = (_, response) => void response.writeHead(401).end();
    const { find, said } = open(address.replace('//', '//jane:se%3Acret@'));
    expect(await find()).toEqual([]);
    expect(requests).toEqual([`GET /ac/${KEY} Basic ${Buffer.from('jane:se:cret').toString('base64')}`]);
    expect(said).toEqual([
      `The store ${address} is not used, because it answered with the status 401: check --records.`,
    ]);
  });

  test('is left alone when the command is cancelled', async () => {
    answer = () => {};
    const cancelled = new AbortController();
    const found = open(address).store.find(KEY, cancelled.signal);
    cancelled.abort(new Error('cancelled'));
    await expect(found).rejects.toThrow('cancelled');
  });
});

const canBranch = requireOrSkip(missingGit);

describe('a branch', () => {
  canBranch('grows by commits of nobody, beside the working tree and whatever its hooks are', async () => {
    const { store } = open(placeOf('branch'));
    writeFileSync(join(folder, '.git/hooks/reference-transaction'), '#!/bin/sh\ntouch "$0.ran"\n', {
      mode: 0o755,
    });
    writeFileSync(join(folder, 'work'), 'mine');
    git('add', 'work');
    for (const envelope of [FIRST, SECOND]) await store.add(KEY, envelope);
    expect(git('log', '--format=%an %ae', 'records/of-us').split('\n')).toEqual(
      Array(4).fill('Ebuild Audit records@ebuild-audit.invalid'),
    );
    expect(git('ls-tree', '-r', '--name-only', 'records/of-us').split('\n')).toEqual([
      `ac/${KEY}`,
      ...[FIRST, SECOND].map((bytes) => `cas/${sha256(bytes)}`).sort(),
    ]);
    expect(git('status', '--short')).toBe('A  work');
    expect(readdirSync(join(folder, '.git/hooks'))).not.toContain('reference-transaction.ran');
  });

  canBranch('takes records of two processes at once', async () => {
    const place = placeOf('branch');
    await Promise.all([open(place).store.add(KEY, FIRST), open(place).store.add('34'.repeat(32), SECOND)]);
    expect(git('ls-tree', '-r', '--name-only', 'records/of-us').split('\n')).toHaveLength(4);
  });

  canBranch('of no repository is told of', async () => {
    const { find, said, store } = open(`git:${folder}#records`);
    expect(await find()).toEqual([]);
    expect(said[0]).toMatch(/is not used, because git cannot read it \(fatal: not a git repository/);
    await expect(store.add(KEY, FIRST)).rejects.toThrow(
      /^git hash-object failed \(fatal: not a git repository/,
    );
  });
});

describe('a folder', () => {
  test('that is missing or cannot be written is told of', async () => {
    const { find, said } = open(join(folder, 'missing'));
    expect(await find()).toEqual([]);
    expect(said[0]).toContain('because there is no such folder');
    writeFileSync(join(folder, 'file'), '');
    await expect(open(join(folder, 'file')).store.add(KEY, FIRST)).rejects.toThrow(
      'it cannot be written (ENOTDIR)',
    );
  });

  test('shows no file of the machine through a link', async () => {
    await open(folder).store.add(KEY, FIRST);
    rmSync(join(folder, 'cas', sha256(FIRST)));
    symlinkSync('/etc/passwd', join(folder, 'cas', sha256(FIRST)));
    const { find, said } = open(folder);
    expect(await find()).toEqual([]);
    expect(said[0]).toContain('it leads out of its repository');
  });

  test('may have exported files of their own', () => {
    writeFileSync(join(folder, 'one.json'), FIRST);
    writeFileSync(join(folder, 'README'), '');
    const found = readLooseEnvelopes(folder, () => {});
    expect(found.map(({ name, bytes }) => [name, bytes.toString()])).toEqual([['one.json', 'first']]);
    expect(readdirSync(folder)).toHaveLength(2);
    expect(readFileSync(join(folder, 'one.json'), 'utf8')).toBe('first');
  });
});

describe('the list of records', () => {
  const entry = fc.record({
    hash: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex')),
    size: fc.nat(2 ** 40),
  });

  test('is read as it was written, also with fields of a later version', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 20 }), (entries) => {
        const bytes = writeEntries(entries);
        expect(readEntries(bytes)).toEqual(entries);
        // execution_metadata, as bazel-remote adds it, and a number.
        const more = Buffer.concat([bytes, Buffer.from([0x4a, 3, 0x0a, 1, 0x78, 0x20, 5])]);
        expect(readEntries(more)).toEqual(entries);
      }),
    );
  });

  test('is an ActionResult to the byte', () => {
    const bytes = writeEntries([{ hash: 'a'.repeat(64), size: 300 }]);
    const name = `record-${'a'.repeat(64)}.json`;
    expect(bytes.toString('latin1')).toBe(
      `\x12\x95\x01\x0a\x4c${name}\x12\x45\x0a\x40${'a'.repeat(64)}\x10\xac\x02`,
    );
  });

  test('is never read wrongly, whatever it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        for (const { hash } of readEntries(Buffer.from(bytes)) ?? []) expect(hash).toMatch(/^[0-9a-f]{64}$/);
      }),
    );
    const whole = writeEntries([{ hash: 'a'.repeat(64), size: 300 }]);
    for (let at = 1; at < whole.length; at++) expect(readEntries(whole.subarray(0, at))).toBeUndefined();
    const many = Array.from({ length: 100 }, (_, at) => ({ hash: sha256(`${at}`), size: 1 }));
    expect(readEntries(writeEntries(many))).toHaveLength(64);
  });
});
