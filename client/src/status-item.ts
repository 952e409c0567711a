import {
  type Disposable,
  type LanguageStatusItem,
  LanguageStatusSeverity,
  languages,
  StatusBarAlignment,
  type TextEditor,
  ThemeColor,
  window,
} from 'vscode';
import { type Limit, sayLimit } from '../../server/src/errors/limit.ts';
import type { StatusParams } from '../../server/src/protocol.ts';
import { commandOf } from './mend.ts';

interface Look {
  readonly icon: string;
  readonly word: string;
  readonly severity: LanguageStatusSeverity;
}

const LOOKS: Readonly<Record<StatusParams['state'], Look>> = {
  unknown: { icon: 'circle-outline', word: 'no trial yet', severity: LanguageStatusSeverity.Information },
  running: { icon: 'sync~spin', word: 'running', severity: LanguageStatusSeverity.Information },
  clean: { icon: 'pass', word: 'clean', severity: LanguageStatusSeverity.Information },
  findings: { icon: 'warning', word: 'findings', severity: LanguageStatusSeverity.Warning },
  'not-verified': { icon: 'question', word: 'not verified', severity: LanguageStatusSeverity.Warning },
  'not-tried': { icon: 'circle-slash', word: 'not tried', severity: LanguageStatusSeverity.Warning },
  failed: { icon: 'error', word: 'failed', severity: LanguageStatusSeverity.Error },
};

const SELECTOR = { language: 'ebuild', pattern: '**/*.ebuild' };

/** Shows the state of the ebuild in the active editor, in the status bar and in the language status. */
export interface StatusItem extends Disposable {
  show(status: StatusParams): void;
  /** The path of the newest build log of a document. */
  logOf(uri: string): string | undefined;
}

export function createStatusItem(runCommand: string): StatusItem {
  const bar = window.createStatusBarItem('ebuildAudit.status', StatusBarAlignment.Right, 100);
  bar.name = 'Ebuild Audit';
  bar.command = runCommand;
  const language = languages.createLanguageStatusItem('ebuildAudit.status', SELECTOR);
  language.name = 'Ebuild Audit';
  language.command = { command: runCommand, title: 'Run Trial Build' };
  const limitsItem = createLimitsItem();
  const known = new Map<string, StatusParams>();

  function render(editor: TextEditor | undefined): void {
    const document = editor?.document;
    if (document === undefined || !document.fileName.endsWith('.ebuild')) {
      bar.hide();
      return;
    }
    const status = known.get(document.uri.toString());
    const look = LOOKS[status?.state ?? 'unknown'];
    const message = status?.message ?? 'No trial has been run yet.';
    const limits = status?.limits ?? [];
    // Most machines have no pkgcheck, and what is being read is soon known: neither needs the author's attention.
    const mark = limits.some(({ kind }) => kind !== 'reading' && kind !== 'pkgcheck') ? ' $(info)' : '';
    bar.text = `$(${look.icon}) Ebuild Audit: ${look.word}${mark}`;
    bar.tooltip = [message, ...describeLimits(limits), 'Click to run a trial build.'].join('\n');
    if (look.severity === LanguageStatusSeverity.Error) {
      bar.backgroundColor = new ThemeColor('statusBarItem.errorBackground');
    } else bar.backgroundColor = undefined;
    bar.show();
    language.text = look.word;
    language.detail = asPlain(message);
    language.severity = look.severity;
    language.busy = status?.state === 'running';
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
  return ['', 'Not everything is checked:', ...limits.map((limit) => `• ${sayLimit(limit)}`), ''];
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
      item.name = 'Ebuild Audit: Limits';
      item.text = 'Not everything is checked';
      item.detail = asPlain(limits.map(sayLimit).join(' '));
      item.severity = LanguageStatusSeverity.Information;
      item.busy = limits.every(({ kind }) => kind === 'reading');
      item.command = commandOf(limits.find(({ mend }) => mend !== undefined)?.mend ?? { kind: 'doctor' });
    },
    dispose: hide,
  };
}

/** The detail of a language status may have links and icons. Words of a build or of a repository must not make any. */
function asPlain(text: string): string {
  return text.replaceAll('](', '] (').replaceAll('$(', '$ (');
}
