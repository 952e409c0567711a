import {
  commands,
  type Disposable,
  EventEmitter,
  l10n,
  ThemeColor,
  ThemeIcon,
  TreeItem,
  TreeItemCollapsibleState,
  type TreeView,
  type Uri,
  window,
} from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import {
  type StatusParams,
  TRIAL_ACCESSES,
  TRIAL_USES,
  type TrialAccessesParams,
  type TrialAccessesResult,
  type TrialUsesParams,
  type TrialUsesResult,
} from '../../../server/src/protocol.ts';
import { fileName } from '../file-name.ts';
import type { Target } from '../target.ts';
import { describeRow, ownerRows, type RowLook, rowsBelow, type TrialRow, topRows } from './trial-rows.ts';

/** The view of the last trial of the current ebuild. */
export interface TrialTree extends Disposable {
  /** Asks the server again. Never rejects. */
  refresh(): Promise<void>;
  /** Handles a status of the server: the ebuild may have another trial, or another text. */
  statusChanged(status: StatusParams): void;
}

/** A row with the ebuild that it belongs to, which may not be the current one any more. */
export interface ShownRow {
  readonly uri: Uri;
  readonly row: TrialRow;
}

const VIEW = 'ebuildAudit.trial';
/** The context key by which the manifest chooses the text of the empty view. */
const STATE = 'ebuildAudit.trialState';
/** A text that is being written changes more often than anybody reads the view. */
const BURST_MS = 300;

/** What is shown if the server has ended. */
const SILENT: TrialUsesResult = {
  state: 'problem',
  message: l10n.t('The language server does not answer: run "Ebuild Audit: Restart Server".'),
  dependencies: [],
  limits: [],
};

/** @param open the command that opens what a row shows */
export function createTrialTree(client: LanguageClient, target: Target, open: string): TrialTree {
  /** The ebuild of the last question. */
  let wanted: Uri | undefined;
  let shown: { readonly uri: Uri; readonly result: TrialUsesResult } | undefined;
  let isStale = true;
  let asked = 0;
  let timer: NodeJS.Timeout | undefined;
  const changed = new EventEmitter<undefined>();
  const asProtocol = (of: Uri): string => client.code2ProtocolConverter.asUri(of);

  async function below({ uri: of, row }: ShownRow): Promise<ShownRow[]> {
    if (row.kind !== 'dependency') return rowsBelow(row).map((child) => ({ uri: of, row: child }));
    const params: TrialAccessesParams = { uri: asProtocol(of), dependency: row.dependency.id };
    const answer = await client
      .sendRequest<TrialAccessesResult>(TRIAL_ACCESSES, params)
      .catch(() => undefined);
    return ownerRows(row.id, answer ?? { owners: [] }).map((child) => ({ uri: of, row: child }));
  }

  const view: TreeView<ShownRow> = window.createTreeView<ShownRow>(VIEW, {
    showCollapseAll: true,
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      getTreeItem: (shown) => toItem(shown, open),
      getChildren(parent) {
        if (parent !== undefined) return below(parent);
        const { uri, result } = shown ?? {};
        return uri === undefined || result === undefined ? [] : topRows(result).map((row) => ({ uri, row }));
      },
    },
  });

  function show(next: typeof shown): void {
    const before = shown;
    shown = next;
    const { state = 'none', message = '' } = next?.result ?? {};
    // The text of the empty view says what there is to do, and a message would take its place.
    view.message = state === 'none' ? '' : message;
    view.description = next === undefined ? '' : fileName(next.uri);
    void commands.executeCommand('setContext', STATE, state);
    // While a trial runs, its message changes more often than what it has seen.
    if (describeContent(before) !== describeContent(next)) changed.fire(undefined);
  }

  async function refresh(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    isStale = false;
    const uri = target.current();
    wanted = uri;
    const number = ++asked;
    if (uri === undefined) return show(undefined);
    const params: TrialUsesParams = { uri: asProtocol(uri) };
    const result = await client
      .sendRequest<TrialUsesResult | null>(TRIAL_USES, params)
      .catch(() => undefined);
    // The answer to a later question may have come first.
    if (number === asked) show({ uri, result: result ?? SILENT });
  }

  /** Refreshes soon, or as soon as somebody looks. */
  function refreshLater(): void {
    isStale = true;
    if (view.visible) timer ??= setTimeout(() => void refresh(), BURST_MS);
  }

  const listeners = [
    window.onDidChangeActiveTextEditor(() => {
      if (target.current()?.toString() !== wanted?.toString()) refreshLater();
    }),
    view.onDidChangeVisibility(({ visible }) => {
      if (visible && isStale) void refresh();
    }),
  ];
  return {
    refresh,
    statusChanged(status) {
      const current = target.current();
      if (current !== undefined && asProtocol(current) === status.uri) refreshLater();
    },
    dispose() {
      clearTimeout(timer);
      for (const listener of listeners) listener.dispose();
      view.dispose();
      changed.dispose();
    },
  };
}

/** A text that is the same as long as the rows are. */
function describeContent(shown: { readonly uri: Uri; readonly result: TrialUsesResult } | undefined): string {
  if (shown === undefined) return '';
  const { dependencies, limits } = shown.result;
  return JSON.stringify([shown.uri.toString(), dependencies, limits]);
}

const COLOURS: Readonly<Record<NonNullable<RowLook['severity']>, ThemeColor | undefined>> = {
  error: new ThemeColor('problemsErrorIcon.foreground'),
  warning: new ThemeColor('problemsWarningIcon.foreground'),
  information: new ThemeColor('problemsInfoIcon.foreground'),
  hint: undefined,
};

const COLLAPSIBLE: Readonly<Record<RowLook['state'], TreeItemCollapsibleState>> = {
  none: TreeItemCollapsibleState.None,
  collapsed: TreeItemCollapsibleState.Collapsed,
  expanded: TreeItemCollapsibleState.Expanded,
};

function toItem(shown: ShownRow, open: string): TreeItem {
  const { uri, row } = shown;
  const { label, description, tooltip, icon, severity, state, spoken } = describeRow(row);
  const item = new TreeItem(label, COLLAPSIBLE[state]);
  item.id = `${uri.toString()} ${row.id}`;
  item.description = description;
  item.tooltip = tooltip;
  item.iconPath = new ThemeIcon(icon, severity && COLOURS[severity]);
  item.accessibilityInformation = { label: spoken };
  item.contextValue = row.kind;
  const leads = row.kind === 'file' || (row.kind === 'dependency' && row.dependency.range !== undefined);
  if (leads) item.command = { command: open, title: 'Open', arguments: [shown] };
  return item;
}
