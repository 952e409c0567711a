import { type CommentThread, commands, type Disposable, type ExtensionContext, l10n, window } from 'vscode';
import { createPageTab } from '../page-tab.ts';
import { isTrusted } from '../trust.ts';
import { chooseBase, findBase } from './base.ts';
import { chooseRepository, openGitApi } from './git-extension.ts';
import { createReviewComments } from './review-comments.ts';
import type { ReviewReport } from './review-report.ts';
import { createReviewSession, type ReviewSession, type Subject } from './review-session.ts';
import { createReviewTree, type ReviewEntry } from './review-tree.ts';

const REVIEW_COMMAND = 'ebuildAudit.reviewChanges';
const REVIEW_AGAIN_COMMAND = 'ebuildAudit.reviewAgain';
const OPEN_REVIEWED_COMMAND = 'ebuildAudit.openReviewed';
const SHOW_PAGE_COMMAND = 'ebuildAudit.showReviewPage';
const CLOSE_REVIEW_COMMAND = 'ebuildAudit.closeReview';
const APPLY_FIX_COMMAND = 'ebuildAudit.applyReviewFix';

/** Registers the commands that review a change. */
export function registerReviewCommands(context: ExtensionContext): Disposable[] {
  const comments = createReviewComments();
  const page = createPageTab('ebuildAudit.review', l10n.t('Ebuild Audit Review'));
  const tree = createReviewTree(OPEN_REVIEWED_COMMAND);
  const program = context.asAbsolutePath('dist/cli/ebuild-audit.mjs');
  const session = createReviewSession(program, { comments, page, tree });
  return [
    // The session ends before what shows it.
    session,
    comments,
    page,
    tree,
    commands.registerCommand(REVIEW_COMMAND, (base?: unknown) =>
      reviewChanges(session, typeof base === 'string' ? base : undefined),
    ),
    commands.registerCommand(REVIEW_AGAIN_COMMAND, () => reviewChanges(session, session.subject?.base.name)),
    commands.registerCommand(OPEN_REVIEWED_COMMAND, (entry: ReviewEntry, line?: number) =>
      session.open(entry, line),
    ),
    commands.registerCommand(SHOW_PAGE_COMMAND, () => session.showPage()),
    commands.registerCommand(CLOSE_REVIEW_COMMAND, () => session.close()),
    commands.registerCommand(APPLY_FIX_COMMAND, (thread: CommentThread) => comments.applyFix(thread)),
  ];
}

/** @param base the name of what to compare with; undefined: the user chooses */
async function reviewChanges(
  session: ReviewSession,
  base: string | undefined,
): Promise<ReviewReport | undefined> {
  if (!(await isTrusted(l10n.t('A review builds the changed ebuilds and runs their code')))) return undefined;
  if (session.isRunning) {
    void window.showInformationMessage(l10n.t('A review is running: wait for it, or cancel it.'));
    return undefined;
  }
  try {
    const subject = await chooseSubject(base);
    return subject && (await session.review(subject));
  } catch (error) {
    const sentence = error instanceof Error ? error.message : String(error);
    void window.showErrorMessage(l10n.t('The changes could not be reviewed: {0}', sentence));
    return undefined;
  }
}

/** @returns undefined if the user chose nothing @throws Error in the user's words */
async function chooseSubject(name: string | undefined): Promise<Subject | undefined> {
  const api = await openGitApi();
  if (api === undefined)
    throw new Error('the git extension of the editor is missing or switched off: set git.enabled to true.');
  const repository = await chooseRepository(api);
  if (repository === undefined)
    throw new Error(
      'no folder of the workspace is in a clone of git: open a clone of a repository of ebuilds.',
    );
  const base = await (name === undefined ? chooseBase(repository) : findBase(repository, name));
  return base && { api, repository, base };
}
