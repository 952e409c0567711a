import { commands, type Disposable, l10n, Uri, window } from 'vscode';

/** Whether there is a current ebuild, for the menus of the manifest. */
const HAS_EBUILD = 'ebuildAudit.hasEbuild';

/** The ebuild that a command without an argument applies to. */
export interface Target extends Disposable {
  /** The ebuild of a command; if there is none, says so. @param argument of a menu, a lens or a key: everything but a URI means the current ebuild */
  of(argument: unknown): Uri | undefined;
  /** The ebuild in the active editor, or the last one that was there: its build log may be in front now. */
  current(): Uri | undefined;
}

export function createTarget(): Target {
  let last: Uri | undefined;
  const note = (): void => {
    const document = window.activeTextEditor?.document;
    // The user may have given ebuilds another language, so that other extensions work on them.
    if (document === undefined || !document.fileName.endsWith('.ebuild')) return;
    last = document.uri;
    void commands.executeCommand('setContext', HAS_EBUILD, true);
  };
  note();
  const listener = window.onDidChangeActiveTextEditor(note);
  return {
    of(argument) {
      if (argument instanceof Uri) return argument;
      // Lenses of the language server have the URI as a text.
      if (typeof argument === 'string') return Uri.parse(argument);
      // The server says why a new ebuild that has no name yet cannot be tried.
      const active = window.activeTextEditor?.document;
      if (active?.languageId === 'ebuild') return active.uri;
      if (last === undefined)
        void window.showInformationMessage(
          l10n.t('Open an ebuild first: a trial builds the ebuild in the active editor.'),
        );
      return last;
    },
    current: () => last,
    dispose: () => listener.dispose(),
  };
}
