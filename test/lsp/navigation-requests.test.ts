import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import {
  createConnection,
  createProtocolConnection,
  DefinitionRequest,
  DidOpenTextDocumentNotification,
  DocumentFormattingRequest,
  DocumentHighlightRequest,
  DocumentLinkRequest,
  DocumentSymbolRequest,
  FoldingRangeRequest,
  InitializedNotification,
  type InitializeParams,
  InitializeRequest,
  PrepareRenameRequest,
  ReferencesRequest,
  RenameRequest,
  SelectionRangeRequest,
  SemanticTokensRangeRequest,
  SemanticTokensRequest,
} from 'vscode-languageserver/node';
import { createLiveText } from '../../server/src/ebuild/live-text.ts';
import { listen } from '../../server/src/lsp/connection.ts';
import { bash } from '../ebuild/bash.ts';
import { judge, URI } from './fakes.ts';

test('a client is told of every request, and gets an answer over the connection', async () => {
  const [toServer, toClient] = [new PassThrough(), new PassThrough()];
  const stop = listen(createConnection(toServer, toClient), {
    openText: () => createLiveText(bash),
    judge,
    createRunner: () => ({
      run: () => Promise.reject(new Error('no trial')),
      recall: async () => undefined,
    }),
    createChecker() {
      throw new Error('no checker');
    },
    findPlaces: async () => new Map(),
    examine: async () => [],
    openStored: async () => ({ rootPath: '/', list: () => [] }),
    readFile: async () => '',
  });
  const client = createProtocolConnection(toClient, toServer);
  client.listen();
  const params: InitializeParams = { processId: null, rootUri: null, capabilities: {} };
  const { capabilities } = await client.sendRequest(InitializeRequest.type, params);
  expect(capabilities).toMatchObject({
    definitionProvider: true,
    documentFormattingProvider: true,
    documentHighlightProvider: true,
    documentLinkProvider: {},
    documentRangeFormattingProvider: true,
    documentSymbolProvider: true,
    foldingRangeProvider: true,
    referencesProvider: true,
    renameProvider: { prepareProvider: true },
    selectionRangeProvider: true,
    semanticTokensProvider: {
      full: true,
      range: true,
      legend: { tokenModifiers: expect.arrayContaining(['readonly']) },
    },
  });
  await client.sendNotification(InitializedNotification.type, {});
  const text = 'MY_PV=1\nDEPEND="\n >=a/b-${MY_PV}\n"\n# bug 123456\n';
  const textDocument = { uri: URI };
  await client.sendNotification(DidOpenTextDocumentNotification.type, {
    textDocument: { ...textDocument, languageId: 'ebuild', version: 1, text },
  });
  const place = { textDocument, position: { line: 0, character: 2 } };
  const options = { tabSize: 4, insertSpaces: false };
  expect(await client.sendRequest(DocumentHighlightRequest.type, place)).toHaveLength(2);
  expect(
    await client.sendRequest(ReferencesRequest.type, { ...place, context: { includeDeclaration: false } }),
  ).toHaveLength(1);
  expect(await client.sendRequest(DefinitionRequest.type, place)).toHaveLength(1);
  expect(await client.sendRequest(PrepareRenameRequest.type, place)).toMatchObject({ placeholder: 'MY_PV' });
  expect(await client.sendRequest(RenameRequest.type, { ...place, newName: 'X' })).toMatchObject({
    changes: { [URI]: [{ newText: 'X' }, { newText: 'X' }] },
  });
  await expect(client.sendRequest(RenameRequest.type, { ...place, newName: '1' })).rejects.toThrow(
    /^This is not the name of a variable/,
  );
  expect(await client.sendRequest(DocumentSymbolRequest.type, { textDocument })).toHaveLength(2);
  expect(await client.sendRequest(FoldingRangeRequest.type, { textDocument })).toHaveLength(1);
  expect(
    await client.sendRequest(SelectionRangeRequest.type, { textDocument, positions: [place.position] }),
  ).toHaveLength(1);
  expect(await client.sendRequest(DocumentLinkRequest.type, { textDocument })).toHaveLength(2);
  expect(await client.sendRequest(DocumentFormattingRequest.type, { textDocument, options })).toHaveLength(1);
  // Five numbers for each token: lines and characters from the token before, length, type and modifiers.
  const { data } = (await client.sendRequest(SemanticTokensRequest.type, { textDocument })) ?? { data: [] };
  expect(data.slice(0, 5)).toEqual([0, 0, 5, 6, 1]);
  expect(data).toHaveLength(30);
  const first = { start: { line: 0, character: 0 }, end: { line: 1, character: 0 } };
  expect(
    await client.sendRequest(SemanticTokensRangeRequest.type, { textDocument, range: first }),
  ).toMatchObject({
    data: [0, 0, 5, 6, 1],
  });
  await stop();
  client.dispose();
});
