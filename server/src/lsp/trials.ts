import { conclude } from '../audit/conclusion.ts';
import type { Verdict } from '../audit/finding.ts';
import type { TrialRecord } from '../audit/record.ts';
import { isForUser, UserError } from '../errors/user-error.ts';
import type { RunnerSettings } from '../host/find-world.ts';
import type { RunTrialParams, RunTrialResult } from '../protocol.ts';
import type { TrialProgress, TrialRequest, TrialRunner } from '../trial/trial.ts';
import { createTrialQueue, TrialCancelled } from '../trial/trial-queue.ts';
import type { Client } from './client.ts';
import { toEbuildFile } from './from-protocol.ts';
import { readSettings } from './settings.ts';
import type { Subject } from './subject.ts';
import { toProgressMessage } from './to-protocol.ts';

/** What running trials takes of the server's work. */
export interface TrialWork {
  /** Judges a record against a text of an ebuild and leaves out what is ignored; total, and takes milliseconds. */
  judge(record: TrialRecord, text: string, uri: string): Verdict;
  createRunner(settings: RunnerSettings): TrialRunner;
  readFile(path: string): Promise<string>;
}

/** Where the ebuilds are that trials are about. */
export interface Subjects {
  of(uri: string): Subject;
  /** The subject has another record, or the same record means something else: findings and status are to be shown again. */
  refresh(uri: string, subject: Subject): void;
  showStatus(uri: string, subject: Subject): void;
}

/** The trials of a language server: those that are asked for, and what is remembered of earlier ones. */
export interface Trials {
  /** Never rejects: what goes wrong is in the result. `asked` is aborted when the request is cancelled. */
  run(params: RunTrialParams, asked?: AbortSignal): Promise<RunTrialResult>;
  cancel(uri: string): void;
  /**
   * Looks up what is stored of an ebuild. Where the subject has no record yet, it gets the newest one; where it has one, it learns whether
   * that still holds. Never rejects.
   */
  recall(uri: string, subject: Subject): Promise<void>;
  /** Ends the trials; resolves when nothing of them is left. */
  stop(): Promise<void>;
}

const DISTRUSTED: RunTrialResult = {
  outcome: 'failed',
  message: 'A trial runs the code of the ebuild, and this workspace is not trusted: trust it first.',
};

export function createTrials(client: Client, work: TrialWork, subjects: Subjects): Trials {
  const queue = createTrialQueue();

  async function runTrial(
    params: RunTrialParams,
    file: string,
    signal: AbortSignal,
  ): Promise<RunTrialResult> {
    const { uri } = params;
    const subject = subjects.of(uri);
    const before = { record: subject.record, change: subject.change };
    const progress = await client.beginProgress('Trial build', params.workDoneToken);
    const eitherCancel = AbortSignal.any([signal, progress.cancelled]);
    try {
      const settings = readSettings(await client.settings(uri));
      queue.resize(settings.jobs);
      const runner = work.createRunner(settings);
      // Read as late as this so that a trial that waited builds the newest text.
      const text = subject.document?.getText() ?? (await readSaved(file));
      const listener = {
        progress(now: TrialProgress) {
          subject.activity = toProgressMessage(now);
          progress.report(subject.activity);
          subjects.showStatus(uri, subject);
        },
        record(record: TrialRecord) {
          if (eitherCancel.aborted) return;
          setRecord(subject, { record, change: undefined });
          subjects.refresh(uri, subject);
        },
      };
      const request: TrialRequest = {
        file,
        text,
        fresh: params.fresh === true,
        quick: params.quick ?? settings.quickTrials,
        ...toMatrix(params.matrix),
      };
      const record = await runner.run(request, listener, eitherCancel);
      setRecord(subject, { record, change: undefined });
      const today = subject.document?.getText() ?? text;
      const { state, message } = conclude(record, work.judge(record, today, uri), today, { now: Date.now() });
      return { outcome: state, message, ...(record.log === '' ? {} : { log: record.log }) };
    } catch (error) {
      // What a broken-off trial has found is still true; where it had found nothing, the trial before it says more.
      const found = subject.record?.needs.length ?? 0;
      if (subject.record?.outcome === 'running' && found === 0) setRecord(subject, before);
      if (progress.cancelled.aborted) throw new TrialCancelled('asked');
      throw error;
    } finally {
      progress.done();
    }
  }

  async function readSaved(file: string): Promise<string> {
    try {
      return await work.readFile(file);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      throw new UserError(`${file} cannot be read (${code ?? message}): save the ebuild there first.`, {
        cause: error,
      });
    }
  }

  /** Undefined for wrong settings, which the check of the text has told of already. */
  async function settingsOf(uri: string): Promise<RunnerSettings | undefined> {
    const section = await client.settings(uri);
    try {
      return readSettings(section);
    } catch {
      return undefined;
    }
  }

  function explain(error: unknown): RunTrialResult {
    if (error instanceof TrialCancelled) return { outcome: 'cancelled', message: error.message };
    if (isForUser(error)) return { outcome: 'failed', message: error.message };
    client.log(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return { outcome: 'failed', message: error instanceof Error ? error.message : String(error) };
  }

  return {
    async run(params, asked) {
      const { uri } = params;
      const target = toEbuildFile(uri);
      if ('problem' in target) return { outcome: 'failed', message: target.problem };
      if (client.isDistrusted()) return DISTRUSTED;
      const subject = subjects.of(uri);
      subject.trials++;
      subject.activity = 'waiting for another trial to end';
      delete subject.problem;
      let result: RunTrialResult;
      try {
        const submitted = queue.submit(uri, (signal) => runTrial(params, target.file, signal), asked);
        subjects.showStatus(uri, subject);
        result = await submitted;
      } catch (error) {
        result = explain(error);
        if (result.outcome === 'failed') subject.problem = result.message;
      }
      subject.trials--;
      subjects.refresh(uri, subject);
      return result;
    },

    cancel: (uri) => queue.cancel(uri),

    async recall(uri, subject) {
      const target = toEbuildFile(uri);
      if ('problem' in target) return;
      try {
        const settings = await settingsOf(uri);
        if (settings === undefined) return;
        const recalled = await work.createRunner(settings).recall(target.file);
        if (recalled === undefined || subject.trials > 0) return;
        const { record } = subject;
        if (record === undefined) setRecord(subject, recalled);
        else if (record.text === recalled.record.text) subject.change = recalled.change;
        else return;
        subjects.refresh(uri, subject);
      } catch (error) {
        // What is missing on the machine is said when a trial is asked for.
        if (!isForUser(error)) client.log(error instanceof Error ? error.message : String(error));
      }
    },

    stop: () => queue.stop(),
  };
}

/** A client of another version may send what this one does not know. */
function toMatrix(matrix: unknown): Pick<TrialRequest, 'matrix'> {
  return matrix === 'single' || matrix === 'pairwise' ? { matrix } : {};
}

function setRecord(
  subject: Subject,
  { record, change }: { readonly record: TrialRecord | undefined; readonly change: string | undefined },
): void {
  if (record === undefined) delete subject.record;
  else subject.record = record;
  subject.change = change;
}
