/** A server of the Remote Execution API in this process. It answers what a test says, over real connections. */
import type { EventEmitter } from 'node:events';
import {
  type Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import { decode, encode } from '../../server/src/reapi/encoding.ts';
import type { Message, MessageName } from '../../server/src/reapi/messages.ts';
import { connect, type RemoteAccess, type RemoteConnection } from '../../server/src/remote/api/connection.ts';
import { parseRemoteAddress } from '../../server/src/remote/api/remote-address.ts';

/** Paths of methods with their messages, as the protocol has them. */
const METHODS = {
  GetCapabilities: [
    '/build.bazel.remote.execution.v2.Capabilities/GetCapabilities',
    'GetCapabilitiesRequest',
    'ServerCapabilities',
  ],
  FindMissingBlobs: [
    '/build.bazel.remote.execution.v2.ContentAddressableStorage/FindMissingBlobs',
    'FindMissingBlobsRequest',
    'FindMissingBlobsResponse',
  ],
  BatchUpdateBlobs: [
    '/build.bazel.remote.execution.v2.ContentAddressableStorage/BatchUpdateBlobs',
    'BatchUpdateBlobsRequest',
    'BatchUpdateBlobsResponse',
  ],
  CancelOperation: ['/google.longrunning.Operations/CancelOperation', 'CancelOperationRequest', 'Empty'],
  Execute: ['/build.bazel.remote.execution.v2.Execution/Execute', 'ExecuteRequest', 'Operation'],
  WaitExecution: [
    '/build.bazel.remote.execution.v2.Execution/WaitExecution',
    'WaitExecutionRequest',
    'Operation',
  ],
  Read: ['/google.bytestream.ByteStream/Read', 'ReadRequest', 'ReadResponse'],
  Write: ['/google.bytestream.ByteStream/Write', 'WriteRequest', 'WriteResponse'],
} as const satisfies Readonly<Record<string, readonly [string, MessageName, MessageName]>>;

type Methods = typeof METHODS;
type Name = keyof Methods;
type Request<Key extends Name> = Message<Methods[Key][1]>;
type Response<Key extends Name> = Message<Methods[Key][2]>;

/** What a server is asked, once. */
interface Asked {
  readonly metadata: Metadata;
  /** Settled when the client has cancelled. */
  readonly cancelled: Promise<void>;
}

type Awaitable<Value> = Value | Promise<Value>;
type Unary<Key extends Name> = (request: Request<Key>, asked: Asked) => Awaitable<Response<Key>>;
type Streaming<Key extends Name> = (
  request: Request<Key>,
  asked: Asked,
) => AsyncIterable<Response<Key>> | Iterable<Response<Key>>;

/** The answers of a server. What is absent is UNIMPLEMENTED. An answer that throws {@link Refusal} is its status. */
export interface Answers {
  GetCapabilities?: Unary<'GetCapabilities'>;
  FindMissingBlobs?: Unary<'FindMissingBlobs'>;
  BatchUpdateBlobs?: Unary<'BatchUpdateBlobs'>;
  CancelOperation?: Unary<'CancelOperation'>;
  Execute?: Streaming<'Execute'>;
  WaitExecution?: Streaming<'WaitExecution'>;
  Read?: Streaming<'Read'>;
  Write?: (requests: AsyncIterable<Request<'Write'>>, asked: Asked) => Promise<Response<'Write'>>;
}

export class Refusal extends Error {
  readonly code: number;

  constructor(code: number, details = '') {
    super(details);
    this.code = code;
  }
}

export interface FakeRemote {
  /** With the scheme of the server. */
  readonly shown: string;
  /** The methods that were called, in order. */
  readonly called: readonly Name[];
  /** Makes a connection, which is closed with the server. */
  connect(access?: RemoteAccess, instance?: string): RemoteConnection;
  /** Breaks all connections. The server takes new ones. */
  breakConnections(): void;
  close(): Promise<void>;
}

export async function startFakeRemote(
  answers: Answers,
  credentials: ServerCredentials = ServerCredentials.createInsecure(),
  scheme: 'grpc' | 'grpcs' = 'grpc',
): Promise<FakeRemote> {
  const server = new Server({ 'grpc.max_receive_message_length': -1 });
  const called: Name[] = [];
  for (const name of Object.keys(METHODS) as Name[]) addMethod(server, name, answers, called);
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  const shown = `${scheme}://127.0.0.1:${port}`;
  const connections: RemoteConnection[] = [];
  return {
    shown,
    called,
    connect(access = {}, instance = '') {
      const made = connect(parseRemoteAddress(`${shown}/${instance}`), access);
      connections.push(made);
      return made;
    },
    breakConnections: () => server.drain(`127.0.0.1:${port}`, 0),
    async close() {
      for (const made of connections) made.close();
      server.forceShutdown();
    },
  };
}

type Call =
  | ServerUnaryCall<object, object>
  | ServerReadableStream<object, object>
  | ServerWritableStream<object, object>
  | ServerDuplexStream<object, object>;

function addMethod(server: Server, name: Name, answers: Answers, called: Name[]): void {
  const [path, request, response] = METHODS[name];
  const responseStream = name === 'Execute' || name === 'WaitExecution' || name === 'Read';
  const askedBy = (call: Call): Asked => ({
    metadata: call.metadata,
    cancelled: new Promise((resolve) => (call as EventEmitter).once('cancelled', () => resolve())),
  });
  const fail = (error: unknown) => ({
    code: error instanceof Refusal ? error.code : status.INTERNAL,
    details: (error as Error).message,
  });
  const find = () => {
    called.push(name);
    const answer = answers[name] as
      | ((request: unknown, asked: Asked) => Awaitable<object> | AsyncIterable<object>)
      | undefined;
    if (answer === undefined) throw new Refusal(status.UNIMPLEMENTED, `no ${name}`);
    return answer;
  };
  const giveOne = async (call: Call & { request?: object }, callback: sendUnaryData<object>) => {
    try {
      const answer = find();
      callback(null, (await answer(name === 'Write' ? call : call.request, askedBy(call))) as object);
    } catch (error) {
      callback(fail(error));
    }
  };
  const giveMany = async (call: ServerWritableStream<object, object>) => {
    try {
      const messages = find()(call.request, askedBy(call)) as AsyncIterable<object>;
      for await (const message of messages) {
        if (call.cancelled) break;
        if (!call.write(message))
          await Promise.race([
            new Promise((resolve) => call.once('drain', resolve)),
            new Promise((resolve) => call.once('cancelled', resolve)),
          ]);
      }
      call.end();
    } catch (error) {
      call.emit('error', fail(error));
    }
  };
  server.addService(
    {
      [name]: {
        path,
        requestStream: name === 'Write',
        responseStream,
        requestSerialize: (message: object) => encode(request, message),
        requestDeserialize: (bytes: Buffer) => decode(request, bytes),
        responseSerialize: (message: object) => encode(response, message),
        responseDeserialize: (bytes: Buffer) => decode(response, bytes),
      },
    },
    { [name]: responseStream ? giveMany : giveOne },
  );
}
