import {
  type Disposable,
  LanguageStatusSeverity,
  languages,
  StatusBarAlignment,
  type TextEditor,
  ThemeColor,
  window,
} from 'vscode';
import type { StatusParams } from '../../server/src/protocol.ts';

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
  const language = languages.createLanguageStatusItem('ebuildAudit.status', {
    language: 'ebuild',
    pattern: '**/*.ebuild',
  });
  language.name = 'Ebuild Audit';
  language.command = { command: runCommand, title: 'Run Trial Build' };
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
    bar.text = `$(${look.icon}) Ebuild Audit: ${look.word}`;
    bar.tooltip = `${message}\nClick to run a trial build.`;
    if (look.severity === LanguageStatusSeverity.Error) {
      bar.backgroundColor = new ThemeColor('statusBarItem.errorBackground');
    } else bar.backgroundColor = undefined;
    bar.show();
    language.text = look.word;
    language.detail = message;
    language.severity = look.severity;
    language.busy = status?.state === 'running';
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
    },
  };
}
