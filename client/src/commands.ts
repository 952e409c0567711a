import { commands, type Disposable, l10n, ProgressLocation, type Uri, window, workspace } from 'vscode';
import { ExecuteCommandRequest, type LanguageClient, WorkDoneProgress } from 'vscode-languageclient/node';
import {
  CANCEL_TRIAL,
  type CancelTrialParams,
  DOCTOR,
  type DoctorParams,
  type DoctorResult,
  type LensCommands,
  RUN_TRIAL,
  type RunTrialParams,
  type RunTrialResult,
  SERVER_COMMANDS,
} from '../../server/src/protocol.ts';
import { fileName } from './file-name.ts';
import { DOCTOR_COMMAND } from './mend.ts';
import type { StatusItem } from './status-item.ts';
import type { Target } from './target.ts';
import { showLog, showTrialResult } from './trial-result.ts';
import { isTrusted } from './trust.ts';

export const RUN_TRIAL_COMMAND = 'ebuildAudit.runTrial';
export const TRIAL_MENU_COMMAND = 'ebuildAudit.showTrialMenu';
const RUN_FRESH_TRIAL_COMMAND = 'ebuildAudit.runFreshTrial';
const RUN_USE_MATRIX_COMMAND = 'ebuildAudit.runUseMatrix';
const FIX_AND_VERIFY_COMMAND = 'ebuildAudit.fixAndVerify';
const CANCEL_TRIAL_COMMAND = 'ebuildAudit.cancelTrial';
const SHOW_LOG_COMMAND = 'ebuildAudit.showBuildLog';
const RESTART_COMMAND = 'ebuildAudit.restartServer';
const OUTPUT_COMMAND = 'ebuildAudit.showOutput';

/** The commands of the lenses, which the language server shows. */
export const LENS_COMMANDS: LensCommands = {
  run: RUN_TRIAL_COMMAND,
  fixAndVerify: FIX_AND_VERIFY_COMMAND,
  cancel: CANCEL_TRIAL_COMMAND,
  showLog: SHOW_LOG_COMMAND,
};

type Options = Pick<RunTrialParams, 'fresh' | 'matrix'>;

/** What a trial of a server that has ended came to. */
const SERVER_ENDED: RunTrialResult = {
  outcome: 'failed',
  message: l10n.t(
    'The language server ended during the trial. Run the trial again; "Show Output" says what the server said.',
  ),
};

/** Registers the commands of the manifest. Each takes the URI of a document, or applies to the current ebuild. */
export function registerCommands(client: LanguageClient, status: StatusItem, target: Target): Disposable[] {
  /** The log of the last build of each document, for documents whose server was restarted afterwards. */
  const logs = new Map<string, string>();
  const run = createTrialCommand(client);
  const asProtocol = (uri: Uri): string => client.code2ProtocolConverter.asUri(uri);

  async function runTrial(argument: unknown, options: Options = {}): Promise<RunTrialResult | undefined> {
    const uri = target.of(argument);
    if (uri === undefined || !(await isTrusted(l10n.t('A trial build runs the code of the ebuild'))))
      return undefined;
    if (!(await mayStart(uri))) return undefined;
    const result = await run(uri, options);
    if (result.log !== undefined) logs.set(asProtocol(uri), result.log);
    // The command ends here, because the message may stay open.
    void showTrialResult(uri, result, { fixAll, verify: (again) => runTrial(again) });
    return result;
  }

  /** Asks before a trial that runs already is started again, which would throw away what it has done. */
  async function mayStart(uri: Uri): Promise<boolean> {
    const activity = status.activityOf(asProtocol(uri));
    if (activity === undefined) return true;
    const again = l10n.t('Start Again');
    const log = l10n.t('Show Build Log');
    const pressed = await window.showInformationMessage(
      l10n.t('The trial of {0} is not finished ({1}).', fileName(uri), activity),
      again,
      log,
    );
    if (pressed === log) await showBuildLog(uri);
    return pressed === again;
  }

  async function fixAll(uri: Uri): Promise<boolean> {
    const params = { command: SERVER_COMMANDS.fix, arguments: [asProtocol(uri)] };
    return (await client.sendRequest(ExecuteCommandRequest.type, params)) === true;
  }

  async function fixAndVerify(argument: unknown): Promise<RunTrialResult | undefined> {
    const uri = target.of(argument);
    return uri !== undefined && (await fixAll(uri)) ? runTrial(uri) : undefined;
  }

  async function cancelTrial(argument: unknown): Promise<void> {
    const uri = target.of(argument);
    if (uri === undefined) return;
    const params: CancelTrialParams = { uri: asProtocol(uri) };
    await client.sendRequest(CANCEL_TRIAL, params);
  }

  async function showBuildLog(argument: unknown): Promise<void> {
    const uri = target.of(argument);
    if (uri === undefined) return;
    const key = asProtocol(uri);
    const log = status.logOf(key) ?? logs.get(key);
    if (log !== undefined) await showLog(log);
    else void window.showInformationMessage(l10n.t('No trial of {0} has been run yet.', fileName(uri)));
  }

  /** The menu of the status item while a trial runs. */
  async function showTrialMenu(): Promise<void> {
    const items = [
      { label: `$(output) ${l10n.t('Show Build Log')}`, command: SHOW_LOG_COMMAND },
      { label: `$(debug-stop) ${l10n.t('Cancel Trial')}`, command: CANCEL_TRIAL_COMMAND },
    ];
    const chosen = await window.showQuickPick(items, { placeHolder: status.message() });
    if (chosen !== undefined) await commands.executeCommand(chosen.command);
  }

  return [
    commands.registerCommand(DOCTOR_COMMAND, () => showDoctor(client, target.current())),
    commands.registerCommand(RUN_TRIAL_COMMAND, (argument) => runTrial(argument)),
    commands.registerCommand(RUN_FRESH_TRIAL_COMMAND, (argument) => runTrial(argument, { fresh: true })),
    commands.registerCommand(RUN_USE_MATRIX_COMMAND, (argument) => runTrial(argument, { matrix: 'single' })),
    commands.registerCommand(FIX_AND_VERIFY_COMMAND, fixAndVerify),
    commands.registerCommand(CANCEL_TRIAL_COMMAND, cancelTrial),
    commands.registerCommand(SHOW_LOG_COMMAND, showBuildLog),
    commands.registerCommand(TRIAL_MENU_COMMAND, showTrialMenu),
    commands.registerCommand(RESTART_COMMAND, () => client.restart()),
    commands.registerCommand(OUTPUT_COMMAND, () => client.outputChannel.show()),
  ];
}

/** Runs trials with a progress that the user can cancel. */
function createTrialCommand(client: LanguageClient): (uri: Uri, options: Options) => Promise<RunTrialResult> {
  let lastToken = 0;
  return async (uri, options) =>
    window.withProgress(
      {
        location: ProgressLocation.Notification,
        title: l10n.t('Trial build of {0}', fileName(uri)),
        cancellable: true,
      },
      async (progress, cancelled) => {
        const workDoneToken = `ebuildAudit-${++lastToken}`;
        const listener = client.onProgress(WorkDoneProgress.type, workDoneToken, (value) => {
          if (value.kind !== 'end' && value.message !== undefined)
            progress.report({ message: value.message });
        });
        const params: RunTrialParams = {
          uri: client.code2ProtocolConverter.asUri(uri),
          workDoneToken,
          ...options,
        };
        try {
          return await client.sendRequest<RunTrialResult>(RUN_TRIAL, params, cancelled);
        } catch {
          // The server answers every request, so the connection is gone.
          return SERVER_ENDED;
        } finally {
          listener.dispose();
        }
      },
    );
}

async function showDoctor(client: LanguageClient, ebuild: Uri | undefined): Promise<void> {
  const params: DoctorParams =
    ebuild === undefined ? {} : { uri: client.code2ProtocolConverter.asUri(ebuild) };
  const { document } = await window.withProgress(
    { location: ProgressLocation.Notification, title: l10n.t('The doctor looks at this machine') },
    () => client.sendRequest<DoctorResult>(DOCTOR, params),
  );
  await window.showTextDocument(
    await workspace.openTextDocument({ language: 'markdown', content: document }),
    { preview: true },
  );
}
