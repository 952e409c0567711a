import { commands, type Disposable, l10n, ProcessExecution, Task, TaskScope, tasks, window } from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import { isTrusted } from './trust.ts';

const SET_UP_COMMAND = 'ebuildAudit.setUp';

/**
 * Registers the command that installs what trials need, in a terminal, where the user sees and can answer what it says.
 *
 * @param program the path of `ebuild-audit.mjs`, which the editor's own Node runs
 */
export function registerSetUp(program: string, client: LanguageClient): Disposable {
  async function setUp(): Promise<void> {
    if (!(await isTrusted(l10n.t('The set-up installs packages')))) return;
    const execution = new ProcessExecution(process.execPath, [program, 'set-up'], {
      env: { ELECTRON_RUN_AS_NODE: '1' },
    });
    const task = new Task({ type: 'process' }, TaskScope.Workspace, 'set up', 'Ebuild Audit', execution);
    const running = await tasks.executeTask(task);
    const ended = tasks.onDidEndTaskProcess(async ({ execution: which, exitCode }) => {
      if (which !== running) return;
      ended.dispose();
      if (exitCode !== 0) return;
      // The root that is there now is found when the server starts.
      await client.restart();
      void window.showInformationMessage(l10n.t('Ebuild Audit is set up: trials can run.'));
    });
  }
  return commands.registerCommand(SET_UP_COMMAND, setUp);
}
