import { readFileSync } from 'node:fs';
import {
  type ChannelCredentials,
  Client,
  credentials,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { UserError } from '../../errors/user-error.ts';
import { PRODUCT_VERSION } from '../../host/product-version.ts';
import { decode, encode } from '../../reapi/encoding.ts';
import type { Message, MessageName } from '../../reapi/messages.ts';
import type { RemoteAddress } from './remote-address.ts';
import { RemoteProblem } from './remote-problem.ts';

const EXECUTION = 'build.bazel.remote.execution.v2';

const METHODS = {
  GetCapabilities: method(`${EXECUTION}.Capabilities`, 'GetCapabilitiesRequest', 'ServerCapabilities'),
  FindMissingBlobs: method(
    `${EXECUTION}.ContentAddressableStorage`,
    'FindMissingBlobsRequest',
    'FindMissingBlobsResponse',
  ),
  BatchUpdateBlobs: method(
    `${EXECUTION}.ContentAddressableStorage`,
    'BatchUpdateBlobsRequest',
    'BatchUpdateBlobsResponse',
  ),
  GetActionResult: method(`${EXECUTION}.ActionCache`, 'GetActionResultRequest', 'ActionResult'),
  CancelOperation: method('google.longrunning.Operations', 'CancelOperationRequest', 'Empty'),
  Execute: method(`${EXECUTION}.Execution`, 'ExecuteRequest', 'Operation'),
  WaitExecution: method(`${EXECUTION}.Execution`, 'WaitExecutionRequest', 'Operation'),
  Read: method('google.bytestream.ByteStream', 'ReadRequest', 'ReadResponse'),
  Write: method('google.bytestream.ByteStream', 'WriteRequest', 'WriteResponse'),
} as const;

/** A method of a service, with the messages that it takes and gives. */
interface Method<Request extends MessageName, Response extends MessageName> {
  readonly service: string;
  readonly request: Request;
  readonly response: Response;
}

function method<Request extends MessageName, Response extends MessageName>(
  service: string,
  request: Request,
  response: Response,
): Method<Request, Response> {
  return { service, request, response };
}

type Methods = typeof METHODS;
type StreamingMethod = 'Execute' | 'WaitExecution' | 'Read';
type UnaryMethod = Exclude<keyof Methods, StreamingMethod | 'Write'>;
type Request<Name extends keyof Methods> = Message<Methods[Name]['request']>;
type Response<Name extends keyof Methods> = Message<Methods[Name]['response']>;

/** A connection to a server of the Remote Execution API. Its operations throw RemoteProblem, and the reason of their signal. */
export interface RemoteConnection {
  readonly address: RemoteAddress;
  /** @param patience in milliseconds */
  ask<Name extends UnaryMethod>(
    name: Name,
    request: Request<Name>,
    signal?: AbortSignal,
    patience?: number,
  ): Promise<Response<Name>>;
  /** Calls a method that answers with several messages. It has no time limit. */
  stream<Name extends StreamingMethod>(
    name: Name,
    request: Request<Name>,
    signal?: AbortSignal,
  ): AsyncIterable<Response<Name>>;
  /** Sends the requests of one `Write` of a byte stream. @returns the number of bytes that the server has @throws the error of `requests` too */
  write(requests: Iterable<Request<'Write'>>, signal?: AbortSignal): Promise<number>;
  close(): void;
}

/** What a connection needs that must be in no message and no record. */
export interface RemoteAccess {
  /** Path of a file with a bearer token; absent: none. */
  readonly tokenFile?: string;
  /** Path of a PEM file with the certificates of authorities; absent: those of Node. */
  readonly authorityFile?: string;
  /** Paths of PEM files with the certificate and key of this client; absent: none. */
  readonly certificateFile?: string;
  readonly keyFile?: string;
}

/** For a request with one answer, in milliseconds. */
const PATIENCE = 60_000;
/** In bytes; a server says itself how much it takes. */
const LONGEST_MESSAGE = 64 * 2 ** 20;

/** @throws UserError if a file of `access` cannot be read */
export function connect(address: RemoteAddress, access: RemoteAccess): RemoteConnection {
  const token =
    access.tokenFile === undefined ? undefined : readAccessFile(access.tokenFile).toString('utf8').trim();
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token))
    throw new UserError(`${access.tokenFile} has no token: it must be one word.`);
  const client = new Client(address.target, credentialsOf(address, access), {
    'grpc.primary_user_agent': `ebuild-audit/${PRODUCT_VERSION}`,
    'grpc.max_receive_message_length': LONGEST_MESSAGE,
    'grpc.max_send_message_length': LONGEST_MESSAGE,
    // A worker may be silent for hours; a proxy on the way must not take the connection for dead.
    'grpc.keepalive_time_ms': 60_000,
  });
  const metadata = new Metadata();
  if (token !== undefined) metadata.set('authorization', `Bearer ${token}`);
  const codecOf = (name: keyof Methods) => {
    const { service, request, response } = METHODS[name];
    return {
      path: `/${service}/${name}`,
      serialize: (message: object) => encode(request, message),
      deserialize: (bytes: Buffer) => decode(response, bytes),
    };
  };
  const explain = (error: ServiceError, signal: AbortSignal | undefined, patience = PATIENCE): unknown => {
    if (signal?.aborted === true) return signal.reason;
    const { code = status.UNKNOWN, details = error.message } = error;
    // A server may name the token that it refuses.
    const shown = token === undefined ? details : details.replaceAll(token, '…');
    return problemOf(code, code === status.DEADLINE_EXCEEDED ? `${patience / 1000} s` : shown, address);
  };

  return {
    address,
    ask: (name, request, signal, patience = PATIENCE) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        const { path, serialize, deserialize } = codecOf(name);
        const call = client.makeUnaryRequest(
          path,
          serialize,
          deserialize,
          request,
          metadata,
          { deadline: Date.now() + patience },
          (error, response) => {
            unlisten();
            if (error !== null) reject(explain(error, signal, patience));
            else resolve(response as Response<typeof name>);
          },
        );
        const unlisten = onAbort(signal, () => call.cancel());
      }),
    async *stream(name, request, signal) {
      signal?.throwIfAborted();
      const { path, serialize, deserialize } = codecOf(name);
      const call = client.makeServerStreamRequest(path, serialize, deserialize, request, metadata, {});
      const unlisten = onAbort(signal, () => call.cancel());
      try {
        for await (const message of call) yield message as Response<typeof name>;
      } catch (error) {
        throw explain(error as ServiceError, signal);
      } finally {
        unlisten();
        call.cancel();
      }
    },
    write: (requests, signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        const { path, serialize, deserialize } = codecOf('Write');
        const call = client.makeClientStreamRequest(
          path,
          serialize,
          deserialize,
          metadata,
          {},
          (error, response) => {
            unlisten();
            // Ends `sendAll`, which may be waiting until there is room for more.
            call.destroy();
            if (error !== null) reject(explain(error, signal));
            else resolve((response as Response<'Write'>).committedSize ?? 0);
          },
        );
        const unlisten = onAbort(signal, () => call.cancel());
        // A server that has the bytes already answers at once, and what is written then is an error of the stream that nobody needs.
        call.on('error', () => {});
        sendAll(call, requests).catch((error) => {
          reject(error);
          call.cancel();
        });
      }),
    close: () => client.close(),
  };
}

/** The part of a stream that takes messages. */
interface MessageSink {
  write(message: object): boolean;
  once(event: 'drain' | 'close', listener: () => void): unknown;
  end(): void;
  readonly destroyed: boolean;
}

async function sendAll(call: MessageSink, requests: Iterable<object>): Promise<void> {
  for (const request of requests) {
    if (call.destroyed) return;
    if (!call.write(request))
      await new Promise<void>((resolve) => {
        call.once('drain', resolve);
        call.once('close', resolve);
      });
  }
  call.end();
}

function onAbort(signal: AbortSignal | undefined, action: () => void): () => void {
  signal?.addEventListener('abort', action, { once: true });
  return () => signal?.removeEventListener('abort', action);
}

function credentialsOf(address: RemoteAddress, access: RemoteAccess): ChannelCredentials {
  if (!address.isSecure) return credentials.createInsecure();
  const read = (path: string | undefined) => (path === undefined ? null : readAccessFile(path));
  try {
    return credentials.createSsl(
      read(access.authorityFile),
      read(access.keyFile),
      read(access.certificateFile),
    );
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(
      `The certificates for ${address.shown} cannot be used (${(error as Error).message}): give PEM files, and a key with its certificate.`,
    );
  }
}

function readAccessFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new UserError(`${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}

/** The states of gRPC after which the same request may succeed. */
const PASSING: ReadonlySet<number> = new Set([
  // By the other side, as a server or a proxy does that is stopped.
  status.CANCELLED,
  status.UNAVAILABLE,
  status.RESOURCE_EXHAUSTED,
  status.ABORTED,
  status.INTERNAL,
  status.UNKNOWN,
  status.DEADLINE_EXCEEDED,
]);

/** Whether the same request may succeed later. @param code a status of gRPC */
export const isPassing = (code: number): boolean => PASSING.has(code);

/** What OpenSSL and Node say if a connection fails because of a certificate, or because the other side has no TLS. */
const OF_TLS = /certificate|\bSSL|\bTLS/i;

function problemOf(code: number, details: string, { shown }: RemoteAddress): RemoteProblem {
  if (code === status.UNAVAILABLE && OF_TLS.test(details))
    return new RemoteProblem(
      code,
      `${shown} cannot be reached by TLS (${details}): check the address, --remote-ca and --remote-cert`,
      false,
    );
  return new RemoteProblem(code, `${shown} ${clauseFor(code, details)}`, isPassing(code));
}

/** What gRPC says around the error of the socket. */
const NO_CONNECTION = /^No connection established\. Last error: (?:Error: )?(.*)\. Resolution note: .*$/s;

function clauseFor(code: number, details: string): string {
  if (code === status.UNAUTHENTICATED || code === status.PERMISSION_DENIED)
    return `does not let you in (${details}): check the token and the certificate`;
  if (code === status.UNAVAILABLE) return `cannot be reached (${details.replace(NO_CONNECTION, '$1')})`;
  if (code === status.DEADLINE_EXCEEDED) return `did not answer within ${details}`;
  if (code === status.UNIMPLEMENTED) return `cannot do this (${details})`;
  return `answered ${status[code] ?? code}: ${details}`;
}
