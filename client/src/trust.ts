import { l10n, window, workspace } from 'vscode';
import { commandOf, openMend } from './mend.ts';

/** Whether the user trusts the workspace; if not, says why that is needed. @param reason such as `A trial build runs the code of the ebuild` */
export async function isTrusted(reason: string): Promise<boolean> {
  if (workspace.isTrusted) return true;
  const button = commandOf({ kind: 'trust' });
  const pressed = await window.showWarningMessage(
    l10n.t('{0}, so it runs only in a workspace that you trust.', reason),
    button.title,
  );
  if (pressed === button.title) await openMend(button);
  return false;
}
