import { randomUUID } from 'node:crypto';
import {
  CodeLensRefreshRequest,
  type Connection,
  type InitializeParams,
  type ProgressToken,
  ShowMessageNotification,
  WorkDoneProgress,
  type WorkDoneProgressBegin,
  WorkDoneProgressCancelNotification,
  WorkDoneProgressCreateRequest,
  type WorkDoneProgressEnd,
  type WorkDoneProgressReport,
} from 'vscode-languageserver';
import { URI } from 'vscode-uri';
import type { Limit } from '../errors/limit.ts';
import { showLine, showText } from '../errors/visible-text.ts';
import { type InitializationOptions, STATUS, TRUSTED } from '../protocol.ts';
import type { Client } from './client.ts';

function showLimit(limit: Limit): Limit {
  const { text, remedy } = limit;
  return { ...limit, text: showLine(text), ...(remedy === undefined ? {} : { remedy: showLine(remedy) }) };
}

/** In milliseconds. In one of four runs of the workbench, the lenses of a running trial stayed after the refresh at its end. */
const REFRESH_AGAIN = 500;

/** The client at the other end of a connection. */
export function createConnectedClient(connection: Connection, params: InitializeParams): Client {
  const { workspace, window } = params.capabilities;
  const options = (params.initializationOptions ?? {}) as InitializationOptions;
  let pushed = options.settings;
  let trusted = options.trusted;
  let notifyChanged = () => {};
  connection.onDidChangeConfiguration(({ settings }) => {
    if (settings?.ebuildAudit !== undefined) pushed = settings.ebuildAudit;
    notifyChanged();
  });
  connection.onNotification(TRUSTED, () => {
    trusted = true;
    notifyChanged();
  });

  // vscode-languageserver handles the cancel button only for its own tokens, and a token of the client is possible here.
  const cancels = new Map<ProgressToken, () => void>();
  connection.onNotification(WorkDoneProgressCancelNotification.type, ({ token }) => cancels.get(token)?.());

  /** Makes a token of the server, if the client can show a progress that it did not ask for. */
  async function createToken(): Promise<ProgressToken | undefined> {
    if (window?.workDoneProgress !== true) return undefined;
    const token = randomUUID();
    await connection.sendRequest(WorkDoneProgressCreateRequest.type, { token });
    return token;
  }

  let again: NodeJS.Timeout | undefined;
  async function requestRefresh(): Promise<void> {
    try {
      if (workspace?.inlayHint?.refreshSupport === true) await connection.languages.inlayHint.refresh();
      if (workspace?.codeLens?.refreshSupport === true)
        await connection.sendRequest(CodeLensRefreshRequest.type);
      if (workspace?.semanticTokens?.refreshSupport === true) connection.languages.semanticTokens.refresh();
    } catch {
      // The client is gone, or does not want it.
    }
  }

  return {
    publishDiagnostics: (diagnostics) => void connection.sendDiagnostics(diagnostics),
    status: (status) =>
      void connection.sendNotification(STATUS, {
        ...status,
        message: showLine(status.message),
        ...(status.limits === undefined ? {} : { limits: status.limits.map(showLimit) }),
      }),
    log: (message) => connection.console.error(showText(message)),
    async settings(uri) {
      if (workspace?.configuration !== true) return pushed;
      return connection.workspace.getConfiguration({ scopeUri: uri, section: 'ebuildAudit' });
    },
    isTrusted: () => trusted === true,
    isDistrusted: () => trusted === false,
    onConfigurationChanged(listener) {
      notifyChanged = listener;
    },
    showMessage: (type, message) =>
      void connection.sendNotification(ShowMessageNotification.type, { type, message: showLine(message) }),
    async showDocument(path) {
      if (window?.showDocument?.support !== true) return false;
      const params = { uri: URI.file(path).toString(), takeFocus: true };
      return (await connection.window.showDocument(params).catch(() => undefined))?.success === true;
    },
    async applyEdit(edit) {
      if (workspace?.applyEdit !== true) return false;
      return (await connection.workspace.applyEdit(edit).catch(() => undefined))?.applied === true;
    },
    refreshHints() {
      void requestRefresh();
      clearTimeout(again);
      again = setTimeout(() => void requestRefresh(), REFRESH_AGAIN);
      again.unref();
    },
    async beginProgress(title, given, cancel) {
      const token = given ?? (await createToken());
      const send = (value: WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd) => {
        if (token !== undefined) void connection.sendProgress(WorkDoneProgress.type, token, value);
      };
      if (token !== undefined) cancels.set(token, cancel);
      send({ kind: 'begin', title: showLine(title), cancellable: true });
      return {
        report: (message) => send({ kind: 'report', message: showLine(message) }),
        done() {
          if (token !== undefined) cancels.delete(token);
          send({ kind: 'end' });
        },
      };
    },
  };
}
