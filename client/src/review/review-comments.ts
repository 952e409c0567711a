import {
  type Comment,
  CommentMode,
  type CommentThread,
  CommentThreadCollapsibleState,
  comments,
  type Disposable,
  l10n,
  MarkdownString,
  Range,
  type Uri,
  WorkspaceEdit,
  window,
  workspace,
} from 'vscode';
import { describeEvidence } from '../../../server/src/audit/evidence-sentence.ts';
import { addressOf } from '../../../server/src/audit/finding-address.ts';
import { applyEdits, smallestEdit } from '../../../server/src/ebuild/text-edit.ts';
import { fileName } from '../file-name.ts';
import type { ReportedFinding, ReportedFix, ReviewedEbuild } from './review-report.ts';

/** The new findings of a review as comments on the lines of the ebuilds, also in the diff of an ebuild. */
export interface ReviewComments extends Disposable {
  /** @param text the text that was reviewed; undefined if the file has changed meanwhile */
  show(file: Uri, ebuild: ReviewedEbuild, text: string | undefined): void;
  clear(): void;
  applyFix(thread: CommentThread): Promise<void>;
}

/** The value that the manifest's menus look for. */
const FIXABLE = 'fixable';

interface OfferedFix extends ReportedFix {
  readonly text: string;
}

export function createReviewComments(): ReviewComments {
  const controller = comments.createCommentController('ebuildAudit.review', l10n.t('Ebuild Audit Review'));
  const fixes = new Map<CommentThread, OfferedFix>();
  let threads: CommentThread[] = [];

  function clear(): void {
    for (const thread of threads) thread.dispose();
    threads = [];
    fixes.clear();
  }

  return {
    show(file, ebuild, text) {
      for (const finding of ebuild.new) {
        const thread = controller.createCommentThread(file, rangeOf(finding), [toComment(finding, text)]);
        thread.canReply = false;
        thread.collapsibleState = CommentThreadCollapsibleState.Expanded;
        thread.label = `new ${finding.severity}`;
        threads.push(thread);
        if (text === undefined || finding.fix === null || finding.fix.edits.length === 0) continue;
        thread.contextValue = FIXABLE;
        fixes.set(thread, { ...finding.fix, text });
      }
    },
    clear,
    async applyFix(thread) {
      const fix = fixes.get(thread);
      if (fix === undefined) return;
      const document = await workspace.openTextDocument(thread.uri);
      if (document.getText() !== fix.text) {
        void window.showWarningMessage(
          l10n.t('{0} has changed since the review: run the review again.', fileName(thread.uri)),
        );
        return;
      }
      const edit = new WorkspaceEdit();
      for (const { start, end, newText } of fix.edits)
        edit.replace(thread.uri, new Range(document.positionAt(start), document.positionAt(end)), newText);
      if (await workspace.applyEdit(edit)) {
        // What lacks in DEPEND and in RDEPEND often has one edit.
        for (const [other, { edits }] of fixes)
          if (other.uri.path === thread.uri.path && JSON.stringify(edits) === JSON.stringify(fix.edits))
            other.dispose();
      }
    },
    dispose() {
      clear();
      controller.dispose();
    },
  };
}

function rangeOf({ range: { start, end } }: ReportedFinding): Range {
  return new Range(start.line - 1, start.column - 1, end.line - 1, end.column - 1);
}

/** Evidence beyond the first accesses stands in the page. */
const MOST_EVIDENCE = 3;

function toComment(finding: ReportedFinding, text: string | undefined): Comment {
  const { code, severity, message, evidence, fix } = finding;
  // Names come from the ebuild and its build, so that they are text and no Markdown.
  const lines = [`${severity}: ${message}`, ...evidence.slice(0, MOST_EVIDENCE).map(describeEvidence)];
  const body = new MarkdownString(lines.map(escapeMarkdown).join('\n\n'));
  if (fix !== null && fix.edits.length > 0 && text !== undefined)
    body.appendMarkdown('\n\n').appendCodeblock(showChange(text, applyEdits(text, fix.edits)), 'diff');
  body.appendMarkdown(`\n\n[${code}](${addressOf({ code })})`);
  return { body, mode: CommentMode.Preview, author: { name: 'Ebuild Audit' } };
}

/** All ASCII punctuation may be escaped (CommonMark 2.4). `appendText` makes spaces unbreakable, so that long lines are cut off. */
const escapeMarkdown = (text: string): string => text.replace(/[!-/:-@[-`{-~]/g, '\\$&');

/** The lines that an edit changes, as `diff` marks them. */
function showChange(before: string, after: string): string {
  const { start, end, newText } = smallestEdit(before, after);
  const from = before.lastIndexOf('\n', start - 1) + 1;
  const lines = (text: string, to: number) => {
    const next = text.indexOf('\n', to);
    const part = text.slice(from, next === -1 ? text.length : next);
    return part === '' ? [] : part.split('\n');
  };
  return [
    ...lines(before, end).map((line) => `-${line}`),
    ...lines(after, start + newText.length).map((line) => `+${line}`),
  ].join('\n');
}
