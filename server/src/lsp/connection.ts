import {
  type CancellationToken,
  type Connection,
  ErrorCodes,
  type InitializeParams,
  ResponseError,
  TextDocumentSyncKind,
  TextDocuments,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { CANCEL_TRIAL, type CancelTrialParams, RUN_TRIAL, type RunTrialParams } from '../protocol.ts';
import { type AuditServer, createAuditServer, type Work } from './audit-server.ts';
import { createConnectedClient } from './connected-client.ts';
import { toAbortSignal, toFeatures } from './from-protocol.ts';
import { FIX_ALL_KIND } from './to-protocol.ts';

/**
 * Registers what the server answers to, and nothing else.
 *
 * @returns a function that ends the trials and resolves when nothing of them is left
 */
export function listen(connection: Connection, work: Work): () => Promise<void> {
  const documents = new TextDocuments(TextDocument);
  let server: AuditServer | undefined;

  connection.onInitialize((params: InitializeParams) => {
    const client = createConnectedClient(connection, params);
    server = createAuditServer(client, work, toFeatures(params.capabilities));
    return {
      capabilities: {
        textDocumentSync: TextDocumentSyncKind.Incremental,
        codeActionProvider: { codeActionKinds: ['quickfix', FIX_ALL_KIND] },
      },
      serverInfo: { name: 'ebuild-audit' },
    };
  });

  // Opening is told as a change too.
  documents.onDidChangeContent(({ document }) => server?.changed(document));
  documents.onDidClose(({ document }) => server?.closed(document.uri));
  connection.onCodeAction((params) => server?.codeActions(params) ?? []);
  connection.onRequest(RUN_TRIAL, async (params: RunTrialParams, token: CancellationToken) => {
    if (server === undefined) throw new ResponseError(ErrorCodes.ServerNotInitialized, 'not initialized');
    return server.runTrial(params, toAbortSignal(token));
  });
  connection.onRequest(CANCEL_TRIAL, (params: CancelTrialParams) => {
    server?.cancelTrial(params.uri);
    return null;
  });
  const stop = async () => server?.stop();
  connection.onShutdown(stop);
  documents.listen(connection);
  connection.listen();
  return stop;
}
