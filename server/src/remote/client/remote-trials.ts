import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { UserError } from '../../errors/user-error.ts';
import type { RunnerSettings } from '../../host/find-world.ts';
import type { PreparedEbuild } from '../../trial/prepared-ebuild.ts';
import { type PlacedTrial, runHere, type TrialPlace } from '../../trial/trial-place.ts';
import { demandFlags } from '../../trial/use-states/choose-states.ts';
import type { StatesOutcome } from '../../trial/use-states/try-states.ts';
import { RemoteProblem } from '../api/remote-problem.ts';
import type { Programs } from '../input-root/program-part.ts';
import type { Digest } from '../merkle/digest.ts';
import { type FileDigests, openFileDigests } from '../merkle/file-digests.ts';
import type { TrialAnswer } from '../order.ts';
import type { Stage } from '../service/execution.ts';
import type { Sent } from '../service/uploads.ts';
import { takeOutcome } from './answer.ts';
import type { ReadRecord } from './check-answer.ts';
import { listProvided, prepareHere } from './provided-packages.ts';
import { runAction } from './run-action.ts';
import type { OpenServer, RemoteServer } from './server.ts';
import { shareServer } from './shared-server.ts';
import { type DescribedTrial, describeTrial, type ProvidedTrial } from './trial-action.ts';

/** Trials on the workers of a server. */
export interface RemoteTrials {
  readonly place: TrialPlace;
  close(): void;
}

export interface RemoteTrialsInput {
  readonly server: RemoteServer;
  /** The settings for the workers: 0 as `buildJobs` stands for their processors. */
  readonly settings: Pick<RunnerSettings, 'buildJobs' | 'limits'>;
  readonly programs: Omit<Programs, 'helper'>;
  /** Finds the compiled helper of this machine. */
  findHelper(): Promise<string>;
  readonly readRecord: ReadRecord;
  /** Called with what was sent for an action. */
  onSent?(sent: Sent): void;
}

/** The phases of a trial's progress. Not every server tells its stages. */
const PHASES_OF_STAGES: Readonly<Record<Stage, string>> = {
  unknown: 'remote',
  'looking in the cache': 'remote',
  queued: 'waiting for a worker',
  executing: 'on a worker',
  completed: 'on a worker',
};
/** A trial asks for further packages at most so often: each time it wants all that it has seen. */
const MOST_ROUNDS = 8;

/** The states of gRPC in which a server serves nobody with these options. Whatever else happens may be the fault of one worker. */
const REFUSALS: ReadonlySet<number> = new Set([
  status.UNAUTHENTICATED,
  status.PERMISSION_DENIED,
  status.UNIMPLEMENTED,
]);

/** Opens trials on a server. The connection is made by the first. */
export function openRemoteTrials(input: RemoteTrialsInput): RemoteTrials {
  const server = shareServer(input.server);
  let digests: FileDigests | undefined;
  return {
    async place(trial) {
      digests ??= openFileDigests(join(trial.world.home, 'remote', 'file-digests'));
      const known = { ...input, digests };
      try {
        return await server.use((open) => runRemotely({ ...known, open }, trial), trial.signal);
      } catch (error) {
        if (!(error instanceof RemoteProblem)) throw error;
        throw new UserError(`The trial could not be run remotely: ${error.message}.`, {
          reach: REFUSALS.has(error.code) ? 'all' : 'passing',
        });
      }
    },
    close: () => server.close(),
  };
}

interface OpenTrials extends RemoteTrialsInput {
  readonly open: OpenServer;
  readonly digests: FileDigests;
}

/** Runs a trial on a worker. */
async function runRemotely(input: OpenTrials, trial: PlacedTrial): Promise<StatesOutcome> {
  const { extent, listener, world } = trial;
  const began = world.now();
  const progress = (phase: string) =>
    listener.progress({ phase, elapsed: world.now() - began, packagesSeen: 0 });
  progress('preparing');
  const prepared = await prepareHere(trial, progress);
  const { layering } = prepared;
  try {
    demandFlags(prepared.evaluation.metadata, extent.flags);
    if (layering === undefined) return await askWorkers(input, trial, prepared, progress);
    // Without layers nothing is built, and of the other states it is not known which layers they need.
    if (layering.stack === undefined || extent.matrix !== 'none')
      return await runHere({ ...trial, prepared });
    return await askWorkers(input, { ...trial, root: layering.root }, prepared, progress);
  } finally {
    layering?.release();
  }
}

/** Asks for the trial, again with more packages as long as a worker lacks some. */
async function askWorkers(
  input: OpenTrials,
  trial: PlacedTrial,
  { evaluation, layering }: PreparedEbuild,
  progress: (phase: string) => void,
): Promise<StatesOutcome> {
  const { metadata, named } = evaluation;
  const wanted = new Set<string>();
  let before = -1;
  for (let round = 1; round <= MOST_ROUNDS; round++) {
    const provided = listProvided(trial, metadata, wanted);
    if (provided.size === before) break;
    before = provided.size;
    const answer = await askWorker(input, trial, { metadata, layering, provided }, progress);
    if (answer.kind === 'refused')
      throw new UserError(`On a worker of ${input.server.address.shown}: ${answer.sentence}`, {
        reach: answer.reach,
      });
    if (answer.kind === 'lacking') for (const id of answer.packages) wanted.add(id);
    else {
      const outcome = await takeOutcome(trial, answer, named);
      trial.listener.record(outcome.record);
      return { ...outcome, binaryPackages: layering?.sources };
    }
  }
  throw new RemoteProblem(
    status.INTERNAL,
    `a worker of ${input.open.connection.address.shown} asks again and again for packages, and none helps`,
    false,
  );
}

async function askWorker(
  input: OpenTrials,
  trial: PlacedTrial,
  provided: ProvidedTrial,
  progress: (phase: string) => void,
): Promise<TrialAnswer> {
  const { open } = input;
  const { location, fresh, signal } = trial;
  progress('sending');
  const setting = {
    ...{ settings: input.settings, digests: input.digests, absoluteLinks: open.absoluteLinks },
    programs: { ...input.programs, helper: await input.findHelper() },
    properties: input.server.properties,
  };
  const describe = () => describeTrial(setting, trial, provided);
  const { digest, gaps, sent } = await sendAction(open, describe, signal);
  input.onSent?.(sent);
  const execution = {
    action: digest,
    acceptsCached: !fresh,
    // Described anew, because while a trial runs, and there may be a hundred, nothing else needs what was sent.
    provideAgain: (hashes: readonly string[]) => provideAgain(open, describe(), digest, hashes, signal),
    onStage: (stage: Stage) => progress(PHASES_OF_STAGES[stage]),
    signal,
  };
  return noteGaps(await runAction(open, execution, { location, readRecord: input.readRecord }), gaps);
}

async function sendAction(
  { storage }: OpenServer,
  describe: () => DescribedTrial,
  signal: AbortSignal | undefined,
): Promise<{ readonly digest: Digest; readonly gaps: readonly string[]; readonly sent: Sent }> {
  const { action, gaps } = describe();
  return { digest: action.digest, gaps, sent: await storage.provide(action.blobs, signal) };
}

/** Sends what the server has lost; everything if it does not say what. @throws RemoteProblem, also if the action is another one now */
async function provideAgain(
  { storage, connection }: OpenServer,
  { action: { digest, blobs } }: DescribedTrial,
  expected: Digest,
  hashes: readonly string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  if (digest.hash !== expected.hash)
    throw new RemoteProblem(
      status.ABORTED,
      `${connection.address.shown} has lost files of the trial, and here they have changed meanwhile`,
      false,
    );
  const lost = hashes.flatMap((hash) => blobs.get(hash) ?? []);
  if (lost.length > 0) await storage.send(lost, signal);
  storage.distrust(blobs);
  await storage.provide(blobs, signal);
}

function noteGaps(answer: TrialAnswer, gaps: readonly string[]): TrialAnswer {
  if (answer.kind !== 'done' || gaps.length === 0) return answer;
  return { ...answer, record: { ...answer.record, gaps: [...answer.record.gaps, ...gaps] } };
}
