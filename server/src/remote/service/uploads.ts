import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { status as grpcStatus } from '@grpc/grpc-js';
import type { Message } from '../../reapi/messages.ts';
import { isPassing, type RemoteConnection } from '../api/connection.ts';
import { RemoteProblem } from '../api/remote-problem.ts';
import type { Blob, Digest } from '../merkle/digest.ts';
import { retry } from './retry.ts';

/** How much was sent, for figures. */
export interface Sent {
  readonly blobs: number;
  readonly bytes: number;
}

/** What a storage takes, and what it says that it lacks. */
export interface Uploads {
  /** The hashes of those that the server lacks. */
  findMissing(digests: readonly Digest[], signal?: AbortSignal): Promise<ReadonlySet<string>>;
  /** Sends blobs whether the server has them or not. @throws RemoteProblem, also if a file is gone or has changed */
  send(blobs: readonly Blob[], signal?: AbortSignal): Promise<Sent>;
}

/** Of one request to find out what is missing. */
const DIGESTS_AT_ONCE = 8192;
/** In bytes; most servers refuse longer messages. */
const BATCH = 3 * 2 ** 20;
/** In bytes: at the most what a blob needs in a batch besides its content. */
const OVERHEAD = 128;
const CHUNK = 2 ** 20;
/** Of all calls together: a line that is shared by too many requests lets each of them run out of time. */
const REQUESTS_AT_ONCE = 4;

/** @param largestBatch that the server takes, in bytes; 0 if it has no limit */
export function createUploads(connection: RemoteConnection, largestBatch: number): Uploads {
  const { instance, shown } = connection.address;
  const batchSize = largestBatch === 0 ? BATCH : Math.min(BATCH, largestBatch);
  const prefix = instance === '' ? '' : `${instance}/`;
  const inTurn = createTurns(REQUESTS_AT_ONCE);

  const findMissing = async (
    digests: readonly Digest[],
    signal: AbortSignal | undefined,
  ): Promise<Set<string>> => {
    const missing = new Set<string>();
    await runAtOnce(cut(digests, DIGESTS_AT_ONCE), async (blobDigests) => {
      const answer = await retry(
        () => connection.ask('FindMissingBlobs', { instanceName: instance, blobDigests }, signal),
        signal,
      );
      for (const { hash = '' } of answer.missingBlobDigests ?? []) missing.add(hash);
    });
    return missing;
  };
  const sendBatch = async (blobs: readonly Blob[], signal: AbortSignal | undefined): Promise<void> => {
    const requests = blobs.map((blob) => ({ digest: blob.digest, data: contentOf(blob, shown) }));
    await retry(async () => {
      const { responses = [] } = await connection.ask(
        'BatchUpdateBlobs',
        { instanceName: instance, requests },
        signal,
      );
      for (const { digest, status: { code = 0, message } = {} } of responses)
        if (code !== 0)
          throw new RemoteProblem(
            code,
            `${shown} did not take ${nameOf(blobs, digest)} (${message ?? grpcStatus[code]})`,
            isPassing(code),
          );
    }, signal);
  };
  const sendLarge = (blob: Blob, signal: AbortSignal | undefined): Promise<void> =>
    retry(async () => {
      const { hash, sizeBytes } = blob.digest;
      const resourceName = `${prefix}uploads/${randomUUID()}/blobs/${hash}/${sizeBytes}`;
      const committed = await connection
        .write(cutForWriting(blob, resourceName, shown), signal)
        .catch((error) => {
          if (!(error instanceof RemoteProblem) || error.code !== grpcStatus.INVALID_ARGUMENT) throw error;
          throw new RemoteProblem(error.code, `${error.message}, for ${nameOf([blob])}`, false);
        });
      // -1: the server had it already.
      if (committed !== sizeBytes && committed !== -1)
        throw new RemoteProblem(
          0,
          `${shown} took ${committed} of ${sizeBytes} bytes of ${nameOf([blob])}`,
          true,
        );
    }, signal);
  const send = async (blobs: readonly Blob[], signal: AbortSignal | undefined): Promise<Sent> => {
    const isSmall = ({ digest }: Blob) => digest.sizeBytes + OVERHEAD <= batchSize;
    const small = blobs.filter(isSmall);
    const large = blobs.filter((blob) => !isSmall(blob));
    await runAtOnce(packBatches(small, batchSize), (batch) => inTurn(() => sendBatch(batch, signal)));
    await runAtOnce(large, (blob) => inTurn(() => sendLarge(blob, signal)));
    return { blobs: blobs.length, bytes: blobs.reduce((sum, { digest }) => sum + digest.sizeBytes, 0) };
  };
  return { findMissing, send };
}

function contentOf({ content, digest }: Blob, shown: string): Uint8Array {
  if (content instanceof Uint8Array) return content;
  const { path } = content;
  const data = readNow(path, shown, () => readFileSync(path));
  if (data.length !== digest.sizeBytes) throw hasChanged(path, shown);
  return data;
}

function readNow<Result>(path: string, shown: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new RemoteProblem(0, `${shown} cannot get ${path}, which cannot be read any more (${code})`, false);
  }
}

function hasChanged(path: string, shown: string): RemoteProblem {
  return new RemoteProblem(0, `${shown} cannot get ${path}, which has changed meanwhile`, false);
}

/** The name of a blob for a sentence. */
function nameOf(blobs: readonly Blob[], digest?: Message<'Digest'>): string {
  const blob = digest === undefined ? blobs[0] : blobs.find((known) => known.digest.hash === digest.hash);
  if (blob === undefined || blob.content instanceof Uint8Array) return 'a folder of the input root';
  return blob.content.path;
}

function* cutForWriting(
  { digest, content }: Blob,
  resourceName: string,
  shown: string,
): Generator<Message<'WriteRequest'>> {
  const { sizeBytes } = digest;
  const { readPart, close } =
    content instanceof Uint8Array ? openBytes(content) : openFile(content.path, shown);
  try {
    for (let offset = 0, isFirst = true; isFirst || offset < sizeBytes; isFirst = false) {
      const data = readPart(offset, Math.min(CHUNK, sizeBytes - offset));
      yield {
        ...(isFirst && { resourceName }),
        writeOffset: offset,
        finishWrite: offset + data.length >= sizeBytes,
        data,
      };
      offset += data.length;
    }
  } finally {
    close();
  }
}

/** The content of a blob, in parts of exactly the length that is asked for. */
interface OpenContent {
  readPart(offset: number, length: number): Uint8Array;
  close(): void;
}

function openBytes(bytes: Uint8Array): OpenContent {
  return { readPart: (offset, length) => bytes.subarray(offset, offset + length), close() {} };
}

function openFile(path: string, shown: string): OpenContent {
  const descriptor = readNow(path, shown, () => openSync(path, 'r'));
  return {
    readPart(offset, length) {
      const chunk = Buffer.allocUnsafe(length);
      const got = readNow(path, shown, () => readSync(descriptor, chunk, 0, length, offset));
      if (got < length) throw hasChanged(path, shown);
      return chunk;
    },
    close: () => closeSync(descriptor),
  };
}

function cut<Value>(values: readonly Value[], length: number): Value[][] {
  return Array.from({ length: Math.ceil(values.length / length) }, (_, part) =>
    values.slice(part * length, (part + 1) * length),
  );
}

/** Packs blobs into batches that no server finds too large, with what a blob needs besides its bytes. */
function packBatches(blobs: readonly Blob[], batchSize: number): Blob[][] {
  const batches: Blob[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const blob of blobs) {
    const more = blob.digest.sizeBytes + OVERHEAD;
    if (size + more > batchSize) {
      batches.push([]);
      size = 0;
    }
    batches.at(-1)?.push(blob);
    size += more;
  }
  return batches;
}

/** Lets only so many actions run at the same time; the others wait for their turn. */
function createTurns(most: number): <Result>(action: () => Promise<Result>) => Promise<Result> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (action) => {
    if (running < most) running++;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await action();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}

/** Does something for each value, for a few at once; after an error, for no further one. */
async function runAtOnce<Value>(
  values: readonly Value[],
  action: (value: Value) => Promise<void>,
): Promise<void> {
  const left = values.values();
  let failed = false;
  const work = async () => {
    for (const value of left) {
      if (failed) return;
      try {
        await action(value);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const workers = Array.from({ length: Math.min(REQUESTS_AT_ONCE, values.length) }, work);
  await Promise.allSettled(workers);
  await Promise.all(workers);
}
