import { status } from '@grpc/grpc-js';
import { RemoteProblem } from '../api/remote-problem.ts';
import { orAborted } from '../service/or-aborted.ts';
import { type OpenServer, openServer, type RemoteServer } from './server.ts';

/** The server that all trials of a command use. */
export interface SharedServer {
  /**
   * Does some work with the server. The first work opens it, as does the next after a connection has failed.
   *
   * @throws the errors of `openServer` and of the work, and the signal's reason
   */
  use<Result>(work: (open: OpenServer) => Promise<Result>, signal: AbortSignal | undefined): Promise<Result>;
  close(): void;
}

/** The states of gRPC after which another connection may help: it reads the token and the certificates again. */
const OF_CONNECTION: ReadonlySet<number> = new Set([
  status.UNAVAILABLE,
  status.DEADLINE_EXCEEDED,
  status.UNAUTHENTICATED,
  status.PERMISSION_DENIED,
]);

interface Connected {
  readonly opening: Promise<OpenServer>;
  /** Aborted when nobody uses it any more. */
  readonly end: AbortController;
  users: number;
}

export function shareServer(server: RemoteServer): SharedServer {
  let current: Connected | undefined;
  let isKnown = false;
  const connect = (): Connected => {
    const end = new AbortController();
    const opening = openServer(server, isKnown, end.signal).then((opened) => {
      isKnown = true;
      if (end.signal.aborted) opened.connection.close();
      else end.signal.addEventListener('abort', () => opened.connection.close(), { once: true });
      return opened;
    });
    return { opening, end, users: 0 };
  };
  const drop = (connected: Connected) => {
    if (current === connected) current = undefined;
  };
  return {
    async use(work, signal) {
      current ??= connect();
      const connected = current;
      connected.users++;
      let isOpen = false;
      try {
        // Others may use the connection, so this signal must not end it.
        const opened = await orAborted(connected.opening, signal);
        isOpen = true;
        return await work(opened);
      } catch (error) {
        const isLost = error instanceof RemoteProblem && (!isOpen || OF_CONNECTION.has(error.code));
        if (isLost || (!isOpen && signal?.aborted !== true)) drop(connected);
        throw error;
      } finally {
        connected.users--;
        if (connected.users === 0) {
          // Nobody waits for it any more, and it would keep the process alive.
          if (!isOpen) drop(connected);
          if (current !== connected) connected.end.abort(new Error('nobody uses the connection'));
        }
      }
    },
    close() {
      current?.end.abort(new Error('the connection is closed'));
      current = undefined;
    },
  };
}
