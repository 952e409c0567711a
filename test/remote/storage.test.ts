import { mkdtempSync, readdirSync, readlinkSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Message } from '../../server/src/reapi/messages.ts';
import { RemoteProblem } from '../../server/src/remote/api/remote-problem.ts';
import { type Blob, digestBytes } from '../../server/src/remote/merkle/digest.ts';
import { openStorage } from '../../server/src/remote/service/storage.ts';
import { type Answers, type FakeRemote, Refusal, startFakeRemote } from '../support/fake-remote.ts';
import { useQuickWaits } from '../support/quick-waits.ts';

const waits = useQuickWaits();
const MIB = 2 ** 20;

let server: FakeRemote | undefined;
let folder: string;
beforeEach(() => {
  waits.length = 0;
  folder = mkdtempSync(join(tmpdir(), 'storage-'));
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  rmSync(folder, { recursive: true });
});

async function start(answers: Answers, limit = 0, instance = '') {
  server = await startFakeRemote(answers);
  return openStorage(server.connect({}, instance), limit);
}

function blobOf(content: Uint8Array | string): Blob {
  const bytes = Buffer.from(content);
  return { digest: digestBytes(bytes), content: bytes };
}

function fileBlob(
  name: string,
  content: Uint8Array | string,
): Blob & { readonly content: { readonly path: string } } {
  const path = join(folder, name);
  writeFileSync(path, content);
  return { digest: digestBytes(Buffer.from(content)), content: { path } };
}

const byHash = (blobs: readonly Blob[]) => new Map(blobs.map((blob) => [blob.digest.hash, blob]));
const taken = ({ requests = [] }: Message<'BatchUpdateBlobsRequest'>) => ({
  responses: requests.map(({ digest = {} }) => ({ digest, status: {} })),
});

async function problemOf(action: Promise<unknown>): Promise<RemoteProblem> {
  const error = await action.then(
    () => new Error('it succeeded'),
    (failure) => failure,
  );
  expect(error).toBeInstanceOf(RemoteProblem);
  return error;
}

/** Reads a whole write. */
async function collect(requests: AsyncIterable<Message<'WriteRequest'>>) {
  const all: Message<'WriteRequest'>[] = [];
  for await (const request of requests) all.push(request);
  return all;
}

const openFiles = () =>
  readdirSync('/proc/self/fd').filter((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`).startsWith(folder);
    } catch {
      return false;
    }
  });

describe('what a server lacks', () => {
  test('is asked for in portions, and only that is sent', async () => {
    const portions: number[] = [];
    const sent: string[] = [];
    const blobs = Array.from({ length: 20_000 }, (_, at) => blobOf(String(at)));
    const wanted = blobs.filter((_, at) => at % 5000 === 1);
    const lacks = new Set(wanted.map(({ digest }) => digest.hash));
    const storage = await start(
      {
        FindMissingBlobs({ instanceName, blobDigests = [] }) {
          expect(instanceName).toBe('main/one');
          portions.push(blobDigests.length);
          return { missingBlobDigests: blobDigests.filter(({ hash = '' }) => lacks.has(hash)) };
        },
        BatchUpdateBlobs(request) {
          expect(request.instanceName).toBe('main/one');
          for (const { digest, data = Buffer.alloc(0) } of request.requests ?? []) {
            expect(digestBytes(data)).toEqual(digest);
            sent.push(digest?.hash ?? '');
          }
          return taken(request);
        },
      },
      0,
      'main/one',
    );
    expect(await storage.provide(byHash(blobs))).toEqual({
      blobs: 4,
      bytes: wanted.reduce((sum, { digest }) => sum + digest.sizeBytes, 0),
    });
    expect(portions.sort()).toEqual([3616, 8192, 8192]);
    expect(new Set(sent)).toEqual(lacks);
  });

  test('is nothing: nothing is sent, also if the server names a blob that nobody has', async () => {
    const storage = await start({
      FindMissingBlobs: () => ({ missingBlobDigests: [{ hash: 'f'.repeat(64), sizeBytes: 1 }] }),
    });
    expect(await storage.provide(byHash([blobOf('a')]))).toEqual({ blobs: 0, bytes: 0 });
    expect(await storage.provide(new Map())).toEqual({ blobs: 0, bytes: 0 });
    expect(server?.called).toEqual(['FindMissingBlobs']);
  });
});

describe('what a server had', () => {
  test('is not asked for again for a few minutes, unless it is distrusted', async () => {
    const asked: string[][] = [];
    const names = new Map(['a', 'b', 'c'].map((text) => [blobOf(text).digest.hash, text]));
    const storage = await start({
      FindMissingBlobs({ blobDigests = [] }) {
        asked.push(blobDigests.map(({ hash = '' }) => names.get(hash) ?? hash));
        return { missingBlobDigests: blobDigests.filter(({ hash = '' }) => names.get(hash) === 'a') };
      },
      BatchUpdateBlobs: taken,
    });
    const mapOf = (texts: string) => byHash([...texts].map((text) => blobOf(text)));
    const provide = async (texts: string) => (await storage.provide(mapOf(texts))).blobs;
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      expect(await provide('ab')).toBe(1);
      expect(await provide('abc')).toBe(0);
      expect(await provide('ab')).toBe(0);
      storage.distrust(mapOf('a'));
      expect(await provide('ab')).toBe(1);
      vi.advanceTimersByTime(6 * 60_000);
      expect(await provide('c')).toBe(0);
    } finally {
      vi.useRealTimers();
    }
    expect(asked).toEqual([['a', 'b'], ['c'], ['a'], ['c']]);
  });

  test('is sent once for all that want it at the same time, a few requests at once', async () => {
    const blobs = Array.from({ length: 40 }, (_, at) => blobOf(`${at}`.repeat(200)));
    const sent: string[] = [];
    let [running, most] = [0, 0];
    const storage = await start(
      {
        FindMissingBlobs: ({ blobDigests = [] }) => ({ missingBlobDigests: blobDigests }),
        async BatchUpdateBlobs(request) {
          most = Math.max(most, ++running);
          await new Promise((resolve) => setTimeout(resolve, 5));
          running--;
          for (const { digest } of request.requests ?? []) sent.push(digest?.hash ?? '');
          return taken(request);
        },
      },
      1000,
    );
    const parts = [blobs, blobs.slice(10), blobs.slice(0, 30), [...blobs, blobOf('own')]];
    const all = await Promise.all(parts.map((part) => storage.provide(byHash(part))));
    expect(all.map((one) => one.blobs)).toEqual([40, 0, 0, 1]);
    expect([sent.length, new Set(sent).size]).toEqual([41, 41]);
    expect(most).toBeLessThanOrEqual(4);
  });

  test('is sent by another call if the one that was sending it is cancelled', async () => {
    const controller = new AbortController();
    let calls = 0;
    const storage = await start({
      FindMissingBlobs: ({ blobDigests = [] }) => ({ missingBlobDigests: blobDigests }),
      async BatchUpdateBlobs(request, { cancelled }) {
        if (++calls === 1) await cancelled;
        return taken(request);
      },
    });
    const [first, second] = [
      storage.provide(byHash([blobOf('a')]), controller.signal),
      storage.provide(byHash([blobOf('a')])),
    ];
    const failed = expect(first).rejects.toThrow('enough');
    await expect.poll(() => calls).toBe(1);
    controller.abort(new Error('enough'));
    await failed;
    expect(await second).toEqual({ blobs: 1, bytes: 1 });
  });

  test('is not waited for by who is cancelled', async () => {
    const controller = new AbortController();
    let finish = () => {};
    const storage = await start({
      FindMissingBlobs: ({ blobDigests = [] }) => ({ missingBlobDigests: blobDigests }),
      async BatchUpdateBlobs(request) {
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        return taken(request);
      },
    });
    const first = storage.provide(byHash([blobOf('a')]));
    const second = storage.provide(byHash([blobOf('a')]), controller.signal);
    controller.abort(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
    await expect.poll(() => server?.called).toContain('BatchUpdateBlobs');
    finish();
    expect(await first).toEqual({ blobs: 1, bytes: 1 });
  });

  test('is asked for again if sending has failed', async () => {
    let fails = true;
    const storage = await start({
      FindMissingBlobs: ({ blobDigests = [] }) => ({ missingBlobDigests: blobDigests }),
      BatchUpdateBlobs(request) {
        if (fails) throw new Refusal(status.INVALID_ARGUMENT);
        return taken(request);
      },
    });
    await problemOf(storage.provide(byHash([blobOf('a')])));
    fails = false;
    expect((await storage.provide(byHash([blobOf('a')]))).blobs).toBe(1);
  });
});

describe('small blobs', () => {
  test('are in batches below the limit of the server, also an empty one and those of nearly its size', async () => {
    const LIMIT = 10_000;
    const sizes: number[] = [];
    const received = new Set<string>();
    const large: number[] = [];
    const storage = await start(
      {
        BatchUpdateBlobs(request) {
          const { requests = [] } = request;
          sizes.push(requests.reduce((sum, { data }) => sum + (data?.length ?? 0), 0));
          for (const { digest } of requests) received.add(digest?.hash ?? '');
          return taken(request);
        },
        async Write(requests) {
          const all = await collect(requests);
          const committedSize = all.reduce((sum, { data }) => sum + (data?.length ?? 0), 0);
          large.push(committedSize);
          return { committedSize };
        },
      },
      LIMIT,
    );
    const lengths = [0, 1, 100, 4000, 5000, 9000, 9800, 9872, 9873, 9999, 10_000, 10_001];
    const blobs = lengths.map((length) => blobOf(Buffer.alloc(length, `${length} `)));
    await storage.send(blobs);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(LIMIT - 128);
    expect(large.sort((left, right) => left - right)).toEqual([9873, 9999, 10_000, 10_001]);
    expect(received.size).toBe(8);
  });

  test('that the server refuses are one problem that names the file', async () => {
    const file = fileBlob('changed', 'content');
    const storage = await start({
      BatchUpdateBlobs: ({ requests = [] }) => ({
        responses: requests.map(({ digest = {} }) => ({
          digest,
          status: digest.hash === file.digest.hash ? { code: 3, message: 'digest mismatch' } : {},
        })),
      }),
    });
    const problem = await problemOf(storage.send([blobOf('other'), file]));
    expect(problem.message).toBe(`${server?.shown} did not take ${file.content.path} (digest mismatch)`);
    expect(problem.isPassing).toBe(false);
    expect(server?.called).toEqual(['BatchUpdateBlobs']);
  });

  test('without a reason are told by the state', async () => {
    const storage = await start({
      BatchUpdateBlobs: ({ requests = [] }) => ({
        responses: requests.map(({ digest = {} }) => ({ digest, status: { code: 8 } })),
      }),
    });
    expect((await problemOf(storage.send([blobOf('x')]))).message).toBe(
      `${server?.shown} did not take a folder of the input root (RESOURCE_EXHAUSTED)`,
    );
  });

  test('of a file that has another size now, or is gone, are one problem, and nothing is sent', async () => {
    const storage = await start({ BatchUpdateBlobs: taken });
    const file = fileBlob('file', 'content');
    writeFileSync(file.content.path, 'longer content');
    expect((await problemOf(storage.send([file]))).message).toBe(
      `${server?.shown} cannot get ${file.content.path}, which has changed meanwhile`,
    );
    rmSync(file.content.path);
    expect((await problemOf(storage.send([file]))).message).toBe(
      `${server?.shown} cannot get ${file.content.path}, which cannot be read any more (ENOENT)`,
    );
    expect(server?.called).toEqual([]);
  });
});

describe('a large blob', () => {
  const content = Buffer.alloc(3 * MIB + 10, 'some content ');

  test.each(['memory', 'file'])('from %s is written in parts, with offsets and an end', async (from) => {
    let got: Message<'WriteRequest'>[] = [];
    const storage = await start(
      {
        async Write(requests) {
          got = await collect(requests);
          return { committedSize: content.length };
        },
      },
      0,
      'main',
    );
    const blob = from === 'file' ? fileBlob('large', content) : blobOf(content);
    await storage.send([blob]);
    const { hash, sizeBytes } = blob.digest;
    expect(got[0]?.resourceName).toMatch(
      new RegExp(`^main/uploads/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/blobs/${hash}/${sizeBytes}$`),
    );
    expect(got.map(({ writeOffset = 0, finishWrite = false }) => [writeOffset, finishWrite])).toEqual([
      [0, false],
      [MIB, false],
      [2 * MIB, false],
      [3 * MIB, true],
    ]);
    expect(Buffer.concat(got.map(({ data = Buffer.alloc(0) }) => data)).equals(content)).toBe(true);
    expect(openFiles()).toEqual([]);
  });

  test('that the server has already is not sent to its end, and its file is closed', async () => {
    const large = Buffer.alloc(40 * MIB);
    for (const committedSize of [-1, large.length]) {
      let count = 0;
      const storage = await start({
        async Write(requests) {
          for await (const _ of requests) {
            count += 1;
            break;
          }
          return { committedSize };
        },
      });
      await storage.send([fileBlob('large', large)]);
      await expect.poll(openFiles).toEqual([]);
      expect(count).toBe(1);
      await server?.close();
    }
    expect(waits).toEqual([]);
  });

  test('of which the server took only a part is sent again, and that ends some day', async () => {
    let tries = 0;
    const storage = await start({
      async Write(requests) {
        await collect(requests);
        tries += 1;
        return { committedSize: tries < 3 ? 5 : content.length };
      },
    });
    const blob = fileBlob('large', content);
    await storage.send([blob]);
    expect(tries).toBe(3);
    tries = Number.NEGATIVE_INFINITY;
    expect((await problemOf(storage.send([blob]))).message).toBe(
      `${server?.shown} took 5 of ${content.length} bytes of ${blob.content.path}`,
    );
  });

  test('of a file that has changed is one problem that names it', async () => {
    const storage = await start({
      async Write(requests) {
        const all = await collect(requests);
        const bytes = Buffer.concat(all.map(({ data = Buffer.alloc(0) }) => data));
        if (!(all[0]?.resourceName ?? '').includes(digestBytes(bytes).hash))
          throw new Refusal(status.INVALID_ARGUMENT, 'digest mismatch');
        return { committedSize: bytes.length };
      },
    });
    const blob = fileBlob('large', content);
    const { path } = blob.content;
    writeFileSync(path, Buffer.alloc(content.length, 'other content '));
    const problem = await problemOf(storage.send([blob]));
    expect(problem.message).toBe(`${server?.shown} answered INVALID_ARGUMENT: digest mismatch, for ${path}`);
    truncateSync(path, 2 * MIB + 5);
    expect((await problemOf(storage.send([blob]))).message).toBe(
      `${server?.shown} cannot get ${path}, which has changed meanwhile`,
    );
    rmSync(path);
    expect((await problemOf(storage.send([blob]))).message).toBe(
      `${server?.shown} cannot get ${path}, which cannot be read any more (ENOENT)`,
    );
    expect(waits).toEqual([]);
    expect(openFiles()).toEqual([]);
  });

  test('is given up when the signal comes, and its file is closed', async () => {
    const controller = new AbortController();
    const storage = await start({
      async Write(_requests, { cancelled }) {
        controller.abort(new Error('enough'));
        await cancelled;
        return {};
      },
    });
    await expect(
      storage.send([fileBlob('large', Buffer.alloc(40 * MIB))], controller.signal),
    ).rejects.toThrow('enough');
    await expect.poll(openFiles).toEqual([]);
  });
});

describe('a request is made', () => {
  test('again after a failure that may pass, after growing waits', async () => {
    let tries = 0;
    const storage = await start({
      FindMissingBlobs() {
        tries += 1;
        if (tries < 6) throw new Refusal(status.UNAVAILABLE, 'starting');
        return {};
      },
    });
    await storage.provide(byHash([blobOf('x')]));
    expect(tries).toBe(6);
    expect(waits).toHaveLength(5);
    for (const [at, wait] of waits.entries()) {
      expect(wait).toBeGreaterThanOrEqual(250 * 2 ** at);
      expect(wait).toBeLessThanOrEqual(500 * 2 ** at);
    }
  });

  test('six times at the most', async () => {
    const storage = await start({
      FindMissingBlobs() {
        throw new Refusal(status.UNAVAILABLE, 'starting');
      },
    });
    expect((await problemOf(storage.provide(byHash([blobOf('x')])))).message).toBe(
      `${server?.shown} cannot be reached (starting)`,
    );
    expect(server?.called).toHaveLength(6);
  });

  test.each([
    status.PERMISSION_DENIED,
    status.UNAUTHENTICATED,
    status.INVALID_ARGUMENT,
    status.UNIMPLEMENTED,
  ])('once after state %s', async (code) => {
    const storage = await start({
      FindMissingBlobs() {
        throw new Refusal(code, 'no');
      },
    });
    await problemOf(storage.provide(byHash([blobOf('x')])));
    expect(server?.called).toHaveLength(1);
    expect(waits).toEqual([]);
  });

  test('no more after the signal, whose reason is thrown', async () => {
    const controller = new AbortController();
    const storage = await start({
      FindMissingBlobs() {
        controller.abort(new Error('enough'));
        throw new Refusal(status.UNAVAILABLE, 'starting');
      },
    });
    await expect(storage.provide(byHash([blobOf('x')]), controller.signal)).rejects.toThrow('enough');
    expect(server?.called).toHaveLength(1);
  });
});

describe('a result', () => {
  const text = Buffer.alloc(2 * MIB, 'result ');
  const digest = digestBytes(text);

  test('is read in parts', async () => {
    const storage = await start(
      {
        *Read({ resourceName, readOffset = 0 }) {
          expect([resourceName, readOffset]).toEqual([`main/blobs/${digest.hash}/${digest.sizeBytes}`, 0]);
          for (let at = 0; at < text.length; at += 300_000) yield { data: text.subarray(at, at + 300_000) };
        },
      },
      0,
      'main',
    );
    expect((await storage.fetch(digest, 3 * MIB)).equals(text)).toBe(true);
  });

  test('that is empty is read', async () => {
    const storage = await start({ *Read() {} });
    expect(await storage.fetch(digestBytes(Buffer.alloc(0)), 10)).toHaveLength(0);
  });

  test.each([
    ['other bytes', Buffer.alloc(text.length, 'x')],
    ['too few bytes', text.subarray(0, 100)],
    ['no bytes', Buffer.alloc(0)],
    ['too many bytes', Buffer.concat([text, Buffer.from('x')])],
  ])('with %s is a problem', async (_, given) => {
    const storage = await start({
      *Read() {
        yield { data: given };
      },
    });
    expect((await problemOf(storage.fetch(digest, 3 * MIB))).message).toBe(
      `${server?.shown} gave other bytes than it was asked for`,
    );
  });

  test('without end is not read for ever', async () => {
    let parts = 0;
    const storage = await start({
      *Read() {
        for (;;) {
          parts += 1;
          yield { data: text };
        }
      },
    });
    await problemOf(storage.fetch({ ...digest, sizeBytes: MIB }, 3 * MIB));
    expect(server?.called).toHaveLength(2);
    expect(parts).toBeLessThan(2 * 20);
  });

  test('that is too long is not read at all', async () => {
    const storage = await start({});
    const problem = await problemOf(storage.fetch({ ...digest, sizeBytes: 2 ** 40 }, 3 * MIB));
    expect(problem.message).toBe(`${server?.shown} has a result of ${2 ** 40} bytes, which is too long`);
    expect([server?.called, waits]).toEqual([[], []]);
  });

  test('that the server does not have is a problem with its state', async () => {
    const storage = await start({
      // biome-ignore lint/correctness/useYield: it only fails
      *Read() {
        throw new Refusal(status.NOT_FOUND, 'gone');
      },
    });
    const problem = await problemOf(storage.fetch(digest, 3 * MIB));
    expect([problem.code, server?.called.length]).toEqual([status.NOT_FOUND, 1]);
  });

  test('whose connection breaks is read again', async () => {
    let tries = 0;
    const storage = await start({
      async *Read(_, { cancelled }) {
        tries += 1;
        yield { data: text.subarray(0, MIB) };
        if (tries === 1) {
          server?.breakConnections();
          await cancelled;
        } else yield { data: text.subarray(MIB) };
      },
    });
    expect((await storage.fetch(digest, 3 * MIB)).equals(text)).toBe(true);
    expect(tries).toBe(2);
  });
});
