import {
  type Disposable,
  type LanguageStatusItem,
  LanguageStatusSeverity,
  l10n,
  languages,
  StatusBarAlignment,
  type TextEditor,
  ThemeColor,
  window,
} from 'vscode';
import { type Limit, sayLimit } from '../../server/src/errors/limit.ts';
import type { StatusParams } from '../../server/src/protocol.ts';
import { commandOf } from './mend.ts';
import { asPlain } from './plain-text.ts';
import type { Target } from './target.ts';

interface Look {
  readonly icon: string;
  readonly word: string;
  readonly severity: LanguageStatusSeverity;
}

const LOOKS: Readonly<Record<StatusParams['state'], Look>> = {
  unknown: {
    icon: 'circle-outline',
    word: l10n.t('no trial yet'),
    severity: LanguageStatusSeverity.Information,
  },
  waiting: { icon: 'clock', word: l10n.t('waiting'), severity: LanguageStatusSeverity.Information },
  running: { icon: 'sync~spin', word: l10n.t('running'), severity: LanguageStatusSeverity.Information },
  clean: { icon: 'pass', word: l10n.t('clean'), severity: LanguageStatusSeverity.Information },
  findings: { icon: 'warning', word: l10n.t('findings'), severity: LanguageStatusSeverity.Warning },
  'not-verified': {
    icon: 'question',
    word: l10n.t('not verified'),
    severity: LanguageStatusSeverity.Warning,
  },
  'not-tried': { icon: 'circle-slash', word: l10n.t('not tried'), severity: LanguageStatusSeverity.Warning },
  failed: { icon: 'error', word: l10n.t('failed'), severity: LanguageStatusSeverity.Error },
};

const SELECTOR = { pattern: '**/*.ebuild' };

/** Shows the state of the ebuild in the active editor, in the status bar and in the language status. */
export interface StatusItem extends Disposable {
  show(status: StatusParams): void;
  /** The path of the newest build log of a document. */
  logOf(uri: string): string | undefined;
  /** What is said of the current ebuild. */
  message(): string;
  /** What is said of the trial of a document that runs or waits; undefined if there is none. */
  activityOf(uri: string): string | undefined;
}

/** The commands of a click. */
export interface StatusCommands {
  readonly run: string;
  /** While a trial runs or waits. */
  readonly menu: string;
}

const UNKNOWN: Pick<StatusParams, 'state' | 'message'> = {
  state: 'unknown',
  message: l10n.t('No trial has been run yet.'),
};

export function createStatusItem(click: StatusCommands, target: Target): StatusItem {
  const bar = window.createStatusBarItem('ebuildAudit.status', StatusBarAlignment.Right, 100);
  bar.name = 'Ebuild Audit';
  const language = languages.createLanguageStatusItem('ebuildAudit.status', SELECTOR);
  language.name = 'Ebuild Audit';
  language.command = { command: click.run, title: l10n.t('Run Trial Build') };
  const limitsItem = createLimitsItem();
  const known = new Map<string, StatusParams>();

  const current = () => known.get(target.current()?.toString() ?? '');

  /** In a tab that is no ebuild, such as a build log, the status of the last ebuild is shown while a trial runs, and in its log. */
  function isShown(editor: TextEditor | undefined): boolean {
    const name = editor?.document.fileName;
    if (name?.endsWith('.ebuild') === true) return true;
    const status = current();
    return status !== undefined && (isBusy(status) || status.log === name);
  }

  function render(editor: TextEditor | undefined): void {
    if (!isShown(editor)) {
      bar.hide();
      return;
    }
    const status = current();
    const { state, message, limits = [] } = { ...UNKNOWN, ...status };
    const look = LOOKS[state];
    const busy = isBusy({ state });
    // Most machines have no pkgcheck, and what is being read is soon known: neither needs the author's attention.
    const mark = limits.some(({ kind }) => kind !== 'reading' && kind !== 'pkgcheck') ? ' $(info)' : '';
    bar.text = `$(${look.icon}) Ebuild Audit: ${look.word}${mark}`;
    const hint = busy ? l10n.t('Click for its log and to cancel it.') : l10n.t('Click to run a trial build.');
    bar.tooltip = [message, ...describeLimits(limits), hint].join('\n');
    bar.accessibilityInformation = { label: `Ebuild Audit: ${look.word}. ${message}`, role: 'button' };
    bar.command = busy ? click.menu : click.run;
    bar.backgroundColor =
      look.severity === LanguageStatusSeverity.Error
        ? new ThemeColor('statusBarItem.errorBackground')
        : undefined;
    bar.show();
    language.text = look.word;
    language.detail = asPlain(message);
    language.severity = look.severity;
    language.busy = busy;
    limitsItem.show(limits);
  }

  const listener = window.onDidChangeActiveTextEditor(render);
  render(window.activeTextEditor);
  return {
    show(status) {
      known.set(status.uri, status);
      render(window.activeTextEditor);
    },
    logOf: (uri) => known.get(uri)?.log,
    message: () => current()?.message ?? UNKNOWN.message,
    activityOf(uri) {
      const status = known.get(uri);
      return status !== undefined && isBusy(status) ? status.message : undefined;
    },
    dispose() {
      listener.dispose();
      bar.dispose();
      language.dispose();
      limitsItem.dispose();
    },
  };
}

function describeLimits(limits: readonly Limit[]): readonly string[] {
  if (limits.length === 0) return [];
  return ['', l10n.t('Not everything is checked:'), ...limits.map((limit) => `• ${sayLimit(limit)}`), ''];
}

/** The entry of the language status that says why not everything is checked. It is there only if there is a reason. */
function createLimitsItem(): Disposable & { show(limits: readonly Limit[]): void } {
  let item: LanguageStatusItem | undefined;
  const hide = () => {
    item?.dispose();
    item = undefined;
  };
  return {
    show(limits) {
      if (limits.length === 0) return hide();
      item ??= languages.createLanguageStatusItem('ebuildAudit.limits', SELECTOR);
      item.name = l10n.t('Ebuild Audit: Limits');
      item.text = l10n.t('Not everything is checked');
      item.detail = asPlain(limits.map(sayLimit).join(' '));
      item.severity = LanguageStatusSeverity.Information;
      item.busy = limits.every(({ kind }) => kind === 'reading');
      item.command = commandOf(limits.find(({ mend }) => mend !== undefined)?.mend ?? { kind: 'doctor' });
    },
    dispose: hide,
  };
}

function isBusy({ state }: Pick<StatusParams, 'state'>): boolean {
  return state === 'running' || state === 'waiting';
}
