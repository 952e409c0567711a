import type {
  CodeAction,
  CodeActionParams,
  CompletionList,
  CompletionParams,
  Hover,
  HoverParams,
} from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Completions } from '../audit/completion.ts';
import type { Finding } from '../audit/finding.ts';
import { fixAll } from '../audit/fix-all.ts';
import type { Knowledge } from '../audit/knowledge.ts';
import { mergeFindings } from '../audit/merge-findings.ts';
import { IGNORE_FILE } from '../audit/silencing/ignore-rule.ts';
import type { Checker } from '../check/checker.ts';
import { smallestEdit } from '../ebuild/text-edit.ts';
import type { RunTrialParams, RunTrialResult } from '../protocol.ts';
import type { Client, ClientFeatures } from './client.ts';
import { toOffsets } from './from-protocol.ts';
import { toHover } from './hover.ts';
import type { Settings } from './settings.ts';
import { createStaticCheck } from './static-check.ts';
import { describeStatus, type Subject } from './subject.ts';
import {
  FIX_ALL_KIND,
  toCompletionList,
  toDiagnostic,
  toQuickFixes,
  toWorkspaceEdit,
} from './to-protocol.ts';
import { createTrials, type TrialWork } from './trials.ts';

/** The work that the server is there to offer, passed in so that the protocol can be tested without a build. */
export interface Work extends TrialWork {
  /**
   * Makes what finds things without a trial.
   *
   * @param trusted whether it may run code of the ebuilds, in the sandbox
   * @throws an Error whose message is one sentence for the user
   */
  createChecker(settings: Settings, trusted: boolean): Checker;
  /** What can be written at an offset of an ebuild; total. */
  complete(text: string, offset: number, knowledge: Knowledge): Completions;
}

/** The language server without the wire: what each message does. */
export interface AuditServer {
  /** A document was opened, or its text is another. */
  changed(document: TextDocument): void;
  closed(uri: string): void;
  saved(document: TextDocument): void;
  codeActions(params: CodeActionParams): CodeAction[];
  completion(params: CompletionParams): CompletionList;
  hover(params: HoverParams): Hover | undefined;
  /** Files that findings depend on were written, made or removed. */
  filesChanged(uris: readonly string[]): void;
  /** Never rejects: what goes wrong is in the result. `asked` is aborted when the request is cancelled. */
  runTrial(params: RunTrialParams, asked?: AbortSignal): Promise<RunTrialResult>;
  cancelTrial(uri: string): void;
  /** Ends the trials; resolves when nothing of them is left. */
  stop(): Promise<void>;
}

/** Files change in bursts: a checkout, or an editor that writes a new file and renames it. */
const BURST_MS = 200;

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

export function createAuditServer(client: Client, work: Work, features: ClientFeatures): AuditServer {
  const subjects = new Map<string, Subject>();
  let recalling: NodeJS.Timeout | undefined;
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
    const judged = record === undefined ? [] : work.judge(record, text, uri).findings;
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
    showStatus(uri, subject);
  }

  const showStatus = (uri: string, subject: Subject) =>
    client.status(describeStatus(uri, subject, work.judge));

  const trials = createTrials(client, work, { of: subjectOf, refresh, showStatus });

  /** What open ebuilds rest on may have changed: an eclass, the profile. */
  function recallAll(): void {
    recalling = undefined;
    for (const [uri, subject] of subjects)
      if (subject.document !== undefined && subject.record !== undefined) void trials.recall(uri, subject);
  }

  return {
    changed(document) {
      const subject = subjectOf(document.uri);
      const isOpened = subject.document === undefined;
      subject.document = document;
      refresh(document.uri, subject);
      if (isOpened && subject.trials === 0) void trials.recall(document.uri, subject);
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
      if (uris.some((uri) => uri.endsWith(`/${IGNORE_FILE}`)))
        for (const [uri, subject] of subjects) if (subject.document !== undefined) refresh(uri, subject);
      // No trial rests on another ebuild.
      if (uris.some((uri) => !uri.endsWith('.ebuild'))) recalling ??= setTimeout(recallAll, BURST_MS);
    },

    completion({ textDocument, position }) {
      const document = subjects.get(textDocument.uri)?.document;
      const knowledge = statically.knowledgeFor(textDocument.uri);
      if (document === undefined || knowledge === undefined) return { isIncomplete: true, items: [] };
      const found = work.complete(document.getText(), document.offsetAt(position), knowledge);
      return toCompletionList(document, found);
    },

    hover({ textDocument: { uri }, position }) {
      const subject = subjects.get(uri);
      const document = subject?.document;
      if (subject === undefined || document === undefined) return undefined;
      const findings = findAll(uri, subject, document.getText());
      return toHover(document, findings, document.offsetAt(position), features);
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
        actions.push(...mergeAlike(touched.flatMap((finding) => toQuickFixes(document, finding, features))));
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

    runTrial: (params, asked) => trials.run(params, asked),
    cancelTrial: (uri) => trials.cancel(uri),

    async stop() {
      clearTimeout(recalling);
      await Promise.all([trials.stop(), statically.stop()]);
    },
  };
}
