import { conclude } from '../audit/conclusion.ts';
import { hasSafeFix } from '../audit/fix-all.ts';
import type { TrialRecord } from '../audit/record.ts';
import { isLongText, refuseLongText } from '../ebuild/longest-text.ts';
import { isForUser, UserError } from '../errors/user-error.ts';
import { describeFailure } from '../host/failure-sentence.ts';
import type { RunnerSettings } from '../host/find-world.ts';
import type { RunTrialParams, RunTrialResult } from '../protocol.ts';
import type { EvidencePlaces } from '../trial/evidence-places.ts';
import type { TrialListener, TrialRequest, TrialRunner } from '../trial/trial.ts';
import { createTrialQueue, TrialCancelled, type TrialQueue } from '../trial/trial-queue.ts';
import type { Client, Progress } from './client.ts';
import { toEbuildFile, toFileName } from './from-protocol.ts';
import type { OpenEbuild } from './open-ebuild.ts';
import { readSettings } from './settings.ts';
import { toProgressMessage } from './to-protocol.ts';

/** The functions that run trials. */
export interface TrialWork {
  createRunner(settings: RunnerSettings): TrialRunner;
  readFile(path: string): Promise<string>;
  /** Where a reader sees the evidence of a trial that was run with these settings. Never rejects. */
  findPlaces(settings: RunnerSettings, record: TrialRecord): Promise<EvidencePlaces>;
}

/** The ebuilds of the trials, and the functions that show changes of them. */
export interface TriedEbuilds {
  of(uri: string): OpenEbuild;
  /** Publishes findings and status again, because the ebuild has another record or the same record has another meaning. */
  refresh(ebuild: OpenEbuild): void;
  showStatus(ebuild: OpenEbuild): void;
}

/** The trials of a language server: those that run or wait, and the stored results of earlier ones. */
export interface Trials {
  /** Runs a trial. Never rejects: errors are in the result. */
  run(params: RunTrialParams): Promise<RunTrialResult>;
  /** Cancels the trials of an ebuild that run or wait. */
  cancel(uri: string): void;
  /**
   * Looks for stored results of an ebuild. If the ebuild has no record yet, it gets the newest one. If it has a record, the validity of the
   * record is checked. Never rejects.
   */
  recall(ebuild: OpenEbuild): Promise<void>;
  /** Ends the trials; resolves when all their processes have ended. */
  stop(): Promise<void>;
}

const DISTRUSTED: RunTrialResult = {
  outcome: 'not-tried',
  message: 'A trial runs code of the ebuild, and this workspace is not trusted: trust the workspace first.',
  mend: { kind: 'trust' },
};

/** The objects of the server that a trial works with. */
interface Surroundings {
  readonly client: Client;
  readonly work: TrialWork;
  readonly ebuilds: TriedEbuilds;
  readonly queue: TrialQueue;
}

export function createTrials(client: Client, work: TrialWork, ebuilds: TriedEbuilds): Trials {
  const queue = createTrialQueue();
  const surroundings = { client, work, ebuilds, queue };
  return {
    async run(params) {
      const target = toEbuildFile(params.uri);
      if ('problem' in target) return { outcome: 'failed', message: target.problem };
      if (client.isDistrusted()) return DISTRUSTED;
      return runInTurn(surroundings, params, target.file);
    },
    cancel: (uri) => queue.cancel(uri),
    async recall(ebuild) {
      const target = toEbuildFile(ebuild.uri);
      if ('problem' in target) return;
      try {
        await recallFile(surroundings, ebuild, target.file);
      } catch (error) {
        // If something is missing on the machine, the user gets the message when a trial is started.
        if (!isForUser(error)) client.log(error instanceof Error ? error.message : String(error));
      }
    },
    stop: () => queue.stop(),
  };
}

async function runInTurn(
  surroundings: Surroundings,
  params: RunTrialParams,
  file: string,
): Promise<RunTrialResult> {
  const { client, ebuilds, queue } = surroundings;
  const ebuild = ebuilds.of(params.uri);
  const { trials } = ebuild;
  trials.count++;
  trials.isWaiting = true;
  trials.activity = describeWait(queue.running());
  trials.problem = undefined;
  let result: RunTrialResult;
  try {
    const submitted = queue.submit(params.uri, (signal) =>
      runTrial(surroundings, ebuild, params, file, signal),
    );
    ebuilds.showStatus(ebuild);
    client.refreshHints();
    result = await submitted;
  } catch (error) {
    result = explain(error, client);
    const { outcome, message, mend } = result;
    if (outcome === 'failed' || outcome === 'not-tried') trials.problem = { state: outcome, message, mend };
  }
  trials.count--;
  ebuilds.refresh(ebuild);
  client.refreshHints();
  return result;
}

/** @param running the URIs of the ebuilds whose trials run */
function describeWait(running: readonly string[]): string {
  const names = running.map(toFileName);
  return names.length === 0 ? 'Starting.' : `Waiting for the trial of ${names.join(' and of ')}.`;
}

async function runTrial(
  { client, work, ebuilds, queue }: Surroundings,
  ebuild: OpenEbuild,
  params: RunTrialParams,
  file: string,
  signal: AbortSignal,
): Promise<RunTrialResult> {
  const before = ebuild.trial;
  ebuild.trials.isWaiting = false;
  const progress = await client.beginProgress('Trial build', params.workDoneToken, () =>
    queue.cancel(params.uri),
  );
  try {
    const settings = readSettings(await client.settings(params.uri));
    queue.resize(settings.jobs);
    const runner = work.createRunner(settings);
    // The text is read after the wait, so that the trial builds the newest text.
    const open = ebuild.isOpen ? ebuild.document : undefined;
    const text = open?.getText() ?? (await readSaved(work, file));
    const request: TrialRequest = {
      file,
      text,
      fresh: params.fresh === true,
      quick: params.quick ?? settings.quickTrials,
      ...toMatrix(params.matrix),
    };
    ebuild.setEarlier(before.record);
    const record = await runner.run(request, listenFor(ebuild, ebuilds, progress, signal), signal);
    ebuild.setTrial({ record, change: undefined, places: await work.findPlaces(settings, record) });
    return toResult(record, ebuild);
  } catch (error) {
    // The result of the trial before is whole. Without one, the findings of a trial that was cancelled are still true.
    const { record } = ebuild.trial;
    if (record?.outcome === 'running' && (before.record !== undefined || record.needs.length === 0))
      ebuild.setTrial(before);
    throw error;
  } finally {
    ebuild.setEarlier(undefined);
    progress.done();
  }
}

/** Makes the listener that shows the progress and results of a running trial. */
function listenFor(
  ebuild: OpenEbuild,
  ebuilds: TriedEbuilds,
  progress: Progress,
  signal: AbortSignal,
): TrialListener {
  return {
    progress(now) {
      ebuild.trials.activity = toProgressMessage(now);
      progress.report(ebuild.trials.activity);
      ebuilds.showStatus(ebuild);
    },
    record(record) {
      if (signal.aborted) return;
      ebuild.setTrial({ record, change: undefined });
      ebuilds.refresh(ebuild);
    },
  };
}

function toResult(record: TrialRecord, ebuild: OpenEbuild): RunTrialResult {
  const log = record.log === '' ? {} : { log: record.log };
  const verdict = ebuild.verdict() ?? { findings: [], state: 'not-verified', isBuilt: false };
  const { state, message } = conclude(record, verdict, { now: Date.now() });
  return {
    outcome: state,
    message,
    ...log,
    ...(hasSafeFix(ebuild.findings()) ? { hasSafeFixes: true } : {}),
  };
}

async function readSaved(work: TrialWork, file: string): Promise<string> {
  let text: string;
  try {
    text = await work.readFile(file);
  } catch (error) {
    if (isForUser(error)) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UserError(`${file} cannot be read (${code ?? message}): save the ebuild there first.`, {
      cause: error,
    });
  }
  if (isLongText(text)) throw new UserError(refuseLongText(file));
  return text;
}

function explain(error: unknown, client: Client): RunTrialResult {
  if (error instanceof TrialCancelled) return { outcome: 'cancelled', message: error.message };
  if (isForUser(error)) {
    const { message, mend } = error;
    return mend === undefined ? { outcome: 'failed', message } : { outcome: 'not-tried', message, mend };
  }
  client.log(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return {
    outcome: 'failed',
    message: describeFailure(error, 'the stack in the log of the language server'),
  };
}

async function recallFile(
  { client, work, ebuilds }: Surroundings,
  ebuild: OpenEbuild,
  file: string,
): Promise<void> {
  const settings = readValidSettings(await client.settings(ebuild.uri));
  if (settings === undefined) return;
  const recalled = await work.createRunner(settings).recall(file);
  if (recalled === undefined || ebuild.trials.count > 0) return;
  const places = await work.findPlaces(settings, recalled.record);
  if (ebuild.trials.count > 0) return;
  const { record } = ebuild.trial;
  if (record === undefined) ebuild.setTrial({ ...recalled, places });
  else if (record.text === recalled.record.text) ebuild.setTrial({ record, change: recalled.change, places });
  else return;
  ebuilds.refresh(ebuild);
}

/** Undefined if the settings are invalid, which the check of the text has reported already. */
function readValidSettings(section: unknown): RunnerSettings | undefined {
  try {
    return readSettings(section);
  } catch {
    return undefined;
  }
}

/** Reads the matrix of a request. A client of another version may send values that this version does not know. */
function toMatrix(matrix: unknown): Pick<TrialRequest, 'matrix'> {
  return matrix === 'single' || matrix === 'pairwise' ? { matrix } : {};
}
