import {
  type CancellationToken,
  type Connection,
  DidChangeWatchedFilesNotification,
  ErrorCodes,
  type InitializeParams,
  ResponseError,
  TextDocumentSyncKind,
  TextDocuments,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { IGNORE_FILE } from '../audit/silencing/ignore-rule.ts';
import { isLongText } from '../ebuild/longest-text.ts';
import {
  CANCEL_TRIAL,
  type CancelTrialParams,
  DOCTOR,
  type DoctorParams,
  RUN_TRIAL,
  type RunTrialParams,
  SERVER_COMMANDS,
} from '../protocol.ts';
import { type AuditServer, createAuditServer, type Work } from './audit-server.ts';
import { TRIAL_KIND } from './code-actions.ts';
import { createConnectedClient } from './connected-client.ts';
import { toFeatures } from './from-protocol.ts';
import { listenNavigation, NAVIGATION_CAPABILITIES } from './navigation-requests.ts';
import { FIX_ALL_KIND } from './to-protocol.ts';
import { describeTooLong, TOO_LONG, type TooLongParams } from './too-long.ts';
import { listenTrialViews } from './trial-views.ts';

/** The files of a repository that findings depend on. */
const WATCHED = [
  '**/*.ebuild',
  '**/*.eclass',
  '**/profiles/**',
  '**/metadata.xml',
  '**/metadata/layout.conf',
  `**/${IGNORE_FILE}`,
];

/**
 * Registers the handlers of all messages to the server.
 *
 * @returns a function that ends the trials and resolves when all their processes have ended
 */
export function listen(connection: Connection, work: Work): () => Promise<void> {
  const documents = new TextDocuments(TextDocument);
  let server: AuditServer | undefined;
  let canWatch = false;

  connection.onInitialize((params: InitializeParams) => {
    const client = createConnectedClient(connection, params);
    server = createAuditServer(client, work, toFeatures(params.capabilities, params.initializationOptions));
    canWatch = params.capabilities.workspace?.didChangeWatchedFiles?.dynamicRegistration === true;
    return {
      capabilities: {
        textDocumentSync: TextDocumentSyncKind.Incremental,
        completionProvider: {
          triggerCharacters: ['/', '[', ':', '-', ',', '$', '{', '~', '#', '"'],
          resolveProvider: true,
        },
        hoverProvider: true,
        signatureHelpProvider: { triggerCharacters: [' '] },
        inlayHintProvider: true,
        codeLensProvider: {},
        executeCommandProvider: { commands: Object.values(SERVER_COMMANDS) },
        codeActionProvider: { codeActionKinds: ['quickfix', FIX_ALL_KIND, TRIAL_KIND] },
        ...NAVIGATION_CAPABILITIES,
      },
      serverInfo: { name: 'ebuild-audit' },
    };
  });

  connection.onInitialized(() => {
    const watchers = WATCHED.map((globPattern) => ({ globPattern }));
    if (canWatch) void connection.client.register(DidChangeWatchedFilesNotification.type, { watchers });
  });
  connection.onDidChangeWatchedFiles(({ changes }) => server?.filesChanged(changes.map(({ uri }) => uri)));

  /** The documents that were too long for a message. Their text is not known until they are opened again. */
  const unknown = new Set<string>();
  /** Forgets a document that is too long, and says so. */
  const refuse = (uri: string): void => {
    server?.closed(uri);
    void connection.sendDiagnostics({ uri, diagnostics: [describeTooLong()] });
  };
  connection.onNotification(TOO_LONG, ({ uri }: TooLongParams) => void unknown.add(uri));
  // The library reports the opening of a document as a change too.
  documents.onDidChangeContent(({ document }) => {
    if (unknown.has(document.uri) || isLongText(document.getText())) refuse(document.uri);
    else server?.changed(document);
  });
  documents.onDidSave(({ document }) => {
    if (!unknown.has(document.uri) && !isLongText(document.getText())) server?.saved(document);
  });
  documents.onDidClose(({ document }) => {
    unknown.delete(document.uri);
    server?.closed(document.uri);
  });
  connection.onCodeAction((params) => server?.codeActions(params) ?? []);
  connection.onHover((params) => server?.files.hover(params) ?? server?.hover(params));
  connection.onCompletion((params) => server?.files.completion(params) ?? server?.completion(params));
  connection.onSignatureHelp((params) => server?.signatureHelp(params));
  connection.languages.inlayHint.on((params) => server?.inlayHints(params) ?? []);
  connection.onCompletionResolve((item) => server?.resolveCompletion(item) ?? item);
  connection.onCodeLens((params) => server?.codeLenses(params) ?? []);
  connection.onExecuteCommand((params) => server?.executeCommand(params));
  listenNavigation(
    connection,
    () => server?.navigation,
    () => server?.files,
  );
  listenTrialViews(connection, () => server?.trialViews);
  connection.onRequest(RUN_TRIAL, async (params: RunTrialParams, token: CancellationToken) => {
    if (server === undefined) throw new ResponseError(ErrorCodes.ServerNotInitialized, 'not initialized');
    const result = server.runTrial(params);
    const cancel = () => server?.cancelTrial(params.uri);
    if (token.isCancellationRequested) cancel();
    else token.onCancellationRequested(cancel);
    return result;
  });
  connection.onRequest(CANCEL_TRIAL, (params: CancelTrialParams) => {
    server?.cancelTrial(params.uri);
    return null;
  });
  connection.onRequest(DOCTOR, (params: DoctorParams | null) => {
    if (server === undefined) throw new ResponseError(ErrorCodes.ServerNotInitialized, 'not initialized');
    return server.doctor(params ?? {});
  });
  const stop = async () => server?.stop();
  connection.onShutdown(stop);
  documents.listen(connection);
  connection.listen();
  return stop;
}
