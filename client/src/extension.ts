import { type ExtensionContext, workspace } from 'vscode';
import { STATUS, type StatusParams, TRUSTED } from '../../server/src/protocol.ts';
import { RUN_TRIAL_COMMAND, registerCommands, TRIAL_MENU_COMMAND } from './commands.ts';
import { registerReviewCommands } from './review/review-commands.ts';
import { createClient } from './server-process.ts';
import { registerSetUp } from './set-up.ts';
import { createStatusItem } from './status-item.ts';
import { createTarget } from './target.ts';
import { registerFailingView } from './trial/failing-view.ts';
import { registerTrialViews } from './trial/trial-commands.ts';

/** Called by the editor when the first ebuild is opened or the first command is run. */
export async function activate(context: ExtensionContext): Promise<void> {
  const program = context.asAbsolutePath('dist/cli/ebuild-audit.mjs');
  const client = createClient(context);
  const target = createTarget();
  const status = createStatusItem({ run: RUN_TRIAL_COMMAND, menu: TRIAL_MENU_COMMAND }, target);
  const trialViews = registerTrialViews(client, target);
  client.onNotification(STATUS, (params: StatusParams) => {
    status.show(params);
    trialViews.tree.statusChanged(params);
  });
  // Disposing of the client stops the server, which then ends its trials.
  context.subscriptions.push(
    client,
    status,
    target,
    ...registerCommands(client, status, target),
    ...trialViews.disposables,
    ...registerReviewCommands(context),
    registerSetUp(program, client),
    registerFailingView(program, target),
  );
  // If the user withdraws trust, the editor restarts its extensions.
  context.subscriptions.push(workspace.onDidGrantWorkspaceTrust(() => void client.sendNotification(TRUSTED)));
  await client.start();
  await trialViews.tree.refresh();
}
