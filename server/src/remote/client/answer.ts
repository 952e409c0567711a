import { writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { status as grpcStatus } from '@grpc/grpc-js';
import type { TrialRecord } from '../../audit/record.ts';
import { showLine } from '../../errors/visible-text.ts';
import { guardDisk } from '../../host/disk-room.ts';
import { linkLastLog, nameLog } from '../../host/log-folder.ts';
import { createIsOwned, joinNamedPaths, type NamedPaths, sortNamedAgain } from '../../host/named-paths.ts';
import type { Message } from '../../reapi/messages.ts';
import type { PlacedTrial } from '../../trial/trial-place.ts';
import type { StatesOutcome } from '../../trial/use-states/try-states.ts';
import { RemoteProblem } from '../api/remote-problem.ts';
import { ANSWER_PLACE, LASTING, PASSING, type TrialAnswer } from '../order.ts';
import type { RemoteStorage } from '../service/storage.ts';
import { checkAnswer, type ExpectedAnswer } from './check-answer.ts';
import type { OpenServer } from './server.ts';

/** In bytes: of the compressed answer, and of what is in it. */
const LONGEST_ANSWER = 256 * 2 ** 20;
const LONGEST_CONTENT = 512 * 2 ** 20;
/** In bytes, of what a worker said. */
const LONGEST_OUTPUT = 16 * 2 ** 20;
/** In UTF-16 units, of what is shown of it. */
const LONGEST_REASON = 500;

/**
 * Reads the answer of a worker.
 *
 * @throws RemoteProblem if there is none
 */
export async function readAnswer(
  { connection, storage }: OpenServer,
  result: Message<'ActionResult'>,
  expected: ExpectedAnswer,
  signal: AbortSignal | undefined,
): Promise<TrialAnswer> {
  const { shown } = connection.address;
  const { exitCode = 0, outputFiles = [] } = result;
  const file = outputFiles.find(({ path }) => path === ANSWER_PLACE.slice(1));
  if ((exitCode !== LASTING && exitCode !== PASSING) || file === undefined) {
    const said = await readOutput(storage, result, signal);
    const reason = said === '' ? `its status was ${exitCode}` : said;
    throw new RemoteProblem(
      grpcStatus.INTERNAL,
      `a worker of ${shown} could not run the trial (${reason}): see docs/remote.md for what a worker must have`,
      false,
    );
  }
  const { hash = '', sizeBytes = 0 } = file.digest ?? {};
  const bytes =
    file.contents !== undefined && file.contents.length > 0
      ? Buffer.from(file.contents)
      : await storage.fetch({ hash, sizeBytes }, LONGEST_ANSWER, signal);
  try {
    const text = gunzipSync(bytes, { maxOutputLength: LONGEST_CONTENT }).toString('utf8');
    return checkAnswer(JSON.parse(text), expected);
  } catch (error) {
    throw new RemoteProblem(
      grpcStatus.INTERNAL,
      `a worker of ${shown} answered nonsense (${showLine((error as Error).message)})`,
      false,
    );
  }
}

/** The reason in what a worker said on standard error, or on standard output. */
async function readOutput(
  storage: RemoteStorage,
  { stderrRaw, stderrDigest, stdoutRaw, stdoutDigest }: Message<'ActionResult'>,
  signal: AbortSignal | undefined,
): Promise<string> {
  for (const [raw, digest] of [
    [stderrRaw, stderrDigest],
    [stdoutRaw, stdoutDigest],
  ] as const) {
    const { hash = '', sizeBytes = 0 } = digest ?? {};
    const bytes =
      raw !== undefined && raw.length > 0
        ? raw
        : sizeBytes > 0
          ? await storage.fetch({ hash, sizeBytes }, LONGEST_OUTPUT, signal).catch(() => {
              signal?.throwIfAborted();
              return Buffer.alloc(0);
            })
          : Buffer.alloc(0);
    const reason = findReason(Buffer.from(bytes).toString('utf8'));
    if (reason !== '') return showLine(reason);
  }
  return '';
}

/** The last line, or the error in what Node prints when nothing catches one: that ends with its version. */
function findReason(output: string): string {
  const lines = output.trim().split('\n');
  const last = lines.at(-1) ?? '';
  const thrown = last.startsWith('Node.js v')
    ? lines.findLast((line) => /^\w*Error\b/.test(line))
    : undefined;
  return (thrown ?? last).trim().slice(0, LONGEST_REASON);
}

/**
 * Turns the answer of a worker into the outcome of a trial of this machine: with its own logs, and the named paths as they are here.
 *
 * @param evaluated the paths that the evaluation on this machine has named
 */
export async function takeOutcome(
  { world, root, location }: PlacedTrial,
  { record, metadata, lasting, named, logs }: TrialAnswer & { readonly kind: 'done' },
  evaluated: NamedPaths | undefined,
): Promise<StatesOutcome> {
  const keepLog = (found: TrialRecord): TrialRecord => {
    const text = Object.hasOwn(logs, found.log) ? logs[found.log] : undefined;
    const log = guardDisk(() => nameLog(world.home, location));
    if (text !== undefined) {
      guardDisk(() => writeFileSync(log, text));
      linkLastLog(log);
    }
    return { ...found, log, variants: found.variants.map(keepLog) };
  };
  return {
    record: keepLog(record),
    metadata,
    lasting,
    // The evaluation is last, as in `TrialSession.listNamed`.
    named:
      named &&
      evaluated &&
      joinNamedPaths([await sortNamedAgain(named, root, createIsOwned(root)), evaluated]),
  };
}
