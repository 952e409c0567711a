import { ABSOLUTE_LINKS_DISALLOWED, DIGEST_FUNCTION_SHA256 } from '../../reapi/messages.ts';
import { connect, type RemoteAccess, type RemoteConnection } from '../api/connection.ts';
import type { RemoteAddress } from '../api/remote-address.ts';
import { RemoteProblem } from '../api/remote-problem.ts';
import { MOST_TRIES, retry } from '../service/retry.ts';
import { openStorage, type RemoteStorage } from '../service/storage.ts';

/** A server that executes trials, as the user names it. */
export interface RemoteServer {
  readonly address: RemoteAddress;
  readonly access: RemoteAccess;
  /** What a worker must have (`Platform` of the API), as the documentation of the server names it. */
  readonly properties: Readonly<Record<string, string>>;
}

/** A server that can execute trials. */
export interface OpenServer {
  readonly connection: RemoteConnection;
  readonly storage: RemoteStorage;
  /** Whether links of an input root may have absolute targets. */
  readonly absoluteLinks: boolean;
}

/** For an address that may be mistyped: nobody should have to wait as long as a server takes to start again. */
const FIRST_TRIES = 3;
/** In milliseconds, of each of them. */
const FIRST_PATIENCE = 10_000;

/**
 * Connects to a server and asks whether it can execute trials.
 *
 * @param isKnown whether it has answered before, so that it is worth waiting for
 * @throws RemoteProblem if it cannot, UserError if a file of its access cannot be read, and the signal's reason
 */
export async function openServer(
  { address, access }: RemoteServer,
  isKnown = false,
  signal?: AbortSignal,
): Promise<OpenServer> {
  const connection = connect(address, access);
  try {
    const instanceName = address.instance;
    const { cacheCapabilities: cache = {}, executionCapabilities: execution = {} } = await retry(
      () => connection.ask('GetCapabilities', { instanceName }, signal, FIRST_PATIENCE),
      signal,
      isKnown ? MOST_TRIES : FIRST_TRIES,
    );
    const refuse = (clause: string) => new RemoteProblem(0, `${address.shown} ${clause}`, false);
    if (execution.execEnabled !== true)
      throw refuse('stores files and does not execute actions: name a server that executes them');
    if (cache.digestFunctions?.includes(DIGEST_FUNCTION_SHA256) !== true)
      throw refuse('does not name files by SHA-256: set its digest function to SHA256');
    return {
      connection,
      storage: openStorage(connection, cache.maxBatchTotalSizeBytes ?? 0),
      absoluteLinks: cache.symlinkAbsolutePathStrategy !== ABSOLUTE_LINKS_DISALLOWED,
    };
  } catch (error) {
    connection.close();
    throw error;
  }
}
