/** Downloads from a server that does wrong, without a trial. */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { digestIndex, readIndexes } from '../../server/src/layers/binhost.ts';
import { downloadPackage } from '../../server/src/layers/download.ts';
import { completeAddress } from '../../server/src/layers/remote-address.ts';
import { hidePassword, openRemote } from '../../server/src/layers/remote-file.ts';
import { digestSources } from '../../server/src/layers/source-state.ts';
import type { RemotePackage } from '../../server/src/package-manager/package-reader.ts';
import { type Behaviour, openPackageServer, type PackageServer } from './package-server.ts';

const CONTENT = Buffer.from('content '.repeat(1000));
const SHA1 = createHash('sha1').update(CONTENT).digest('hex');
const INDEX = 'PACKAGES: 1\nTIMESTAMP: 1700000000\n\nCPV: dev-test/tiny-1\nSIZE: 8000\n\n';

let folder: string;
let server: PackageServer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-remote-'));
  mkdirSync(join(folder, 'served'));
  writeFileSync(join(folder, 'served/p'), CONTENT);
  writeFileSync(join(folder, 'served/Packages'), INDEX);
  server = await openPackageServer(join(folder, 'served'));
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const answer =
  (status: number, body: string | Uint8Array = '', headers: Record<string, string> = {}): Behaviour =>
  (_, response) => {
    response.writeHead(status, headers).end(body);
    return true;
  };

let number = 0;
const next = (): string => {
  number += 1;
  return `case-${number}`;
};

async function download(behave?: Behaviour, more: Partial<RemotePackage> = {}): Promise<Buffer> {
  const path = join(folder, next());
  const uri = `${server.add(next(), behave, 'user:secret@')}/p`;
  const remote = { uri, size: CONTENT.length, sums: { SHA1 }, binhost: 'gentoo', signed: false, ...more };
  await downloadPackage('dev-test/tiny-1', remote, path, undefined);
  return readFileSync(path);
}

describe('a package', () => {
  test.each<[string, Behaviour | undefined, Partial<RemotePackage>, string]>([
    ['that is not there', answer(404), {}, 'same'],
    ['of another hash', undefined, { sums: { SHA1: 'x' } }, 'same'],
    ['of a server that is busy', answer(503), {}, 'passing'],
    ['of a server that is down', undefined, { uri: 'http://127.0.0.1:1/p' }, 'passing'],
    ['that is cut off', answer(200, CONTENT.subarray(1)), {}, 'passing'],
  ])('%s is refused, and a sweep knows whether to try again', async (_, behave, more, reach) => {
    await expect(download(behave, more)).rejects.toMatchObject({ reach });
  });

  test('arrives, whatever kind of hash the index names', async () => {
    expect(await download()).toEqual(CONTENT);
    expect(await download(undefined, { sums: { SHA1: SHA1.toUpperCase(), WHIRLPOOL: '0' } })).toEqual(
      CONTENT,
    );
  });

  test.each<[string, Behaviour | undefined, Partial<RemotePackage>, RegExp]>([
    ['that is not there', answer(404), {}, /the server answers 404 Not Found for \/case-\d+\/p/],
    [
      'that is longer than the index says',
      answer(200, `${CONTENT}x`),
      {},
      /it is larger than the 8000 bytes/,
    ],
    ['that is shorter', answer(200, CONTENT.subarray(1)), {}, /the download ended after 7999 of 8000 bytes/],
    ['of another hash', undefined, { sums: { SHA1: 'x' } }, /its SHA1 is not that of the index/],
    [
      'at an address of an unknown kind',
      undefined,
      { uri: 'ftp://h/p' },
      /only http, https and file are read/,
    ],
    ['at no address', undefined, { uri: 'http://' }, /Invalid URL/],
    [
      'at a port that nobody serves',
      undefined,
      { uri: 'http://127.0.0.1:1/p' },
      /127\.0\.0\.1:1 cannot be read/,
    ],
    ['that is a device', undefined, { uri: '/dev/zero' }, /\/dev\/zero is no regular file/],
    [
      'from where the server redirects to files',
      answer(302, '', { location: 'file:///etc/passwd' }),
      {},
      /cannot be read/,
    ],
    [
      'from where the server redirects in a circle',
      (path, response) => {
        response.writeHead(302, { location: `.${path}` }).end();
        return true;
      },
      {},
      /cannot be read \(redirect count exceeded\)/,
    ],
  ])('%s is refused with a sentence', async (_, behave, more, reason) => {
    const error = await download(behave, more).then(
      () => undefined,
      (thrown) => thrown as Error,
    );
    expect(error?.name).toBe('UserError');
    expect(error?.message).toMatch(reason);
    expect(error?.message).toMatch(
      /^The binary package \S+ of dev-test\/tiny-1 cannot be used from the binhost gentoo: .*"\.$/,
    );
    expect(error?.message).not.toContain('secret');
  });

  test('that the server compresses once more is the same package', async () => {
    const behave: Behaviour = (_, response, { headers }) => {
      const compresses = /gzip/.test(headers['accept-encoding'] ?? '');
      response.writeHead(200, compresses ? { 'content-encoding': 'gzip' } : {});
      response.end(compresses ? gzipSync(CONTENT) : CONTENT);
      return true;
    };
    expect(await download(behave)).toEqual(CONTENT);
  });

  test('that drips arrives, and one that stops is given up', async () => {
    const drip =
      (pieces: number): Behaviour =>
      (_, response) => {
        let sent = 0;
        response.writeHead(200);
        const timer = setInterval(() => {
          if (sent < pieces) response.write(CONTENT.subarray(sent * 1000, (sent + 1) * 1000));
          else if (pieces === 8) response.end();
          sent += 1;
          if (sent > pieces) clearInterval(timer);
        }, 60);
        return true;
      };
    const read = async (uri: string) => {
      const parts: Uint8Array[] = [];
      for await (const part of await openRemote(uri, undefined, 300)) parts.push(part);
      return Buffer.concat(parts);
    };
    expect(await read(`${server.add(next(), drip(8))}/p`)).toEqual(CONTENT);
    await expect(read(`${server.add(next(), drip(3))}/p`)).rejects.toThrow('said nothing for 0.3 s');
    await expect(read(`${server.add(next(), () => true)}/p`)).rejects.toThrow('said nothing for 0.3 s');
  });
});

describe('an address', () => {
  const binhosts = [
    { name: 'remote', uri: 'https://user:secret@host.example/b' },
    { name: 'local', uri: 'file:///srv/b/' },
  ];
  const complete = (binhost: string, uri: string) =>
    completeAddress(
      {
        id: 'a/b-1',
        slot: '0',
        buildId: 0,
        use: [],
        remote: { uri, size: 1, sums: {}, binhost, signed: true },
      },
      binhosts,
    ).remote?.uri;

  test('gets the password of its binhost only on the same server', () => {
    expect(complete('remote', 'https://host.example/b/p')).toBe('https://user:secret@host.example/b/p');
    for (const uri of ['https://other.example/b/p', 'http://host.example/b/p', 'https://host.example:8/p'])
      expect(complete('remote', uri)).toBe(uri);
  });

  test('is a file of this machine only below a binhost that is a folder of this machine', () => {
    expect(complete('local', 'file:///srv/b/c/p')).toBe('file:///srv/b/c/p');
    expect(complete('local', '/srv/b/p')).toBe('/srv/b/p');
    for (const [binhost, uri] of [
      ['local', 'file:///srv/b/../../etc/passwd'],
      ['local', 'file:///srv/b/%2e%2e/c'],
      ['local', '/srv/bc'],
      ['local', 'FILE:///etc/passwd'],
      ['remote', 'file:///etc/passwd'],
      ['remote', '/etc/passwd'],
      ['unknown', 'file:///srv/b/p'],
    ] as const)
      expect(() => complete(binhost, uri), uri).toThrow(/which is a file of this machine/);
  });

  test('shows no password', () => {
    expect(hidePassword('https://user:p@ss@host/x@y')).toBe('https://host/x@y');
    expect(hidePassword('/srv/a@b')).toBe('/srv/a@b');
    const { indexes } = digestSources([], [{ uri: 'http://u:secret@h/', file: '/none' }], [], {
      folders: [],
      binhosts: [],
    });
    expect(JSON.stringify(indexes)).not.toContain('secret');
  });
});

describe('an index', () => {
  const read = async (behave?: Behaviour) => {
    const home = join(folder, next());
    const uri = server.add(next(), behave);
    const { read: found, problems } = await readIndexes([{ name: 'gentoo', uri }], {
      home,
      signal: undefined,
    });
    return { found, problems, home, uri };
  };
  const onlyPlain =
    (text: string): Behaviour =>
    (path, response) => {
      response.writeHead(path === '/Packages' ? 200 : 404).end(path === '/Packages' ? text : '');
      return true;
    };

  test('is read once within ten minutes', async () => {
    const { found, home, uri, problems } = await read();
    expect(problems).toEqual([]);
    expect(readFileSync(found[0]?.file ?? '', 'utf8')).toBe(INDEX);
    const { length } = server.requests;
    await readIndexes([{ name: 'gentoo', uri }], { home, signal: undefined });
    expect(server.requests).toHaveLength(length);
  });

  test('is used again if the server fails afterwards, and a sentence says so', async () => {
    let fails = false;
    const { found, home, uri } = await read((_, response) => {
      if (fails) response.writeHead(500).end();
      return fails;
    });
    fails = true;
    utimesSync(found[0]?.file ?? '', 0, Date.now() / 1000 - 3600);
    const again = await readIndexes([{ name: 'gentoo', uri }], { home, signal: undefined });
    expect(again.read).toEqual(found);
    expect(again.problems).toEqual([
      'the binhost gentoo is used with its last index: the server answers 500 Internal Server Error for /' +
        `${uri.split('/').at(-1)}/Packages.gz`,
    ]);
  });

  test.each<[string, Behaviour, RegExp]>([
    ['without a TIMESTAMP', onlyPlain(INDEX.replace(/^TIMESTAMP.*\n/m, '')), /its index has no TIMESTAMP/],
    ['that is cut off', onlyPlain(INDEX.slice(0, 36)), /its index ended after 0 of 1 packages/],
    [
      'that is cut off in its last line',
      onlyPlain(INDEX.slice(0, 60)),
      /its index ended after 1 of 1 packages/,
    ],
    ['that is a page of the web', answer(200, '<html>Log in</html>'), /its index has no TIMESTAMP/],
    ['of a server that fails', answer(500), /the server answers 500/],
    ['that may not be read', answer(403), /the server answers 403/],
    ['that is not there', answer(404), /the server answers 404/],
    ['that is a bomb', answer(200, gzipSync(Buffer.alloc(200 * 2 ** 20))), /its index/],
  ])('%s is named, and nothing of it is kept', async (_, behave, reason) => {
    const { found, problems, home } = await read(behave);
    expect(found).toEqual([]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^the binhost gentoo is not used: [^\n]*[^.]$/);
    expect(problems[0]).toMatch(reason);
    const kept = join(home, 'layers/binhosts');
    expect(existsSync(kept) ? readdirSync(kept) : []).toEqual([]);
  });

  test('of millions of lines is read in time', () => {
    const file = join(folder, next());
    const stanza = 'CPV: a/b-1\n\n';
    writeFileSync(file, Buffer.alloc(12 * 2 ** 20, stanza));
    const names = new Set(['a/c']);
    expect(digestIndex(file, names)).toBe(createHash('sha256').digest('hex'));
    writeFileSync(file, Buffer.alloc(12 * 2 ** 20, '\n'));
    expect(digestIndex(file, names)).toBe(createHash('sha256').digest('hex'));
  });
});
