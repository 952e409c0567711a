import { type ExecuteCommandParams, MessageType, type WorkspaceEdit } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { smallestEdit } from '../ebuild/text-edit.ts';
import { type RunTrialParams, type RunTrialResult, SERVER_COMMANDS } from '../protocol.ts';
import type { Client, ClientFeatures } from './client.ts';
import type { OpenEbuild } from './open-ebuild.ts';
import { toWorkspaceEdit } from './to-protocol.ts';

/** The objects of the server that a command works with. */
export interface CommandWork {
  readonly client: Client;
  readonly features: ClientFeatures;
  known(uri: string): OpenEbuild | undefined;
  runTrial(params: RunTrialParams): Promise<RunTrialResult>;
  cancelTrial(uri: string): void;
}

const MESSAGE_TYPES: Readonly<Record<RunTrialResult['outcome'], MessageType>> = {
  clean: MessageType.Info,
  findings: MessageType.Warning,
  'not-verified': MessageType.Warning,
  cancelled: MessageType.Info,
  failed: MessageType.Error,
  'not-tried': MessageType.Warning,
};

/** Runs a command of {@link SERVER_COMMANDS}. Never rejects: the user gets a message. @returns the result of a trial, whether the fixes are applied, or the path of the log */
export async function executeCommand(
  work: CommandWork,
  { command, arguments: given = [] }: ExecuteCommandParams,
): Promise<unknown> {
  const { client } = work;
  const [uri] = given as unknown[];
  if (typeof uri !== 'string') {
    client.showMessage(MessageType.Error, `${command} needs the URI of an ebuild as its argument.`);
    return null;
  }
  switch (command) {
    case SERVER_COMMANDS.run:
      return runTrial(work, { uri });
    case SERVER_COMMANDS.runFresh:
      return runTrial(work, { uri, fresh: true });
    case SERVER_COMMANDS.runMatrix:
      return runTrial(work, { uri, matrix: 'single' });
    case SERVER_COMMANDS.fix:
      return applySafeFixes(work, uri);
    case SERVER_COMMANDS.fixAndVerify:
      return (await applySafeFixes(work, uri)) ? runTrial(work, { uri }) : null;
    case SERVER_COMMANDS.cancel:
      work.cancelTrial(uri);
      return null;
    case SERVER_COMMANDS.showLog:
      return showLog(work, uri);
    default:
      client.showMessage(MessageType.Error, `The server has no command ${command}.`);
      return null;
  }
}

async function runTrial(
  { client, runTrial: run }: CommandWork,
  params: RunTrialParams,
): Promise<RunTrialResult> {
  const result = await run(params);
  client.showMessage(MESSAGE_TYPES[result.outcome], result.message);
  return result;
}

/** In milliseconds. Most clients send the changed text soon after they have applied an edit. */
const LONGEST_WAIT = 1000;
const PAUSE = 20;

/** Applies all safe fixes to an open ebuild. @returns whether the text has them now */
async function applySafeFixes({ client, features, known }: CommandWork, uri: string): Promise<boolean> {
  const ebuild = known(uri);
  const document = ebuild?.document;
  // The saved text of a closed ebuild is shown too, and cannot be edited there.
  if (document === undefined || !ebuild?.isOpen) {
    client.showMessage(MessageType.Error, 'Open the ebuild first: the fixes are made in the editor.');
    return false;
  }
  const text = document.getText();
  const fixed = ebuild.fixedText();
  if (fixed === text) return true;
  const edit: WorkspaceEdit = toWorkspaceEdit(document, [smallestEdit(text, fixed)], features);
  if (!(await client.applyEdit(edit))) {
    client.showMessage(
      MessageType.Error,
      'The editor did not apply the fixes: save the ebuild and try again.',
    );
    return false;
  }
  for (let waited = 0; waited < LONGEST_WAIT && ebuild.document?.getText() !== fixed; waited += PAUSE)
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  // Eglot sends it only before its next request, and it waits for the answer to this one. The edit is applied, so the text is known.
  if (ebuild.document?.getText() !== fixed)
    ebuild.setDocument(TextDocument.create(uri, document.languageId, document.version + 1, fixed));
  return true;
}

async function showLog({ client, known }: CommandWork, uri: string): Promise<string | null> {
  const log = known(uri)?.trial.record?.log;
  if (log === undefined || log === '') {
    client.showMessage(MessageType.Info, 'No trial of this ebuild has been run yet.');
    return null;
  }
  if (!(await client.showDocument(log))) client.showMessage(MessageType.Info, `The build log is ${log}.`);
  return log;
}
