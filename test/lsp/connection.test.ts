import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import {
  CancellationTokenSource,
  createConnection,
  createProtocolConnection,
  DidOpenTextDocumentNotification,
  InitializedNotification,
  type InitializeParams,
  InitializeRequest,
  WorkDoneProgressCancelNotification,
} from 'vscode-languageserver/node';
import { createLiveText } from '../../server/src/ebuild/live-text.ts';
import { listen } from '../../server/src/lsp/connection.ts';
import { CANCEL_TRIAL, RUN_TRIAL, type RunTrialResult } from '../../server/src/protocol.ts';
import { bash } from '../ebuild/bash.ts';
import { judge, TEXT, URI } from './fakes.ts';

/** Starts a server and a client in this process, and a trial that runs until it is aborted. */
async function startTrial() {
  const [toServer, toClient] = [new PassThrough(), new PassThrough()];
  let begun = () => {};
  const running = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const stop = listen(createConnection(toServer, toClient), {
    openText: () => createLiveText(bash),
    judge,
    createRunner: () => ({
      run: (_request, _listener, signal) =>
        new Promise((_resolve, reject) => {
          // Work may throw an error of its own after an abort.
          signal?.addEventListener('abort', () => reject(new Error('aborted')));
          begun();
        }),
      recall: async () => undefined,
    }),
    createChecker() {
      throw new Error('no checker');
    },
    findPlaces: async () => new Map(),
    examine: async () => [],
    openStored: async () => ({ rootPath: '/', list: () => [] }),
    readFile: async () => TEXT,
  });
  const client = createProtocolConnection(toClient, toServer);
  client.listen();
  const params: InitializeParams = { processId: null, rootUri: null, capabilities: {} };
  await client.sendRequest(InitializeRequest.type, params);
  await client.sendNotification(InitializedNotification.type, {});
  await client.sendNotification(DidOpenTextDocumentNotification.type, {
    textDocument: { uri: URI, languageId: 'ebuild', version: 1, text: TEXT },
  });
  const source = new CancellationTokenSource();
  const result = client.sendRequest<RunTrialResult>(
    RUN_TRIAL,
    { uri: URI, workDoneToken: 'token' },
    source.token,
  );
  await running;
  return { client, source, result, stop };
}

test.each(['window/workDoneProgress/cancel', 'ebuildAudit/cancelTrial', '$/cancelRequest'])(
  'a trial is cancelled by %s',
  async (way) => {
    const { client, source, result, stop } = await startTrial();
    if (way === CANCEL_TRIAL) await client.sendRequest(CANCEL_TRIAL, { uri: URI });
    else if (way === '$/cancelRequest') source.cancel();
    else await client.sendNotification(WorkDoneProgressCancelNotification.type, { token: 'token' });
    expect(await result).toEqual({ outcome: 'cancelled', message: 'The trial was cancelled.' });
    await stop();
    client.dispose();
  },
);
