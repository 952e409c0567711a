import { commands, l10n, Uri, window, workspace } from 'vscode';
import type { RunTrialResult } from '../../server/src/protocol.ts';
import { fileName } from './file-name.ts';
import { mendButtons, openMend } from './mend.ts';

/** What the buttons of the message after a trial do. */
export interface ResultActions {
  /** Applies all safe fixes. @returns whether the text has them now */
  fixAll(uri: Uri): Promise<boolean>;
  /** Runs another trial. */
  verify(uri: Uri): Promise<unknown>;
}

/** Shows the result of a trial in a message with buttons. Resolves when the user has answered it. */
export async function showTrialResult(
  uri: Uri,
  result: RunTrialResult,
  actions: ResultActions,
): Promise<void> {
  const { outcome, log } = result;
  if (outcome === 'cancelled') return;
  const message = `${fileName(uri)}: ${result.message}`;
  const buttons = [...buttonsFor(uri, result, actions)];
  if (log !== undefined) buttons.push({ title: l10n.t('Show Build Log'), run: () => showLog(log) });
  const titles = buttons.map(({ title }) => title);
  const pressed =
    outcome === 'failed'
      ? await window.showErrorMessage(message, ...titles)
      : outcome === 'clean'
        ? await window.showInformationMessage(message, ...titles)
        : await window.showWarningMessage(message, ...titles);
  await buttons.find(({ title }) => title === pressed)?.run();
}

interface Button {
  readonly title: string;
  run(): Promise<unknown>;
}

function buttonsFor(
  uri: Uri,
  { outcome, mend, hasSafeFixes }: RunTrialResult,
  actions: ResultActions,
): Button[] {
  if (outcome === 'not-tried')
    return mend === undefined
      ? []
      : mendButtons(mend).map((button) => ({ title: button.title, run: () => openMend(button) }));
  const verify: Button = { title: l10n.t('Verify'), run: () => actions.verify(uri) };
  if (outcome === 'not-verified') return [verify];
  if (outcome !== 'findings') return [];
  const show: Button = { title: l10n.t('Show'), run: () => showFindings(uri) };
  const fixAll: Button = { title: l10n.t('Fix All'), run: () => fixAndOfferTrial(uri, actions) };
  return hasSafeFixes === true ? [show, fixAll] : [show];
}

/** Opens the ebuild, and its next finding in it. */
async function showFindings(uri: Uri): Promise<void> {
  await window.showTextDocument(uri, { preview: false });
  await commands.executeCommand('editor.action.marker.next');
}

async function fixAndOfferTrial(uri: Uri, { fixAll, verify }: ResultActions): Promise<void> {
  if (!(await fixAll(uri))) return;
  const button = l10n.t('Verify');
  const pressed = await window.showInformationMessage(
    l10n.t('{0}: All safe fixes are applied. Another trial verifies them.', fileName(uri)),
    button,
  );
  if (pressed === button) await verify(uri);
}

/** Opens a build log in a tab of its own: a preview would replace the tab of the ebuild. */
export async function showLog(log: string): Promise<void> {
  try {
    await window.showTextDocument(await workspace.openTextDocument(Uri.file(log)), { preview: false });
  } catch (error) {
    void window.showErrorMessage(l10n.t('The build log {0} cannot be shown: {1}', log, String(error)));
  }
}
