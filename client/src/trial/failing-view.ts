import { commands, type Disposable, l10n, type Uri, window, workspace } from 'vscode';
import { listBuildOptions } from '../command-options.ts';
import { fileName } from '../file-name.ts';
import type { Target } from '../target.ts';
import { isTrusted } from '../trust.ts';

/** Takes the URI of the ebuild; without it, the current ebuild is meant. */
export const SHELL_COMMAND = 'ebuildAudit.openFailingView';

/**
 * Registers the command that opens a terminal where the build of an ebuild stops, with the same packages hidden.
 *
 * @param program the path of `ebuild-audit.mjs`, which the editor's own Node runs
 */
export function registerFailingView(program: string, target: Target): Disposable {
  return commands.registerCommand(SHELL_COMMAND, async (argument) => {
    const uri = target.of(argument);
    if (uri !== undefined) await openTerminal(program, uri);
  });
}

async function openTerminal(program: string, uri: Uri): Promise<void> {
  if (!(await isTrusted(l10n.t('A build runs the code of the ebuild')))) return;
  const document = await workspace.openTextDocument(uri);
  // The program reads the file, and a shell in the view of another text would mislead.
  if ((document.isDirty || document.isUntitled) && !(await document.save())) return;
  const settings = workspace.getConfiguration('ebuildAudit', document.uri);
  window
    .createTerminal({
      name: l10n.t('{0}: view of the build', fileName(document.uri)),
      shellPath: process.execPath,
      shellArgs: [program, 'shell', document.uri.fsPath, ...listBuildOptions(settings)],
      env: { ELECTRON_RUN_AS_NODE: '1' },
    })
    .show();
}
