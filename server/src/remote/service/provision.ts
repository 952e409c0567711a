import type { Blob, Digest } from '../merkle/digest.ts';
import { orAborted } from './or-aborted.ts';
import type { Sent, Uploads } from './uploads.ts';

/** Provides a server with blobs, each once for all calls. */
export interface Provision {
  /**
   * Sends those of the blobs that the server lacks. It is not asked for what it had a few minutes ago: should it have lost that, it says so when it
   * executes. What another call is sending is waited for.
   *
   * @throws RemoteProblem, also if a file is gone or has changed
   */
  provide(blobs: ReadonlyMap<string, Blob>, signal?: AbortSignal): Promise<Sent>;
  /** Makes the server be asked for blobs again. */
  distrust(blobs: ReadonlyMap<string, Blob>): void;
}

/** In milliseconds. */
const TRUSTED_FOR = 5 * 60_000;
const MOST_TRUSTED = 1_000_000;

export function createProvision({ findMissing, send }: Uploads): Provision {
  /** When the server was asked for a blob, by its hash. Since then it has it. */
  const trusted = new Map<string, number>();
  const isTrusted = ({ hash }: Digest, now: number) =>
    now - (trusted.get(hash) ?? -TRUSTED_FOR) < TRUSTED_FOR;
  /** The calls that are providing a blob, by its hash. */
  const underway = new Map<string, Promise<unknown>>();

  const provideMissing = async (blobs: readonly Blob[], signal: AbortSignal | undefined): Promise<Sent> => {
    const now = performance.now();
    const missing = await findMissing(
      blobs.map(({ digest }) => digest),
      signal,
    );
    const sent = await send(
      blobs.filter(({ digest }) => missing.has(digest.hash)),
      signal,
    );
    if (trusted.size + blobs.length > MOST_TRUSTED) trusted.clear();
    for (const { digest } of blobs) trusted.set(digest.hash, now);
    return sent;
  };
  const provideOwn = async (blobs: readonly Blob[], signal: AbortSignal | undefined): Promise<Sent> => {
    const work = provideMissing(blobs, signal);
    for (const { digest } of blobs) underway.set(digest.hash, work);
    try {
      return await work;
    } finally {
      for (const { digest } of blobs) underway.delete(digest.hash);
    }
  };
  return {
    async provide(blobs, signal) {
      let [count, bytes] = [0, 0];
      for (;;) {
        const now = performance.now();
        const wanted = [...blobs.values()].filter(({ digest }) => !isTrusted(digest, now));
        const own = wanted.filter(({ digest }) => !underway.has(digest.hash));
        const others = new Set(wanted.flatMap(({ digest }) => underway.get(digest.hash) ?? []));
        if (own.length > 0) {
          const sent = await provideOwn(own, signal);
          count += sent.blobs;
          bytes += sent.bytes;
        }
        if (others.size === 0) return { blobs: count, bytes };
        // What they could not provide, this call then provides itself.
        await orAborted(Promise.allSettled(others), signal);
      }
    },
    distrust(blobs) {
      for (const hash of blobs.keys()) trusted.delete(hash);
    },
  };
}
