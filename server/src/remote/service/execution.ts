import { status as grpcStatus } from '@grpc/grpc-js';
import { decode } from '../../reapi/encoding.ts';
import { type Message, STAGES } from '../../reapi/messages.ts';
import type { RemoteConnection } from '../api/connection.ts';
import { RemoteProblem } from '../api/remote-problem.ts';
import type { Digest } from '../merkle/digest.ts';
import { waitBefore } from './retry.ts';

export type Stage = (typeof STAGES)[number];

/** An action that has ended. */
export interface Executed {
  readonly result: Message<'ActionResult'>;
  /** Whether the server had the result already. */
  readonly isCached: boolean;
}

/** How an action is executed. */
export interface ExecutionInput {
  readonly action: Digest;
  /** Whether a result that the server has is taken. */
  readonly acceptsCached: boolean;
  /** Sends blobs that the server has lost. @param hashes empty: which ones is not known */
  provideAgain(hashes: readonly string[]): Promise<void>;
  onStage(stage: Stage): void;
  readonly signal: AbortSignal | undefined;
}

const MOST_TRIES = 5;
/** In milliseconds: nobody waits longer for a server that shall cancel. */
const PATIENCE_TO_CANCEL = 5000;

/**
 * Executes an action on a server. What a worker loses is executed again; a broken connection is taken up again, and the execution goes on meanwhile.
 *
 * @throws RemoteProblem, and the signal's reason after the execution has been cancelled
 */
export async function execute(connection: RemoteConnection, input: ExecutionInput): Promise<Executed> {
  let running: string | undefined;
  try {
    return await executeUntilDone(connection, input, (name) => {
      running = name;
    });
  } catch (error) {
    // The worker is freed at once. If that fails, its time limit frees it.
    if (input.signal?.aborted === true && running !== undefined)
      await connection
        .ask('CancelOperation', { name: running }, AbortSignal.timeout(PATIENCE_TO_CANCEL))
        .catch(() => {});
    throw error;
  }
}

/** @param onRunning called with the name of the operation that runs on the server, and with undefined when it does not any more */
async function executeUntilDone(
  connection: RemoteConnection,
  input: ExecutionInput,
  onRunning: (name: string | undefined) => void,
): Promise<Executed> {
  const { shown } = connection.address;
  let name: string | undefined;
  const setName = (found: string | undefined) => {
    name = found;
    onRunning(found);
  };
  for (let tries = 1; ; tries++) {
    const known = name;
    let isAlive = false;
    try {
      const operation = await follow(connection, input, known, (found) => {
        setName(found);
        isAlive = known !== undefined;
      });
      setName(undefined);
      const { result, cachedResult, status } = readResponse(operation, shown);
      if ((status?.code ?? grpcStatus.OK) === grpcStatus.OK)
        return { result: result ?? {}, isCached: cachedResult ?? false };
      // The API has FAILED_PRECONDITION for blobs that are gone; buildbox-casd answers NOT_FOUND.
      const isLost = status?.code === grpcStatus.FAILED_PRECONDITION || status?.code === grpcStatus.NOT_FOUND;
      if (isLost && status !== undefined && tries < MOST_TRIES) {
        await input.provideAgain(readMissing(status));
        continue;
      }
      throw problemOf(status ?? {}, shown);
    } catch (error) {
      input.signal?.throwIfAborted();
      if (!(error instanceof RemoteProblem)) throw error;
      // The server has forgotten the operation, so it begins anew.
      if (error.code === grpcStatus.NOT_FOUND && name !== undefined) setName(undefined);
      // A server may look for the blobs before there is an operation.
      else if (error.code === grpcStatus.FAILED_PRECONDITION && tries < MOST_TRIES) {
        setName(undefined);
        await input.provideAgain([]);
        continue;
      } else if (!error.isPassing) throw error;
      // A proxy may break each connection of a long build after some minutes; what still runs is no failed try.
      if (isAlive && name !== undefined) tries -= 1;
      if (tries === MOST_TRIES) throw error;
      await waitBefore(Math.max(1, tries), input.signal);
    }
  }
}

/** Follows an operation to its end. */
async function follow(
  connection: RemoteConnection,
  { action, acceptsCached, onStage, signal }: ExecutionInput,
  known: string | undefined,
  onName: (name: string) => void,
): Promise<Message<'Operation'>> {
  const { instance: instanceName, shown } = connection.address;
  const operations =
    known === undefined
      ? connection.stream(
          'Execute',
          { instanceName, actionDigest: action, skipCacheLookup: !acceptsCached },
          signal,
        )
      : connection.stream('WaitExecution', { name: known }, signal);
  for await (const operation of operations) {
    const name = operation.name ?? known;
    if (name !== undefined) onName(name);
    if (operation.done === true) return operation;
    onStage(readStage(operation));
  }
  throw new RemoteProblem(grpcStatus.UNAVAILABLE, `${shown} ended the connection before the result`, true);
}

function readStage({ metadata }: Message<'Operation'>): Stage {
  try {
    const { stage = 0 } = decode('ExecuteOperationMetadata', metadata?.value ?? new Uint8Array());
    return STAGES[stage] ?? 'unknown';
  } catch {
    return 'unknown';
  }
}

function readResponse({ error, response }: Message<'Operation'>, shown: string): Message<'ExecuteResponse'> {
  if (error !== undefined) return { status: error };
  const read = readExecuteResponse(response?.value ?? new Uint8Array());
  if (read?.result === undefined && (read?.status?.code ?? grpcStatus.OK) === grpcStatus.OK)
    throw new RemoteProblem(grpcStatus.INTERNAL, `${shown} answered with something that is no result`, true);
  return read ?? {};
}

function readExecuteResponse(bytes: Uint8Array): Message<'ExecuteResponse'> | undefined {
  try {
    return decode('ExecuteResponse', bytes);
  } catch {
    return undefined;
  }
}

/** The hashes of the blobs that a server says it lacks; its subjects are `blobs/HASH/SIZE`. */
function readMissing({ details = [] }: Message<'Status'>): readonly string[] {
  return details
    .filter(({ typeUrl = '' }) => typeUrl.endsWith('PreconditionFailure'))
    .flatMap(({ value = new Uint8Array() }) => readViolations(value))
    .flatMap(({ subject = '' }) => /blobs\/([0-9a-f]{64})\//.exec(subject)?.[1] ?? []);
}

function readViolations(value: Uint8Array): readonly Message<'Violation'>[] {
  try {
    return decode('PreconditionFailure', value).violations ?? [];
  } catch {
    return [];
  }
}

/** The failures of an execution after which it may succeed on another worker. */
const PASSING: ReadonlySet<number> = new Set([
  grpcStatus.UNAVAILABLE,
  grpcStatus.ABORTED,
  grpcStatus.INTERNAL,
  grpcStatus.UNKNOWN,
  grpcStatus.RESOURCE_EXHAUSTED,
]);

function problemOf(
  { code = grpcStatus.UNKNOWN, message = '' }: Message<'Status'>,
  shown: string,
): RemoteProblem {
  const reason =
    code === grpcStatus.DEADLINE_EXCEEDED
      ? `stopped the trial, which took longer than its limit allows: raise it with "--limit time=…" (${message})`
      : `could not execute the trial (${grpcStatus[code] ?? code}: ${message})`;
  return new RemoteProblem(code, `${shown} ${reason}`, PASSING.has(code));
}
