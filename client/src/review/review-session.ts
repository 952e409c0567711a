import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import {
  commands,
  type Disposable,
  l10n,
  ProgressLocation,
  Range,
  type TextDocumentShowOptions,
  Uri,
  window,
  workspace,
} from 'vscode';
import { fileName } from '../file-name.ts';
import type { PageTab } from '../page-tab.ts';
import { SECTION } from '../settings.ts';
import type { Base } from './base.ts';
import { type GitApi, listChangedEbuilds, type Repository } from './git-extension.ts';
import type { ReviewComments } from './review-comments.ts';
import { type ReviewOutcome, runReview } from './review-process.ts';
import { countFindings, type ReviewReport } from './review-report.ts';
import { type ReviewEntry, type ReviewTree, VIEW } from './review-tree.ts';

/** What a review is of. */
export interface Subject {
  readonly api: GitApi;
  readonly repository: Repository;
  readonly base: Base;
}

/** Where a review is shown. */
export interface ReviewViews {
  readonly comments: ReviewComments;
  readonly page: PageTab;
  readonly tree: ReviewTree;
}

/** The review that is shown: one at a time. */
export interface ReviewSession extends Disposable {
  readonly subject: Subject | undefined;
  readonly isRunning: boolean;
  /**
   * Reviews and shows the result.
   *
   * @returns undefined if it was cancelled
   * @throws Error in the user's words
   */
  review(subject: Subject): Promise<ReviewReport | undefined>;
  /** Opens the diff of an ebuild with what it is compared with, where the comments stand. @param line counted from 1 */
  open(entry: ReviewEntry, line?: number): Promise<void>;
  showPage(): void;
  close(): void;
}

/** Digits of a commit's id: enough to be the only one, and few enough for a title. */
const SHOWN_DIGITS = 16;

/** The context key with which the manifest shows the view of a review. */
const HAS_REVIEW = 'ebuildAudit.hasReview';

/** @param program the path of `ebuild-audit.mjs` */
export function createReviewSession(program: string, { comments, page, tree }: ReviewViews): ReviewSession {
  let subject: Subject | undefined;
  let outcome: ReviewOutcome | undefined;
  let running: AbortController | undefined;

  async function review(chosen: Subject): Promise<ReviewReport | undefined> {
    running = new AbortController();
    try {
      close();
      subject = chosen;
      const waiting = await listWaiting(chosen);
      tree.show(waiting, l10n.t('Changes against {0}', chosen.base.name));
      await commands.executeCommand('setContext', HAS_REVIEW, true);
      const before = await readTexts(waiting);
      outcome = await runWithProgress(program, chosen, running);
      if (outcome === undefined) close();
      else await show(outcome, chosen, before);
      return outcome?.report;
    } catch (error) {
      close();
      throw error;
    } finally {
      running = undefined;
    }
  }

  async function show({ report, page: html }: ReviewOutcome, { repository, base }: Subject, before: Texts) {
    const entries = report.ebuilds.map((result): ReviewEntry => {
      return { file: Uri.joinPath(repository.rootUri, result.file), path: result.file, result };
    });
    const after = await readTexts(entries);
    for (const { file, path, result } of entries) {
      const text = after.get(path);
      if (result !== undefined) comments.show(file, result, text === before.get(path) ? text : undefined);
    }
    const summary = entries.length === 0 ? l10n.t('no ebuild is concerned') : countFindings(report);
    tree.show(entries, l10n.t('Changes against {0}: {1}', base.name, summary));
    page.show(html);
    await commands.executeCommand(`${VIEW}.focus`);
  }

  function close(): void {
    [subject, outcome] = [undefined, undefined];
    comments.clear();
    tree.show([], '');
    void commands.executeCommand('setContext', HAS_REVIEW, false);
  }

  return {
    get subject() {
      return subject;
    },
    get isRunning() {
      return running !== undefined;
    },
    review,
    open: (entry, line) => openDiff(subject, entry, line),
    showPage: () => outcome && page.show(outcome.page),
    close() {
      running?.abort();
      close();
    },
    dispose: () => running?.abort(),
  };
}

async function listWaiting({ repository, base }: Subject): Promise<ReviewEntry[]> {
  const files = await listChangedEbuilds(repository, base.commit);
  const top = repository.rootUri.fsPath;
  return files.map((file) => ({ file, path: relative(top, file.fsPath), result: undefined }));
}

function runWithProgress(
  program: string,
  { repository, base }: Subject,
  controller: AbortController,
): Thenable<ReviewOutcome | undefined> {
  const title = l10n.t('Review of the changes against {0}', base.name);
  return window.withProgress(
    { location: ProgressLocation.Notification, title, cancellable: true },
    (progress, cancelled) => {
      cancelled.onCancellationRequested(() => controller.abort());
      return runReview({
        program,
        folder: repository.rootUri.fsPath,
        commit: base.commit.slice(0, SHOWN_DIGITS),
        settings: workspace.getConfiguration(SECTION, repository.rootUri),
        signal: controller.signal,
        onProgress: (message) => progress.report({ message }),
      });
    },
  );
}

async function openDiff(subject: Subject | undefined, entry: ReviewEntry, line?: number): Promise<void> {
  const { file, path, result } = entry;
  const options: TextDocumentShowOptions = {
    preview: true,
    ...(line !== undefined && { selection: new Range(line - 1, 0, line - 1, 0) }),
  };
  // Before the review has ended, only the file itself is known.
  const from = result === undefined ? path : result.from;
  if (subject === undefined || from === null) {
    await window.showTextDocument(file, options);
    return;
  }
  const { api, repository, base } = subject;
  const old = api.toGitUri(Uri.joinPath(repository.rootUri, from), base.commit);
  await commands.executeCommand(
    'vscode.diff',
    old,
    file,
    `${fileName(file)} (against ${base.name})`,
    options,
  );
}

/** The texts of ebuilds, by path below the top folder. */
type Texts = ReadonlyMap<string, string>;

/** Those that cannot be read are left out. */
async function readTexts(entries: readonly ReviewEntry[]): Promise<Texts> {
  const texts = new Map<string, string>();
  for (const { file, path } of entries) {
    const text = await readFile(file.fsPath, 'utf8').catch(() => undefined);
    if (text !== undefined) texts.set(path, text);
  }
  return texts;
}
