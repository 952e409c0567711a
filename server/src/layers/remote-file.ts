import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { UserError } from '../errors/user-error.ts';

/** A server that says nothing for so long is taken for dead. In milliseconds. */
export const PATIENCE = 30_000;

/**
 * Opens a file of a binhost for reading.
 *
 * @param uri http, https, file, or an absolute path; it may hold a user's name and password, which no message shows
 * @param patience the longest time without a byte, in milliseconds
 * @throws UserError with a part of a sentence, also while it is read
 */
export async function openRemote(
  uri: string,
  signal: AbortSignal | undefined,
  patience: number = PATIENCE,
): Promise<AsyncIterable<Uint8Array>> {
  if (isLocal(uri)) return readLocal(uri.startsWith('/') ? uri : fileURLToPath(uri));
  const url = new URL(uri);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new UserError(`only http, https and file are read, not ${url.protocol}`);
  const silence = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const listen = () => {
    clearTimeout(timer);
    timer = setTimeout(
      () =>
        silence.abort(
          new UserError(`the server has said nothing for ${patience / 1000} s`, { reach: 'passing' }),
        ),
      patience,
    );
  };
  listen();
  const either = signal === undefined ? silence.signal : AbortSignal.any([signal, silence.signal]);
  // A server may think that it compresses a file that is compressed already.
  const headers = { ...authorization(url), 'accept-encoding': 'identity' };
  const response = await fetch(withoutPassword(url), { signal: either, headers }).catch((error) => {
    clearTimeout(timer);
    throw describe(error, either, url);
  });
  if (!response.ok || response.body === null) {
    clearTimeout(timer);
    await response.body?.cancel();
    throw new UserError(`the server answers ${response.status} ${response.statusText} for ${url.pathname}`, {
      reach: isBusy(response.status) ? 'passing' : 'same',
    });
  }
  return readBody(response.body, {
    listen,
    done: () => clearTimeout(timer),
    describe: (error) => describe(error, either, url),
  });
}

/** Whether an address of a binhost is a file of this machine. */
export const isLocal = (uri: string): boolean => uri.startsWith('/') || /^file:/i.test(uri);

/** An address as messages and records show it: without a user's name and password. */
export function hidePassword(uri: string): string {
  return uri.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1');
}

/** Opens a file without waiting for the writer of a pipe. */
async function readLocal(path: string): Promise<AsyncIterable<Uint8Array>> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  if ((await file.stat()).isFile()) return file.createReadStream();
  await file.close();
  throw new UserError(`${path} is no regular file`);
}

interface Reading {
  listen(): void;
  done(): void;
  describe(error: unknown): unknown;
}

async function* readBody(body: AsyncIterable<Uint8Array>, { listen, done, describe: explain }: Reading) {
  try {
    for await (const part of body) {
      listen();
      yield part;
    }
  } catch (error) {
    throw explain(error);
  } finally {
    done();
  }
}

function describe(error: unknown, signal: AbortSignal, { host }: URL): unknown {
  if (signal.aborted) return signal.reason;
  const { message, cause } = error as Error & { cause?: Error & { code?: string } };
  return new UserError(`${host} cannot be read (${cause?.code ?? cause?.message ?? message})`, {
    cause: error,
    reach: 'passing',
  });
}

/** Whether the same request may be answered later (RFC 9110, 15.6; RFC 6585, 4). */
const isBusy = (status: number): boolean => status >= 500 || status === 429;

function withoutPassword(url: URL): URL {
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  return bare;
}

/** HTTP's basic authentication (RFC 7617). fetch() refuses names in addresses. */
function authorization({ username, password }: URL): Record<string, string> {
  if (username === '') return {};
  const words = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(words).toString('base64')}` };
}
