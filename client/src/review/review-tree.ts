import {
  type Command,
  type Disposable,
  EventEmitter,
  l10n,
  ThemeColor,
  ThemeIcon,
  TreeItem,
  TreeItemCollapsibleState,
  type Uri,
  window,
} from 'vscode';
import type { ReportedFinding, ReviewedEbuild } from './review-report.ts';

/** The ebuilds of a review, with their new and fixed findings, in the view of the source control. */
export interface ReviewTree extends Disposable {
  /** @param message what the view says above the list */
  show(entries: readonly ReviewEntry[], message: string): void;
}

/** An ebuild of a review. */
export interface ReviewEntry {
  readonly file: Uri;
  /** Below the top folder of the repository. */
  readonly path: string;
  /** Undefined as long as the review runs. */
  readonly result: ReviewedEbuild | undefined;
}

/** A row below an ebuild. */
interface FindingRow {
  readonly entry: ReviewEntry;
  readonly finding: ReportedFinding;
  readonly isFixed: boolean;
}

export const VIEW = 'ebuildAudit.review';

/** @param open the command that opens an ebuild of the list, with the line of a finding */
export function createReviewTree(open: string): ReviewTree {
  let entries: readonly ReviewEntry[] = [];
  const changed = new EventEmitter<undefined>();
  const view = window.createTreeView<ReviewEntry | FindingRow>(VIEW, {
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      getTreeItem: (row) => ('entry' in row ? toFindingItem(row, open) : toEbuildItem(row, open)),
      getChildren(row) {
        if (row === undefined) return [...entries];
        return 'entry' in row ? [] : listFindings(row);
      },
    },
  });
  return {
    show(shown, message) {
      entries = shown;
      view.message = message;
      changed.fire(undefined);
    },
    dispose() {
      view.dispose();
      changed.dispose();
    },
  };
}

function listFindings(entry: ReviewEntry): FindingRow[] {
  const rows = (findings: readonly ReportedFinding[] = [], isFixed: boolean) =>
    findings.map((finding) => ({ entry, finding, isFixed }));
  return [...rows(entry.result?.new, false), ...rows(entry.result?.fixed, true)];
}

const ICONS = {
  error: new ThemeIcon('error', new ThemeColor('problemsErrorIcon.foreground')),
  warning: new ThemeIcon('warning', new ThemeColor('problemsWarningIcon.foreground')),
  information: new ThemeIcon('info', new ThemeColor('problemsInfoIcon.foreground')),
  hint: new ThemeIcon('lightbulb'),
} as const;

function toEbuildItem(entry: ReviewEntry, open: string): TreeItem {
  const { path, file, result } = entry;
  const [name = path, ...folders] = path.split('/').reverse();
  const hasRows = listFindings(entry).length > 0;
  const item = new TreeItem(
    name,
    hasRows ? TreeItemCollapsibleState.Expanded : TreeItemCollapsibleState.None,
  );
  item.resourceUri = file;
  item.iconPath = iconOf(result);
  item.description = `${folders.reverse().join('/')} · ${describe(result)}`;
  item.tooltip = [
    path,
    describe(result),
    ...(result?.notTried ?? []).map((what) => l10n.t('Not tried: {0}', what)),
  ].join('\n');
  item.command = openCommand(open, entry);
  return item;
}

function iconOf(result: ReviewedEbuild | undefined): ThemeIcon {
  if (result === undefined) return new ThemeIcon('loading~spin');
  if (!result.judged) return new ThemeIcon('question');
  const [worst] = (['error', 'warning', 'information', 'hint'] as const).filter((severity) =>
    result.new.some((finding) => finding.severity === severity),
  );
  return worst === undefined ? new ThemeIcon('pass') : ICONS[worst];
}

function describe(result: ReviewedEbuild | undefined): string {
  if (result === undefined) return l10n.t('being reviewed');
  if (!result.judged) {
    const { problem, failure } = result.head;
    return l10n.t('not judged: {0}', problem ?? failure?.firstError ?? l10n.t('the build failed'));
  }
  const counts = (['new', 'fixed', 'unchanged'] as const).filter((kind) => result[kind].length > 0);
  return counts.map((kind) => `${result[kind].length} ${kind}`).join(', ') || 'clean';
}

function toFindingItem({ entry, finding, isFixed }: FindingRow, open: string): TreeItem {
  const item = new TreeItem(isFixed ? `fixed: ${finding.message}` : finding.message);
  item.iconPath = isFixed ? new ThemeIcon('pass') : ICONS[finding.severity];
  item.description = finding.code;
  item.tooltip = finding.message;
  item.command = openCommand(open, entry, isFixed ? undefined : finding.range.start.line);
  return item;
}

function openCommand(command: string, entry: ReviewEntry, line?: number): Command {
  return { command, title: 'Open', arguments: [entry, line] };
}
