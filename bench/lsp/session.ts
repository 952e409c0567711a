import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import {
  createProtocolConnection,
  type Diagnostic,
  DidChangeTextDocumentNotification,
  DidOpenTextDocumentNotification,
  ExitNotification,
  InitializedNotification,
  type InitializeParams,
  InitializeRequest,
  type Position,
  type ProtocolConnection,
  PublishDiagnosticsNotification,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver-protocol/node';

/** A language server that runs, and its client. */
export interface Session {
  readonly connection: ProtocolConnection;
  /** In milliseconds since the process was started. */
  age(): number;
  /** Opens a document, and resolves with its first diagnostics. */
  open(file: string, text: string): Promise<readonly Diagnostic[]>;
  /** Types a text into an open document, and resolves with the diagnostics of that version. */
  type(file: string, at: Position, text: string, version: number): Promise<readonly Diagnostic[]>;
  /** Resolves with the next diagnostics of a document that fulfil a condition. */
  until(file: string, fits: (found: readonly Diagnostic[]) => boolean): Promise<readonly Diagnostic[]>;
  /** The memory of the process now and at most so far (VmRSS and VmHWM of proc(5)), in MiB. */
  memory(): Memory;
  end(): Promise<void>;
}

export interface Memory {
  readonly now: number;
  readonly most: number;
}

interface Waiting {
  readonly uri: string;
  fits(found: readonly Diagnostic[], version: number | undefined): boolean;
  resolve(found: readonly Diagnostic[]): void;
}

const CAPABILITIES: InitializeParams['capabilities'] = {
  textDocument: { hover: { contentFormat: ['markdown'] }, publishDiagnostics: { relatedInformation: true } },
};

/** Starts the server of dist/ and initializes it. @param root of the settings */
export async function startSession(environment: NodeJS.ProcessEnv, root: string): Promise<Session> {
  const began = performance.now();
  const child = spawn(process.execPath, ['dist/server/main.mjs', '--stdio'], {
    env: environment,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const connection = createProtocolConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  const waiting = new Set<Waiting>();
  connection.onNotification(PublishDiagnosticsNotification.type, ({ uri, version, diagnostics }) => {
    for (const one of waiting) {
      if (one.uri !== uri || !one.fits(diagnostics, version)) continue;
      waiting.delete(one);
      one.resolve(diagnostics);
    }
  });
  connection.listen();
  await connection.sendRequest(InitializeRequest.type, {
    processId: null,
    rootUri: null,
    capabilities: CAPABILITIES,
    initializationOptions: { settings: { root, pkgcheck: 'off' } },
  });
  await connection.sendNotification(InitializedNotification.type, {});
  const uriOf = (file: string) => pathToFileURL(file).href;
  const wait = (file: string, fits: Waiting['fits']) =>
    new Promise<readonly Diagnostic[]>((resolve) => waiting.add({ uri: uriOf(file), fits, resolve }));
  return {
    connection,
    age: () => performance.now() - began,
    async open(file, text) {
      const found = wait(file, () => true);
      const textDocument = { uri: uriOf(file), languageId: 'ebuild', version: 1, text };
      await connection.sendNotification(DidOpenTextDocumentNotification.type, { textDocument });
      return found;
    },
    async type(file, at, text, version) {
      const found = wait(file, (_, published) => published === version);
      await connection.sendNotification(DidChangeTextDocumentNotification.type, {
        textDocument: { uri: uriOf(file), version },
        contentChanges: [{ range: { start: at, end: at }, text }],
      });
      return found;
    },
    until: (file, fits) => wait(file, fits),
    memory: () => memoryOf(child),
    async end() {
      await connection.sendRequest(ShutdownRequest.type);
      await connection.sendNotification(ExitNotification.type);
      await once(child, 'exit');
      connection.dispose();
    },
  };
}

function memoryOf({ pid }: ChildProcess): Memory {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const read = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024;
  return { now: read('VmRSS'), most: read('VmHWM') };
}
