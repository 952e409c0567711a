import type { CodeAction, CodeActionParams, CompletionList, CompletionParams } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Completions } from '../audit/completion.ts';
import { conclude } from '../audit/conclusion.ts';
import type { Finding, Verdict } from '../audit/finding.ts';
import { fixAll } from '../audit/fix-all.ts';
import type { Knowledge } from '../audit/knowledge.ts';
import { mergeFindings } from '../audit/merge-findings.ts';
import type { TrialRecord } from '../audit/record.ts';
import type { Checker } from '../check/checker.ts';
import { smallestEdit } from '../ebuild/text-edit.ts';
import type { RunTrialParams, RunTrialResult, StatusParams } from '../protocol.ts';
import type { RunnerSettings } from '../trial/runner.ts';
import { TrialError, type TrialRunner } from '../trial/trial.ts';
import type { Client, ClientFeatures } from './client.ts';
import { toEbuildFile, toOffsets } from './from-protocol.ts';
import { readSettings, type Settings } from './settings.ts';
import { createStaticCheck } from './static-check.ts';
import {
  FIX_ALL_KIND,
  toCompletionList,
  toDiagnostic,
  toProgressMessage,
  toQuickFix,
  toWorkspaceEdit,
} from './to-protocol.ts';
import { createTrialQueue, TrialCancelled } from './trial-queue.ts';

/** The work that the server is there to offer, passed in so that the protocol can be tested without a build. */
export interface Work {
  /** Judges a record against a text; total, and takes milliseconds. */
  judge(record: TrialRecord, text: string): Verdict;
  createRunner(settings: RunnerSettings): TrialRunner;
  /**
   * Makes what finds things without a trial.
   *
   * @param trusted whether it may run code of the ebuilds, in the sandbox
   * @throws an Error whose message is one sentence for the user
   */
  createChecker(settings: Settings, trusted: boolean): Checker;
  /** What can be written at an offset of an ebuild; total. */
  complete(text: string, offset: number, knowledge: Knowledge): Completions;
  readFile(path: string): Promise<string>;
}

/** The language server without the wire: what each message does. */
export interface AuditServer {
  /** A document was opened, or its text is another. */
  changed(document: TextDocument): void;
  closed(uri: string): void;
  saved(document: TextDocument): void;
  codeActions(params: CodeActionParams): CodeAction[];
  completion(params: CompletionParams): CompletionList;
  /** Files that findings depend on were written, made or removed. */
  filesChanged(uris: readonly string[]): void;
  /** Never rejects: what goes wrong is in the result. `asked` is aborted when the request is cancelled. */
  runTrial(params: RunTrialParams, asked?: AbortSignal): Promise<RunTrialResult>;
  cancelTrial(uri: string): void;
  /** Ends the trials; resolves when nothing of them is left. */
  stop(): Promise<void>;
}

/** One edit may mend several findings, as when a library is needed both to build and to run; it is offered once, for all. */
function mergeAlike(actions: readonly CodeAction[]): CodeAction[] {
  const merged = new Map<string, CodeAction>();
  for (const action of actions) {
    const key = JSON.stringify([action.title, action.edit]);
    const diagnostics = [...(merged.get(key)?.diagnostics ?? []), ...(action.diagnostics ?? [])];
    merged.set(key, { ...action, diagnostics });
  }
  return [...merged.values()];
}

/** What the server knows of one ebuild. */
interface Subject {
  /** Set while the client has it open. */
  document?: TextDocument;
  /** What the newest trial saw, of a running one as far as it has come. */
  record?: TrialRecord;
  /** The newest trial that could not be run, or was refused, until the next one. */
  problem?: string;
  /** How many trials of it run or wait, and what the newest says of itself. */
  trials: number;
  activity: string;
}

export function createAuditServer(client: Client, work: Work, features: ClientFeatures): AuditServer {
  const subjects = new Map<string, Subject>();
  const queue = createTrialQueue();
  const statically = createStaticCheck(client, work.createChecker, () => {
    for (const [uri, subject] of subjects) if (subject.document !== undefined) publish(uri, subject);
  });

  function subjectOf(uri: string): Subject {
    const known = subjects.get(uri);
    if (known !== undefined) return known;
    const subject: Subject = { trials: 0, activity: '' };
    subjects.set(uri, subject);
    return subject;
  }

  /** What the text shows by itself and what the newest trial saw, for a text of the ebuild. */
  function findAll(uri: string, { record }: Subject, text: string): readonly Finding[] {
    const judged = record === undefined ? [] : work.judge(record, text).findings;
    return mergeFindings(statically.check(uri, text), judged);
  }

  function publish(uri: string, subject: Subject): void {
    const { document } = subject;
    if (document === undefined) return;
    const findings = findAll(uri, subject, document.getText());
    const diagnostics = findings.map((finding) => toDiagnostic(document, finding, features));
    client.publishDiagnostics({ uri, version: document.version, diagnostics });
  }

  /** Judges the record against today's text and shows what comes of it. */
  function refresh(uri: string, subject: Subject): void {
    publish(uri, subject);
    client.status(statusOf(uri, subject));
  }

  function statusOf(uri: string, subject: Subject): StatusParams {
    const { record, problem } = subject;
    const log = record === undefined ? {} : { log: record.log };
    if (subject.trials > 0) return { uri, state: 'running', message: subject.activity, ...log };
    if (problem !== undefined) return { uri, state: 'failed', message: problem, ...log };
    if (record === undefined) return { uri, state: 'unknown', message: 'No trial has been run yet.' };
    const text = subject.document?.getText() ?? record.text;
    return { uri, ...conclude(record, work.judge(record, text), text), ...log };
  }

  async function runTrial(
    params: RunTrialParams,
    file: string,
    signal: AbortSignal,
  ): Promise<RunTrialResult> {
    const { uri } = params;
    const subject = subjectOf(uri);
    const before = subject.record;
    const progress = await client.beginProgress('Trial build', params.workDoneToken);
    const eitherCancel = AbortSignal.any([signal, progress.cancelled]);
    try {
      const runner = work.createRunner(readSettings(await client.settings(uri)));
      // Read as late as this so that a trial that waited builds the newest text.
      const text = subject.document?.getText() ?? (await readSaved(file));
      const listener = {
        progress(now: Parameters<typeof toProgressMessage>[0]) {
          subject.activity = toProgressMessage(now);
          progress.report(subject.activity);
          client.status(statusOf(uri, subject));
        },
        record(record: TrialRecord) {
          if (eitherCancel.aborted) return;
          subject.record = record;
          refresh(uri, subject);
        },
      };
      const record = await runner.run({ file, text }, listener, eitherCancel);
      subject.record = record;
      const today = subject.document?.getText() ?? text;
      const { state, message } = conclude(record, work.judge(record, today), today);
      return { outcome: state, message, log: record.log };
    } catch (error) {
      // What a broken-off trial has found is still true; where it had found nothing, the trial before it says more.
      const found = subject.record?.needs.length ?? 0;
      if (subject.record?.outcome === 'running' && found === 0) restore(subject, before);
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
      throw new TrialError(`${file} cannot be read (${code ?? message}): save the ebuild there first.`, {
        cause: error,
      });
    }
  }

  function restore(subject: Subject, record: TrialRecord | undefined): void {
    if (record === undefined) delete subject.record;
    else subject.record = record;
  }

  function explain(error: unknown): RunTrialResult {
    if (error instanceof TrialCancelled) return { outcome: 'cancelled', message: error.message };
    if (error instanceof TrialError) return { outcome: 'failed', message: error.message };
    client.log(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return { outcome: 'failed', message: error instanceof Error ? error.message : String(error) };
  }

  return {
    changed(document) {
      const subject = subjectOf(document.uri);
      subject.document = document;
      refresh(document.uri, subject);
    },

    closed(uri) {
      const subject = subjectOf(uri);
      delete subject.document;
      if (subject.record === undefined && subject.trials === 0) subjects.delete(uri);
      client.publishDiagnostics({ uri, diagnostics: [] });
    },

    saved(document) {
      statically.saved(document.uri, document.getText());
    },

    filesChanged(uris) {
      for (const uri of uris) statically.fileChanged(uri);
    },

    completion({ textDocument, position }) {
      const document = subjects.get(textDocument.uri)?.document;
      const knowledge = statically.knowledgeFor(textDocument.uri);
      if (document === undefined || knowledge === undefined) return { isIncomplete: true, items: [] };
      const found = work.complete(document.getText(), document.offsetAt(position), knowledge);
      return toCompletionList(document, found);
    },

    codeActions({ textDocument: { uri }, range, context }) {
      const subject = subjects.get(uri);
      const document = subject?.document;
      if (subject === undefined || document === undefined) return [];
      // Judged again and not taken from the diagnostic, so that the edit is for the text as it is now.
      const findings = findAll(uri, subject, document.getText());
      const wants = (kind: string) =>
        context.only === undefined ||
        context.only.some((only) => kind === only || kind.startsWith(`${only}.`));
      const actions: CodeAction[] = [];
      if (wants('quickfix')) {
        const { start, end } = toOffsets(document, range);
        const touched = findings.filter(
          (finding) => finding.range.start <= end && finding.range.end >= start,
        );
        actions.push(
          ...mergeAlike(touched.flatMap((finding) => toQuickFix(document, finding, features) ?? [])),
        );
      }
      if (context.only !== undefined && wants(FIX_ALL_KIND)) {
        const text = document.getText();
        const fixed = fixAll(text, (changed) => ({ findings: findAll(uri, subject, changed) }));
        if (fixed !== text) {
          const edit = toWorkspaceEdit(document, [smallestEdit(text, fixed)], features);
          actions.push({ title: 'Make every edit that is no guess', kind: FIX_ALL_KIND, edit });
        }
      }
      return actions;
    },

    async runTrial(params, asked) {
      const { uri } = params;
      const target = toEbuildFile(uri);
      if ('problem' in target) return { outcome: 'failed', message: target.problem };
      const subject = subjectOf(uri);
      subject.trials++;
      subject.activity = 'waiting for another trial to end';
      delete subject.problem;
      let result: RunTrialResult;
      try {
        const submitted = queue.submit(uri, (signal) => runTrial(params, target.file, signal), asked);
        client.status(statusOf(uri, subject));
        result = await submitted;
      } catch (error) {
        result = explain(error);
        if (result.outcome === 'failed') subject.problem = result.message;
      }
      subject.trials--;
      refresh(uri, subject);
      return result;
    },

    cancelTrial(uri) {
      queue.cancel(uri);
    },

    async stop() {
      await Promise.all([queue.stop(), statically.stop()]);
    },
  };
}
