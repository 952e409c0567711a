import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { UserError } from '../../errors/user-error.ts';
import type { RunnerSettings } from '../../host/find-world.ts';
import type { InstalledPackage } from '../../installed/vdb.ts';
import type { Layering } from '../../layers/add-layers.ts';
import type { EvaluatedMetadata } from '../../package-manager/port.ts';
import { packageId } from '../../pms/package-id.ts';
import { ebuildFile } from '../../repository/ebuild-location.ts';
import { DEFAULT_LIMITS } from '../../sandbox/limits.ts';
import type { PreparedEbuild } from '../../trial/prepared-ebuild.ts';
import { type PlacedTrial, runHere, type TrialPlace } from '../../trial/trial-place.ts';
import { demandFlags } from '../../trial/use-states/choose-states.ts';
import type { StatesOutcome } from '../../trial/use-states/try-states.ts';
import { RemoteProblem } from '../api/remote-problem.ts';
import { describeInputRoot } from '../input-root/input-root.ts';
import type { Programs } from '../input-root/program-part.ts';
import { type FileDigests, openFileDigests } from '../merkle/file-digests.ts';
import { ANSWER_PLACE, ORDER_PLACE, type TrialAnswer, type TrialOrder } from '../order.ts';
import type { Stage } from '../service/execution.ts';
import type { Sent } from '../service/storage.ts';
import { describeAction, type RemoteAction } from './action.ts';
import { takeOutcome } from './answer.ts';
import type { ReadRecord } from './check-answer.ts';
import { listProvided, prepareHere } from './provided-packages.ts';
import { runAction } from './run-action.ts';
import { type OpenServer, openServer, type RemoteServer } from './server.ts';

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
/** Besides the limit of the trial: for the worker's own work (in milliseconds). */
const TIME_TO_PREPARE = 10 * 60_000;

/** The states of gRPC in which a server serves nobody with these options. Whatever else happens may be the fault of one worker. */
const REFUSALS: ReadonlySet<number> = new Set([
  status.UNAUTHENTICATED,
  status.PERMISSION_DENIED,
  status.UNIMPLEMENTED,
]);

/** Opens trials on a server. The connection is made by the first. */
export function openRemoteTrials(input: RemoteTrialsInput): RemoteTrials {
  let server: Promise<OpenServer> | undefined;
  let digests: FileDigests | undefined;
  return {
    async place(trial) {
      // Other trials use the connection too, so the signal of this one must not end it.
      server ??= openServer(input.server).catch((error) => {
        server = undefined;
        throw error;
      });
      digests ??= openFileDigests(join(trial.world.home, 'remote', 'file-digests'));
      try {
        return await runRemotely({ ...input, open: await orAborted(server, trial.signal), digests }, trial);
      } catch (error) {
        if (!(error instanceof RemoteProblem)) throw error;
        // The next trial connects again.
        server = undefined;
        throw new UserError(`The trial could not be run remotely: ${error.message}.`, {
          reach: REFUSALS.has(error.code) ? 'all' : 'passing',
        });
      }
    },
    close: () => void server?.then(({ connection }) => connection.close()).catch(() => {}),
  };
}

/** Waits for a value that others wait for too. @throws the signal's reason as soon as it is aborted */
function orAborted<Value>(value: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (signal === undefined) return value;
  signal.throwIfAborted();
  const aborted = new Promise<never>((_, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
  );
  return Promise.race([value, aborted]);
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

interface ProvidedTrial {
  readonly metadata: EvaluatedMetadata;
  readonly layering: Layering | undefined;
  readonly provided: ReadonlySet<InstalledPackage>;
}

async function askWorker(
  input: OpenTrials,
  trial: PlacedTrial,
  { metadata, layering, provided }: ProvidedTrial,
  progress: (phase: string) => void,
): Promise<TrialAnswer> {
  const { open, settings, programs, digests } = input;
  const { world, root, location, text, extent, fresh, signal } = trial;
  const order: TrialOrder = {
    format: 1,
    file: ebuildFile(location),
    extent,
    settings: {
      root: world.rootPath,
      packageManager: world.packageManager.name,
      buildJobs: settings.buildJobs,
      bwrap: programs.bwrap,
      ...(settings.limits !== undefined && { limits: settings.limits }),
    },
    metadata,
    ...orderLayers(layering),
    absent: root.packages.filter((installed) => !provided.has(installed)).map(packageId),
  };
  // 0 is no limit.
  const limit = settings.limits?.time ?? DEFAULT_LIMITS.time;
  progress('sending');
  const { tree, unnamed } = describeInputRoot({
    ...{ world, root, location, text, order, provided, digests },
    distfiles: metadata.distfiles,
    programs: { ...programs, helper: await input.findHelper() },
  });
  const action = describeAction({
    input: tree,
    words: [programs.node, join(programs.product, 'cli/ebuild-audit.mjs'), 'work', ORDER_PLACE, ANSWER_PLACE],
    environment: { EBUILD_AUDIT_HOME: world.home, HOME: '/tmp', PATH: '/usr/bin:/bin:/usr/sbin:/sbin' },
    properties: input.server.properties,
    output: ANSWER_PLACE,
    time: limit === 0 ? 0 : limit + TIME_TO_PREPARE,
  });
  const sent = await open.storage.provide(action.blobs, signal);
  input.onSent?.(sent);
  const execution = {
    action: action.digest,
    acceptsCached: !fresh,
    provideAgain: (hashes: readonly string[]) => provideAgain(open, action, hashes, signal),
    onStage: (stage: Stage) => progress(PHASES_OF_STAGES[stage]),
    signal,
  };
  return noteUnnamed(await runAction(open, execution, { location, readRecord: input.readRecord }), unnamed);
}

function orderLayers(layering: Layering | undefined): Pick<TrialOrder, 'layering'> {
  if (layering?.stack === undefined) return {};
  const { root: _root, release: _release, stack, ...plain } = layering;
  return { layering: { ...plain, stack } };
}

/** Sends what the server has lost; everything if it does not say what. */
async function provideAgain(
  { storage }: OpenServer,
  { blobs }: RemoteAction,
  hashes: readonly string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const lost = hashes.flatMap((hash) => blobs.get(hash) ?? []);
  if (lost.length > 0) await storage.send(lost, signal);
  await storage.provide(blobs, signal);
}

function noteUnnamed(answer: TrialAnswer, unnamed: number): TrialAnswer {
  if (answer.kind !== 'done' || unnamed === 0) return answer;
  const gap = `${unnamed} files of this system were missing on the worker, because their names are not UTF-8`;
  return { ...answer, record: { ...answer.record, gaps: [...answer.record.gaps, gap] } };
}
