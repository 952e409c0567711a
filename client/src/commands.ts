import { commands, type Disposable, ProgressLocation, Uri, window, workspace } from 'vscode';
import { type LanguageClient, WorkDoneProgress } from 'vscode-languageclient/node';
import {
  CANCEL_TRIAL,
  type CancelTrialParams,
  DOCTOR,
  type DoctorParams,
  type DoctorResult,
  RUN_TRIAL,
  type RunTrialParams,
  type RunTrialResult,
} from '../../server/src/protocol.ts';
import { fileName } from './file-name.ts';
import { DOCTOR_COMMAND, mendButtons, openMend } from './mend.ts';
import type { StatusItem } from './status-item.ts';
import { isTrusted } from './trust.ts';

export const RUN_TRIAL_COMMAND = 'ebuildAudit.runTrial';
const RUN_FRESH_TRIAL_COMMAND = 'ebuildAudit.runFreshTrial';
const RUN_USE_MATRIX_COMMAND = 'ebuildAudit.runUseMatrix';
const CANCEL_TRIAL_COMMAND = 'ebuildAudit.cancelTrial';
const SHOW_LOG_COMMAND = 'ebuildAudit.showBuildLog';

const SHOW_LOG = 'Show Build Log';

/** Registers the commands of the manifest. Each takes the URI of a document, or applies to the document in the active editor. */
export function registerCommands(client: LanguageClient, status: StatusItem): Disposable[] {
  /** The log of the last build of each document, for documents whose server was restarted afterwards. */
  const logs = new Map<string, string>();
  let lastToken = 0;

  async function runTrial(
    target: unknown,
    options: Pick<RunTrialParams, 'fresh' | 'matrix'>,
  ): Promise<RunTrialResult | undefined> {
    const uri = targetOf(target);
    if (uri === undefined) return undefined;
    if (!(await isTrusted('A trial build runs the code of the ebuild'))) return undefined;
    const result = await window.withProgress(
      {
        location: ProgressLocation.Notification,
        title: `Trial build of ${fileName(uri)}`,
        cancellable: true,
      },
      async (progress, cancelled) => {
        const workDoneToken = `ebuildAudit-${++lastToken}`;
        const listener = client.onProgress(WorkDoneProgress.type, workDoneToken, (value) => {
          if (value.kind !== 'end' && value.message !== undefined)
            progress.report({ message: value.message });
        });
        const params: RunTrialParams = { uri: asProtocol(client, uri), workDoneToken, ...options };
        try {
          return await client.sendRequest<RunTrialResult>(RUN_TRIAL, params, cancelled);
        } finally {
          listener.dispose();
        }
      },
    );
    if (result.log !== undefined) logs.set(asProtocol(client, uri), result.log);
    // The command ends here, because the message may stay open.
    void showResult(uri, result);
    return result;
  }

  async function showResult(uri: Uri, result: RunTrialResult): Promise<void> {
    const message = `${fileName(uri)}: ${result.message}`;
    if (result.outcome === 'not-tried') {
      const buttons = result.mend === undefined ? [] : mendButtons(result.mend);
      const pressed = await window.showWarningMessage(message, ...buttons.map(({ title }) => title));
      const button = buttons.find(({ title }) => title === pressed);
      if (button !== undefined) await openMend(button);
      return;
    }
    const buttons = result.log === undefined ? [] : [SHOW_LOG];
    let pressed: string | undefined;
    if (result.outcome === 'failed') pressed = await window.showErrorMessage(message, ...buttons);
    else if (result.outcome === 'findings') pressed = await window.showWarningMessage(message, ...buttons);
    else if (result.outcome !== 'cancelled')
      pressed = await window.showInformationMessage(message, ...buttons);
    if (pressed === SHOW_LOG && result.log !== undefined) await openLog(result.log);
  }

  async function cancelTrial(target?: Uri): Promise<void> {
    const uri = targetOf(target);
    if (uri === undefined) return;
    const params: CancelTrialParams = { uri: asProtocol(client, uri) };
    await client.sendRequest(CANCEL_TRIAL, params);
  }

  async function showBuildLog(target?: Uri): Promise<void> {
    const uri = targetOf(target);
    if (uri === undefined) return;
    const key = asProtocol(client, uri);
    const log = status.logOf(key) ?? logs.get(key);
    if (log !== undefined) await openLog(log);
    else void window.showInformationMessage(`No trial of ${fileName(uri)} has been run yet.`);
  }

  async function showDoctor(): Promise<void> {
    const active = window.activeTextEditor?.document;
    const params: DoctorParams =
      active?.languageId === 'ebuild' ? { uri: asProtocol(client, active.uri) } : {};
    const { document } = await window.withProgress(
      { location: ProgressLocation.Notification, title: 'The doctor looks at this machine' },
      () => client.sendRequest<DoctorResult>(DOCTOR, params),
    );
    await window.showTextDocument(
      await workspace.openTextDocument({ language: 'markdown', content: document }),
      { preview: true },
    );
  }

  return [
    commands.registerCommand(DOCTOR_COMMAND, showDoctor),
    commands.registerCommand(RUN_TRIAL_COMMAND, (target) => runTrial(target, {})),
    commands.registerCommand(RUN_FRESH_TRIAL_COMMAND, (target) => runTrial(target, { fresh: true })),
    commands.registerCommand(RUN_USE_MATRIX_COMMAND, (target) => runTrial(target, { matrix: 'single' })),
    commands.registerCommand(CANCEL_TRIAL_COMMAND, cancelTrial),
    commands.registerCommand(SHOW_LOG_COMMAND, showBuildLog),
  ];
}

/** The status item and menus pass other arguments. Everything except a URI means the active editor. */
function targetOf(target: unknown): Uri | undefined {
  if (target instanceof Uri) return target;
  const active = window.activeTextEditor?.document;
  if (active?.languageId === 'ebuild') return active.uri;
  void window.showInformationMessage('Open an ebuild first: a trial builds the ebuild in the active editor.');
  return undefined;
}

function asProtocol(client: LanguageClient, uri: Uri): string {
  return client.code2ProtocolConverter.asUri(uri);
}

async function openLog(log: string): Promise<void> {
  try {
    await window.showTextDocument(await workspace.openTextDocument(Uri.file(log)), { preview: true });
  } catch (error) {
    void window.showErrorMessage(`The build log ${log} cannot be shown: ${error}`);
  }
}
