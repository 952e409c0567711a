/**
 * The messages of the Remote Execution API v2 that this product sends and reads, and those of gRPC's own packages that come in them: the names of
 * the fields with their numbers and types, which are facts of the protocol. Fields that are not listed are skipped.
 */

export const MESSAGES = {
  // google.protobuf
  Any: { typeUrl: [1, 'string'], value: [2, 'bytes'] },
  Duration: { seconds: [1, 'int64'], nanos: [2, 'int32'] },
  Timestamp: { seconds: [1, 'int64'], nanos: [2, 'int32'] },
  UInt32Value: { value: [1, 'uint32'] },

  // google.rpc
  Status: { code: [1, 'int32'], message: [2, 'string'], details: [3, 'Any', 'many'] },
  PreconditionFailure: { violations: [1, 'Violation', 'many'] },
  Violation: { type: [1, 'string'], subject: [2, 'string'], description: [3, 'string'] },

  // google.longrunning
  Operation: {
    name: [1, 'string'],
    metadata: [2, 'Any'],
    done: [3, 'bool'],
    error: [4, 'Status'],
    response: [5, 'Any'],
  },
  CancelOperationRequest: { name: [1, 'string'] },
  Empty: {},

  // google.bytestream
  ReadRequest: { resourceName: [1, 'string'], readOffset: [2, 'int64'], readLimit: [3, 'int64'] },
  ReadResponse: { data: [10, 'bytes'] },
  WriteRequest: {
    resourceName: [1, 'string'],
    writeOffset: [2, 'int64'],
    finishWrite: [3, 'bool'],
    data: [10, 'bytes'],
  },
  WriteResponse: { committedSize: [1, 'int64'] },

  // build.bazel.remote.execution.v2: files
  Digest: { hash: [1, 'string'], sizeBytes: [2, 'int64'] },
  Directory: {
    files: [1, 'FileNode', 'many'],
    directories: [2, 'DirectoryNode', 'many'],
    symlinks: [3, 'SymlinkNode', 'many'],
    nodeProperties: [5, 'NodeProperties'],
  },
  FileNode: {
    name: [1, 'string'],
    digest: [2, 'Digest'],
    isExecutable: [4, 'bool'],
    nodeProperties: [6, 'NodeProperties'],
  },
  DirectoryNode: { name: [1, 'string'], digest: [2, 'Digest'] },
  SymlinkNode: { name: [1, 'string'], target: [2, 'string'] },
  NodeProperties: { mtime: [2, 'Timestamp'], unixMode: [3, 'UInt32Value'] },

  // … and storage
  FindMissingBlobsRequest: { instanceName: [1, 'string'], blobDigests: [2, 'Digest', 'many'] },
  FindMissingBlobsResponse: { missingBlobDigests: [2, 'Digest', 'many'] },
  BatchUpdateBlobsRequest: { instanceName: [1, 'string'], requests: [2, 'UpdatedBlob', 'many'] },
  UpdatedBlob: { digest: [1, 'Digest'], data: [2, 'bytes'] },
  BatchUpdateBlobsResponse: { responses: [1, 'BlobStatus', 'many'] },
  BlobStatus: { digest: [1, 'Digest'], status: [2, 'Status'] },

  // … and execution
  Property: { name: [1, 'string'], value: [2, 'string'] },
  Platform: { properties: [1, 'Property', 'many'] },
  Command: {
    arguments: [1, 'string', 'many'],
    environmentVariables: [2, 'Property', 'many'],
    platform: [5, 'Platform'],
    workingDirectory: [6, 'string'],
    outputPaths: [7, 'string', 'many'],
  },
  Action: {
    commandDigest: [1, 'Digest'],
    inputRootDigest: [2, 'Digest'],
    timeout: [6, 'Duration'],
    doNotCache: [7, 'bool'],
    salt: [9, 'bytes'],
    platform: [10, 'Platform'],
  },
  GetActionResultRequest: { instanceName: [1, 'string'], actionDigest: [2, 'Digest'] },
  ExecuteRequest: {
    instanceName: [1, 'string'],
    skipCacheLookup: [3, 'bool'],
    actionDigest: [6, 'Digest'],
  },
  WaitExecutionRequest: { name: [1, 'string'] },
  ExecuteOperationMetadata: { stage: [1, 'int32'], actionDigest: [2, 'Digest'] },
  ExecuteResponse: {
    result: [1, 'ActionResult'],
    cachedResult: [2, 'bool'],
    status: [3, 'Status'],
    message: [5, 'string'],
  },
  ActionResult: {
    outputFiles: [2, 'OutputFile', 'many'],
    exitCode: [4, 'int32'],
    stdoutRaw: [5, 'bytes'],
    stdoutDigest: [6, 'Digest'],
    stderrRaw: [7, 'bytes'],
    stderrDigest: [8, 'Digest'],
    executionMetadata: [9, 'ExecutedActionMetadata'],
  },
  OutputFile: { path: [1, 'string'], digest: [2, 'Digest'], contents: [5, 'bytes'] },
  ExecutedActionMetadata: {
    worker: [1, 'string'],
    queuedTimestamp: [2, 'Timestamp'],
    workerStartTimestamp: [3, 'Timestamp'],
    workerCompletedTimestamp: [4, 'Timestamp'],
    inputFetchStartTimestamp: [5, 'Timestamp'],
    inputFetchCompletedTimestamp: [6, 'Timestamp'],
    executionStartTimestamp: [7, 'Timestamp'],
    executionCompletedTimestamp: [8, 'Timestamp'],
  },

  // … and what a server can do
  GetCapabilitiesRequest: { instanceName: [1, 'string'] },
  ServerCapabilities: {
    cacheCapabilities: [1, 'CacheCapabilities'],
    executionCapabilities: [2, 'ExecutionCapabilities'],
  },
  CacheCapabilities: {
    digestFunctions: [1, 'int32', 'many'],
    maxBatchTotalSizeBytes: [4, 'int64'],
    symlinkAbsolutePathStrategy: [5, 'int32'],
  },
  ExecutionCapabilities: { digestFunction: [1, 'int32'], execEnabled: [2, 'bool'] },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Field>>>>;

/** A field: its number, its type, and whether there may be many. Enumerations are numbers. */
type Field = readonly [number: number, type: string] | readonly [number: number, type: string, count: 'many'];

/** The types of protobuf that are no messages. Numbers of 64 bits are sizes and lengths of time, which a double holds. */
interface Scalars {
  readonly string: string;
  readonly bytes: Uint8Array;
  readonly bool: boolean;
  readonly int32: number;
  readonly int64: number;
  readonly uint32: number;
}

type Table = typeof MESSAGES;
export type MessageName = keyof Table;

type Value<Type> = Type extends keyof Scalars
  ? Scalars[Type]
  : Type extends MessageName
    ? Message<Type>
    : never;
type FieldValue<Declared> = Declared extends readonly [number, infer Type, 'many']
  ? readonly Value<Type>[]
  : Declared extends readonly [number, infer Type]
    ? Value<Type>
    : never;

/** A message as plain data. A field that is absent has its default: zero, an empty text, no message. */
export type Message<Name extends MessageName> = {
  readonly [Key in keyof Table[Name]]?: FieldValue<Table[Name][Key]>;
};

export const DIGEST_FUNCTION_SHA256 = 1;
/** A server that refuses links with an absolute target. */
export const ABSOLUTE_LINKS_DISALLOWED = 1;

/** The numbers of `ExecutionStage`. */
export const STAGES = ['unknown', 'looking in the cache', 'queued', 'executing', 'completed'] as const;
