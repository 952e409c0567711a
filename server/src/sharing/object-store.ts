import { mkdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readRegularFile } from '../files/regular-file.ts';
import { replaceFile } from '../files/replace-file.ts';

/** `ac`: a list of records under a key; `cas`: an envelope under its SHA-256. */
export type ObjectKind = 'ac' | 'cas';

/** A store of bytes with the two kinds of keys of bazel-remote's protocol. */
export interface ObjectStore {
  /** The place for sentences, without secrets. */
  readonly shown: string;
  /**
   * @param limit in bytes
   * @returns undefined if there is none
   * @throws StoreProblem
   */
  get(kind: ObjectKind, key: string, limit: number, signal?: AbortSignal): Promise<Buffer | undefined>;
  /** @throws StoreProblem */
  put(kind: ObjectKind, key: string, bytes: Uint8Array, signal?: AbortSignal): Promise<void>;
}

/** A store that cannot do something. The message is a clause such as `it did not answer within 10 s`. */
export class StoreProblem extends Error {
  override readonly name = 'StoreProblem';
  /** Whether the rest of the command should not ask the store again. */
  readonly isGone: boolean;

  constructor(clause: string, isGone = false) {
    super(clause);
    this.isGone = isGone;
  }
}

/** In milliseconds. */
export const STORE_PATIENCE = 10_000;

/** Opens a folder with the two subfolders. */
export function openFolder(place: string): ObjectStore {
  const folder = resolve(place);
  return {
    shown: place,
    async get(kind, key, limit) {
      if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
        throw new StoreProblem('there is no such folder', true);
      let problem = '';
      const read = readRegularFile(
        join(folder, kind, key),
        [folder],
        (sentence) => (problem = sentence),
        limit,
      );
      if (problem !== '') throw new StoreProblem(`it cannot be read there (${problem.replace(/\.$/, '')})`);
      return read?.bytes;
    },
    async put(kind, key, bytes) {
      try {
        mkdirSync(join(folder, kind), { recursive: true });
        replaceFile(join(folder, kind, key), bytes);
      } catch (error) {
        throw new StoreProblem(`it cannot be written (${(error as NodeJS.ErrnoException).code})`, true);
      }
    },
  };
}

/**
 * Opens a server that speaks `GET` and `PUT` of `/ac/KEY` and `/cas/SHA256`.
 *
 * @param place its address; user and password in it are sent as basic authentication
 * @param patience for one request, in milliseconds
 */
export function openServer(place: string, patience: number): ObjectStore {
  let base: URL;
  try {
    base = new URL(place.replace(/\/*$/, '/'));
  } catch {
    const refuse = () => Promise.reject(new StoreProblem('it is not an address', true));
    return { shown: 'the store', get: refuse, put: refuse };
  }
  const { username, password } = base;
  // fetch refuses them in an address, and no sentence may show them.
  base.username = '';
  base.password = '';
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const headers = username === '' ? {} : { Authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
  const ask = async <T>(
    path: string,
    request: RequestInit,
    signal: AbortSignal | undefined,
    read: (response: Response) => Promise<T>,
  ): Promise<T> => {
    const limit = AbortSignal.timeout(patience);
    try {
      const both = signal === undefined ? limit : AbortSignal.any([signal, limit]);
      return await read(await fetch(new URL(path, base), { ...request, headers, signal: both }));
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof StoreProblem) throw error;
      if (limit.aborted) throw new StoreProblem(`it did not answer within ${patience / 1000} s`, true);
      const { code, message } = ((error as Error).cause ?? error) as NodeJS.ErrnoException;
      throw new StoreProblem(`it cannot be reached (${code ?? message})`, true);
    }
  };
  return {
    shown: base.href.replace(/\/$/, ''),
    get: (kind, key, limit, signal) =>
      ask(`${kind}/${key}`, {}, signal, async (response) => {
        if (response.status === 404) return undefined;
        if (!response.ok) throw new StoreProblem(`it answered with the status ${response.status}`);
        return readBody(response, limit);
      }),
    put: (kind, key, bytes, signal) =>
      ask(
        `${kind}/${key}`,
        { method: 'PUT', body: bytes as Uint8Array<ArrayBuffer> },
        signal,
        async (response) => {
          await response.arrayBuffer();
          if (!response.ok) throw new StoreProblem(`it answered with the status ${response.status}`);
        },
      ),
  };
}

async function readBody(response: Response, limit: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += (part as Uint8Array).length;
    if (length > limit) throw new StoreProblem(`it sent more than ${limit} bytes`);
    parts.push(part as Uint8Array);
  }
  return Buffer.concat(parts);
}
