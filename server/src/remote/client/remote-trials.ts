import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { status } from '@grpc/grpc-js';
import { UserError } from '../../errors/user-error.ts';
import type { RunnerSettings } from '../../host/find-world.ts';
import type { InstalledPackage } from '../../installed/vdb.ts';
import type { EvaluatedMetadata } from '../../package-manager/port.ts';
import { packageId } from '../../pms/package-id.ts';
import { DEFAULT_LIMITS } from '../../sandbox/limits.ts';
import { listNotInstalled } from '../../trial/start-record.ts';
import { type PlacedTrial, runHere, type TrialPlace } from '../../trial/trial-place.ts';
import { demandFlags } from '../../trial/use-states/choose-states.ts';
import type { StatesOutcome } from '../../trial/use-states/try-states.ts';
import { RemoteProblem } from '../api/remote-problem.ts';
import { describeInputRoot } from '../input-root/input-root.ts';
import type { Programs } from '../input-root/program-part.ts';
import { type FileDigests, openFileDigests } from '../merkle/file-digests.ts';
import { ANSWER_PLACE, ORDER_PLACE, type TrialAnswer, type TrialOrder } from '../order.ts';
import { execute, type Stage } from '../service/execution.ts';
import type { Sent } from '../service/storage.ts';
import { describeAction, type RemoteAction } from './action.ts';
import { readAnswer, takeOutcome } from './answer.ts';
import { evaluateForTrial, listProvided } from './provided-packages.ts';
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
  /** Called with one sentence about a trial that is not run remotely. */
  log(sentence: string): void;
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
      server ??= openServer(input.server, trial.signal);
      digests ??= openFileDigests(join(trial.world.home, 'remote', 'file-digests'));
      try {
        return await runRemotely({ ...input, open: await server, digests }, trial);
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

interface OpenTrials extends RemoteTrialsInput {
  readonly open: OpenServer;
  readonly digests: FileDigests;
}

/** Runs a trial on a worker, again with more packages as long as it lacks some. */
async function runRemotely(input: OpenTrials, trial: PlacedTrial): Promise<StatesOutcome> {
  const { root, extent, listener, world } = trial;
  const began = world.now();
  const progress = (phase: string) =>
    listener.progress({ phase, elapsed: world.now() - began, packagesSeen: 0 });
  progress('preparing');
  const metadata = await evaluateForTrial(trial, extent.tests === true ? ['test'] : []);
  demandFlags(metadata, extent.flags);
  if (listNotInstalled(root, metadata).length > 0) {
    input.log(
      `${trial.location.packageAndVersion} is tried on this machine, because it declares packages that are not installed, and binary packages do not travel yet.`,
    );
    return runHere(trial);
  }
  const wanted = new Set<string>();
  let provided = listProvided(trial, metadata, wanted);
  for (let round = 1; round <= MOST_ROUNDS; round++) {
    const answer = await askWorker(input, trial, { metadata, provided }, progress);
    if (answer.kind === 'refused') throw new UserError(answer.sentence, { reach: answer.reach });
    if (answer.kind === 'lacking') {
      for (const id of answer.packages) wanted.add(id);
      provided = listProvided(trial, metadata, wanted);
    } else if (!isSameEvaluation(answer.metadata[0], metadata) && provided.size < root.packages.length)
      // Its global scope uses files of hidden packages.
      provided = new Set(root.packages);
    else {
      const outcome = await takeOutcome(trial, answer);
      listener.record(outcome.record);
      return outcome;
    }
  }
  throw new Error('a worker asks for packages without end');
}

function isSameEvaluation(left: EvaluatedMetadata, right: EvaluatedMetadata): boolean {
  return (Object.keys(right) as (keyof EvaluatedMetadata)[]).every((key) =>
    isDeepStrictEqual(left[key], right[key]),
  );
}

interface ProvidedTrial {
  readonly metadata: EvaluatedMetadata;
  readonly provided: ReadonlySet<InstalledPackage>;
}

async function askWorker(
  input: OpenTrials,
  trial: PlacedTrial,
  { metadata, provided }: ProvidedTrial,
  progress: (phase: string) => void,
): Promise<TrialAnswer> {
  const { open, settings, programs, digests } = input;
  const { world, root, location, text, extent, fresh, signal } = trial;
  const order: TrialOrder = {
    format: 1,
    file: join(
      location.repository,
      location.category,
      location.packageName,
      `${location.packageAndVersion}.ebuild`,
    ),
    extent,
    settings: {
      root: world.rootPath,
      packageManager: world.packageManager.name,
      buildJobs: settings.buildJobs,
      bwrap: programs.bwrap,
      ...(settings.limits !== undefined && { limits: settings.limits }),
    },
    home: world.home,
    absent: root.packages.filter((installed) => !provided.has(installed)).map(packageId),
  };
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
    time: (settings.limits?.time ?? DEFAULT_LIMITS.time) + TIME_TO_PREPARE,
  });
  const sent = await open.storage.provide(action.blobs, signal);
  input.onSent?.(sent);
  const { result } = await execute(open.connection, {
    action: action.digest,
    acceptsCached: !fresh,
    provideAgain: (hashes) => provideAgain(open, action, hashes, signal),
    onStage: (stage) => progress(PHASES_OF_STAGES[stage]),
    signal,
  });
  return noteUnnamed(await readAnswer(open, result, signal), unnamed);
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
