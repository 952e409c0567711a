import { commands, window, workspace } from 'vscode';

const MANAGE_TRUST = 'Manage Workspace Trust';

/** Whether the user trusts the workspace; if not, says why that is needed. @param reason such as `A trial build runs the code of the ebuild` */
export async function isTrusted(reason: string): Promise<boolean> {
  if (workspace.isTrusted) return true;
  const pressed = await window.showWarningMessage(
    `${reason}, so it runs only in a workspace that you trust.`,
    MANAGE_TRUST,
  );
  if (pressed === MANAGE_TRUST) await commands.executeCommand('workbench.trust.manage');
  return false;
}
