/** Tests the bundled language server as a process, with a JSON-RPC client that is independent of VS Code. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  type CodeAction,
  CodeActionRequest,
  type CompletionList,
  CompletionRequest,
  createProtocolConnection,
  type Diagnostic,
  DidChangeConfigurationNotification,
  DidChangeTextDocumentNotification,
  DidOpenTextDocumentNotification,
  DidSaveTextDocumentNotification,
  ExitNotification,
  HoverRequest,
  InitializedNotification,
  type InitializeParams,
  InitializeRequest,
  type InitializeResult,
  type ProtocolConnection,
  PublishDiagnosticsNotification,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
  type TextDocumentEdit,
  type TextEdit,
  WorkDoneProgress,
  WorkDoneProgressCancelNotification,
} from 'vscode-languageserver-protocol/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { bundleServer, copyWasm } from '../../scripts/bundle.ts';
import { buildNativeHelper } from '../../scripts/native-helper.ts';
import { isLongText, LONGEST_TEXT } from '../../server/src/ebuild/longest-text.ts';
import { findPkgcheck } from '../../server/src/package-manager/find.ts';
import { practiceRoot, stateFolder } from '../../server/src/package-manager/home.ts';
import {
  type InitializationOptions,
  RUN_TRIAL,
  type RunTrialResult,
  STATUS,
  type StatusParams,
  TRUSTED,
} from '../../server/src/protocol.ts';
import { LONG_TEXTS } from '../ebuild/long-texts.ts';
import { makeHome } from '../support/product.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { isRoot } from '../support/user.ts';

const DIST = resolve('out/test-lsp');
const EXAMPLE = 'media-gfx/pngcrush/pngcrush-1.8.13-r1.ebuild';
const ATOM = 'media-libs/libpng';
const TRIAL_TIMEOUT = 240_000;

beforeAll(async () => {
  const options = { development: true };
  await Promise.all([bundleServer(DIST, options), copyWasm(DIST), buildNativeHelper(DIST)]);
});

interface Peer {
  readonly child: ChildProcess;
  readonly connection: ProtocolConnection;
  readonly initialized: InitializeResult;
  readonly statuses: StatusParams[];
  readonly progress: string[];
  readonly stderr: () => string;
  diagnostics(uri: string): Diagnostic[];
  open(uri: string, text: string, version?: number): void;
  change(uri: string, text: string, version: number): void;
  /** Waits until `look` returns a value. */
  until<T>(what: string, look: () => T | undefined | false, timeout?: number): Promise<T>;
}

const started: ChildProcess[] = [];
const folders: string[] = [];

afterEach(() => {
  for (const child of started.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

async function startServer(
  settings: Record<string, unknown> = {},
  environment: Record<string, string> = {},
  options: Pick<InitializationOptions, 'trusted'> = {},
): Promise<Peer> {
  const child = spawn(process.execPath, [join(DIST, 'server/main.mjs'), '--stdio'], {
    env: { ...process.env, ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  started.push(child);
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const connection = createProtocolConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  const published = new Map<string, Diagnostic[]>();
  const statuses: StatusParams[] = [];
  const progress: string[] = [];
  connection.onNotification(PublishDiagnosticsNotification.type, ({ uri, diagnostics }) => {
    published.set(uri, diagnostics);
  });
  connection.onNotification(STATUS, (status: StatusParams) => void statuses.push(status));
  connection.onProgress(WorkDoneProgress.type, 'the-token', (value) => {
    progress.push(value.kind === 'report' ? (value.message ?? '') : value.kind);
  });
  connection.listen();
  const params: InitializeParams = {
    processId: process.pid,
    rootUri: null,
    capabilities: { workspace: { workspaceEdit: { documentChanges: true } } },
    initializationOptions: { settings, ...options } satisfies InitializationOptions,
  };
  const initialized = await connection.sendRequest(InitializeRequest.type, params);
  await connection.sendNotification(InitializedNotification.type, {});
  return {
    child,
    connection,
    initialized,
    statuses,
    progress,
    stderr: () => stderr,
    diagnostics: (uri) => published.get(uri) ?? [],
    open(uri, text, version = 1) {
      const textDocument = { uri, languageId: 'ebuild', version, text };
      void connection.sendNotification(DidOpenTextDocumentNotification.type, { textDocument });
    },
    change(uri, text, version) {
      const textDocument = { uri, version };
      void connection.sendNotification(DidChangeTextDocumentNotification.type, {
        textDocument,
        contentChanges: [{ text }],
      });
    },
    async until(what, look, timeout = 10_000) {
      for (const end = Date.now() + timeout; Date.now() < end; await sleep(20)) {
        const found = look();
        if (found !== undefined && found !== false) return found;
      }
      throw new Error(`${what} did not come; standard error: ${stderr}`);
    },
  };
}

async function shutDown(peer: Peer): Promise<number | null> {
  await peer.connection.sendRequest(ShutdownRequest.type);
  const exited = once(peer.child, 'exit');
  await peer.connection.sendNotification(ExitNotification.type);
  const [code] = await exited;
  return code;
}

/** Copies the example overlay, because tests may run in parallel and must not change the original. */
function copyExample(): { file: string; uri: string; text: string } {
  const folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-lsp-'));
  folders.push(folder);
  // Only the owner may enter the temporary folder, and nobody builds for root. So the repository itself must be readable for everybody.
  const overlay = join(folder, 'overlay');
  cpSync('examples', overlay, { recursive: true });
  const file = join(overlay, EXAMPLE);
  return { file, uri: pathToFileURL(file).href, text: readFileSync(file, 'utf8') };
}

describe('whatever the input holds', () => {
  const URI = 'file:///repo/app-misc/foo/foo-1.ebuild';

  /** In milliseconds: docs/limits.md promises half of it, on a machine that has nothing else to do. */
  const SOON = 200;

  /** Asks for a hover. @returns the time until the answer, in milliseconds */
  async function hover({ connection }: Peer): Promise<number> {
    const asked = performance.now();
    await connection.sendRequest(HoverRequest.type, {
      textDocument: { uri: URI },
      position: { line: 0, character: 0 },
    });
    return performance.now() - asked;
  }

  test('a document that is too long costs nothing, and is refused with one sentence', async () => {
    const peer = await startServer();
    for (const length of [50_000, 300_000, 3_000_000, 40_000_000]) {
      peer.open(URI, '# x\n'.repeat(length / 4));
      const diagnostic = await peer.until('the refusal', () => peer.diagnostics(URI)[0]);
      expect(diagnostic.message).toBe(
        'This document has more than 256 KiB, 10000 lines or 30000 words, more than any ebuild, and was not read: split it.',
      );
      const took = await hover(peer);
      if (process.env.SHOW_TIMES !== undefined) console.log(length, took);
      expect(took).toBeLessThan(process.env.SHOW_TIMES === undefined ? SOON : 10 * SOON);
      await peer.connection.sendNotification('textDocument/didClose', { textDocument: { uri: URI } });
      await peer.until('the end of the refusal', () => peer.diagnostics(URI).length === 0);
    }
    // A document may become too long. What is typed then does not make it known.
    peer.open(URI, 'EAPI=8\n');
    peer.change(URI, '# x\n'.repeat(2_000_000), 2);
    await peer.until('the refusal', () => peer.diagnostics(URI).length === 1);
    peer.change(URI, 'EAPI=8\n', 3);
    await hover(peer);
    expect(peer.diagnostics(URI)).toHaveLength(1);
    await peer.connection.sendNotification('textDocument/didClose', { textDocument: { uri: URI } });
    await peer.until('the end of the refusal', () => peer.diagnostics(URI).length === 0);
    const told = peer.statuses.length;
    peer.open(URI, 'EAPI=8\n', 4);
    await peer.until('a status', () => peer.statuses.length > told);
    expect(await shutDown(peer)).toBe(0);
  }, 60_000);

  test('a hover is answered soon after a text that is made to take long', async () => {
    const peer = await startServer();
    const slow: string[] = [];
    let version = 1;
    for (const [name, make] of Object.entries(LONG_TEXTS)) {
      // The longest that is read.
      let text = make(LONGEST_TEXT - 4096);
      for (let length = LONGEST_TEXT; isLongText(text) && length > 1024; length *= 0.9) text = make(length);
      peer.open(URI, text, version++);
      const took = await hover(peer);
      if (took > 100) slow.push(`${name}: ${took.toFixed(0)} ms`);
      // What the server has read is not read again.
      const again = await hover(peer);
      expect(again, name).toBeLessThan(SOON);
      expect(took, name).toBeLessThan(5 * SOON);
      await peer.connection.sendNotification('textDocument/didClose', { textDocument: { uri: URI } });
    }
    if (process.env.SHOW_TIMES !== undefined) console.log(slow.join('\n'));
    expect(await shutDown(peer)).toBe(0);
  }, 240_000);

  test.each([
    ['Content-Length: x\r\n\r\n', 'a message has no valid length'],
    ['no header\n', 'a message has no valid header'],
    ['Content-Length: 999999999999\r\n\r\n{', 'a message has no valid length'],
    ['Content-Length: 5\r\n\r\n{"a":', 'a message is not JSON'],
  ])('%j ends it with one line', async (text, reason) => {
    const peer = await startServer();
    const ended = once(peer.child, 'exit');
    peer.child.stdin?.write(text);
    expect((await ended)[0]).toBe(1);
    expect(peer.stderr()).toBe(`ebuild-audit: The connection is broken, so the server ends: ${reason}.\n`);
  });

  test('an end of the input within a message ends it with one line', async () => {
    const peer = await startServer();
    const ended = once(peer.child, 'exit');
    peer.child.stdin?.end('Content-Length: 100\r\n\r\n{"jsonrpc"');
    expect((await ended)[0]).toBe(1);
    expect(peer.stderr()).toContain('the input ended within a message');
  });
});

describe('without a trial', () => {
  test('it initializes, tells the status of an opened ebuild and shuts down', async () => {
    const peer = await startServer();
    expect(peer.initialized.serverInfo?.name).toBe('ebuild-audit');
    expect(peer.initialized.capabilities).toMatchObject({
      textDocumentSync: 2,
      hoverProvider: true,
      codeActionProvider: {
        codeActionKinds: ['quickfix', 'source.fixAll.ebuildAudit', 'source.ebuildAudit'],
      },
    });
    const uri = 'file:///repo/app-misc/foo/foo-1.ebuild';
    peer.open(uri, 'EAPI=8\nDEPEND="dev-libs/foo\n');
    const status = await peer.until('a status', () => peer.statuses[0]);
    expect(status).toMatchObject({ uri, state: 'unknown', message: 'No trial has been run yet.' });
    expect(await shutDown(peer)).toBe(0);
    expect(peer.stderr()).toBe('');
  });

  test('it answers every ebuild that can not be built with one sentence', async () => {
    const peer = await startServer();
    const outside = join(mkdtempSync(join(tmpdir(), 'ebuild-audit-lsp-')), 'foo-1.ebuild');
    folders.push(join(outside, '..'));
    const run = (uri: string) => peer.connection.sendRequest<RunTrialResult>(RUN_TRIAL, { uri });
    peer.open(pathToFileURL(outside).href, 'EAPI=8\n');
    for (const uri of ['untitled:Untitled-1', pathToFileURL(outside).href, 'file:///absent/a/b/b-1.ebuild']) {
      const { outcome, message } = await run(uri);
      // Without a root, that is the reason.
      expect(['failed', 'not-tried']).toContain(outcome);
      expect(message).toMatch(/^[^\n]+[.)]$/);
    }
    await shutDown(peer);
  });

  test('it ends when its client is gone', async () => {
    const peer = await startServer();
    const exited = once(peer.child, 'exit');
    peer.child.stdin?.end();
    await exited;
  });

  test('it refuses a wrong setting by name', async () => {
    const peer = await startServer({ packageManager: 'apt' });
    const { uri, text } = copyExample();
    peer.open(uri, text);
    const { outcome, message } = await peer.connection.sendRequest<RunTrialResult>(RUN_TRIAL, { uri });
    expect(outcome).toBe('not-tried');
    expect(message).toContain('ebuildAudit.packageManager');
  });
});

/** Makes a repository without masters, an empty root and a state folder. */
function makeRepository(): { repository: string; root: string; home: string } {
  const folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-lsp-'));
  folders.push(folder);
  const write = (path: string, text: string) => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  write('repository/profiles/repo_name', 'tiny\n');
  write('repository/profiles/categories', 'dev-libs\napp-misc\n');
  write('repository/metadata/layout.conf', 'masters =\n');
  write('repository/dev-libs/foo/foo-1.ebuild', 'EAPI=8\nSLOT="0"\nIUSE="ssl"\n');
  write('repository/app-misc/own/own-1.ebuild', 'EAPI=8\nSLOT="0"\n');
  mkdirSync(join(folder, 'root/var/db/pkg'), { recursive: true });
  mkdirSync(join(folder, 'home'));
  return {
    repository: join(folder, 'repository'),
    root: join(folder, 'root'),
    home: join(folder, 'home'),
  };
}

describe('static findings', () => {
  test('come while typing, are mended, and completion knows the repository', async () => {
    const { repository, root, home } = makeRepository();
    const peer = await startServer({ root }, { EBUILD_AUDIT_HOME: home });
    const uri = pathToFileURL(join(repository, 'app-misc/own/own-1.ebuild')).href;
    const text = 'EAPI=8\nSLOT="0"\n\nRDEPEND="dev-libs/fooo[ssl]"\n';
    peer.open(uri, text);
    const diagnostic = await peer.until('a finding', () => peer.diagnostics(uri)[0]);
    expect(diagnostic).toMatchObject({
      code: 'unknown-package',
      message: 'No repository has the package dev-libs/fooo: perhaps you mean dev-libs/foo.',
      range: { start: { line: 3, character: 9 }, end: { line: 3, character: 22 } },
    });
    const actions = await peer.connection.sendRequest(CodeActionRequest.type, {
      textDocument: { uri },
      range: diagnostic.range,
      context: { diagnostics: [diagnostic] },
    });
    expect(actions?.map(({ title }) => title)).toEqual(['Change to dev-libs/foo', 'Run a trial build']);

    peer.change(uri, text.replace('fooo[ssl]', 'foo[]'), 2);
    await peer.until('the mended text', () => peer.diagnostics(uri)[0]?.code !== 'unknown-package');
    const list = (await peer.connection.sendRequest(CompletionRequest.type, {
      textDocument: { uri },
      position: { line: 3, character: 22 },
    })) as CompletionList;
    expect(list.items.map(({ label }) => label)).toEqual(['ssl']);
    expect(await shutDown(peer)).toBe(0);
  });
});

describe('a root that is set anew', () => {
  test('counts for what is open', async () => {
    const { repository, root, home } = makeRepository();
    const peer = await startServer({ root }, { EBUILD_AUDIT_HOME: home });
    const uri = pathToFileURL(join(repository, 'app-misc/own/own-1.ebuild')).href;
    peer.open(uri, 'EAPI=8\nSLOT="0"\n\nRDEPEND="dev-libs/installed"\n');
    await peer.until('a finding', () => peer.diagnostics(uri)[0]?.code === 'unknown-package');
    const otherRoot = join(root, '../other-root');
    const installed = join(otherRoot, 'var/db/pkg/dev-libs/installed-1');
    mkdirSync(installed, { recursive: true });
    for (const [name, text] of Object.entries({ SLOT: '0', IUSE: '', USE: '', CONTENTS: '', EAPI: '8' }))
      writeFileSync(join(installed, name), `${text}\n`);
    await peer.connection.sendNotification(DidChangeConfigurationNotification.type, {
      settings: { ebuildAudit: { root: otherRoot } },
    });
    await peer.until('the new root', () => peer.diagnostics(uri).length === 0);
    expect(await shutDown(peer)).toBe(0);
  });
});

describe('pkgcheck', () => {
  const root = practiceRoot(stateFolder(process.env, process.getuid?.() ?? 0));
  const home = stateFolder(process.env, process.getuid?.() ?? 0);
  const found = findPkgcheck(existsSync('/var/db/pkg') ? '/' : root, home, process.env.PATH ?? '');
  const realTest = requireOrSkip(
    missing() ?? (found ? undefined : 'there is no pkgcheck: run "npm run set-up"'),
  );

  realTest(
    'scans what is saved, once the workspace is trusted',
    async () => {
      const peer = await startServer();
      const { uri, file, text } = copyExample();
      const untidy = `${text}# untidy \n`;
      writeFileSync(file, untidy);
      peer.open(uri, untidy);
      const save = () =>
        peer.connection.sendNotification(DidSaveTextDocumentNotification.type, { textDocument: { uri } });
      await save();
      await sleep(3000);
      expect(peer.diagnostics(uri)).toEqual([]);
      await peer.connection.sendNotification(TRUSTED);
      await save();
      const untidiness = () => peer.diagnostics(uri).find(({ code }) => code === 'pkgcheck:WhitespaceFound');
      expect(await peer.until('a result', untidiness, 60_000)).toMatchObject({
        source: 'pkgcheck',
        range: { start: { line: untidy.split('\n').length - 2 } },
      });
      peer.change(uri, text, 2);
      await peer.until('the mended text', () => untidiness() === undefined);
      expect(await shutDown(peer)).toBe(0);
    },
    90_000,
  );
});

/** The reason why trials cannot run on this machine. */
function missing(): string | undefined {
  const path = (process.env.PATH ?? '').split(delimiter);
  if (!path.some((folder) => existsSync(join(folder, 'bwrap')))) {
    return 'bubblewrap is missing: run npm run set-up';
  }
  const root = practiceRoot(stateFolder(process.env, process.getuid?.() ?? 0));
  if (!existsSync('/var/db/pkg') && !existsSync(root))
    return 'there is no root for trials: run npm run set-up';
  return undefined;
}

/** Makes a state folder without stored results, with the package managers and the practice root of the real one. */
function stateOfOurOwn(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-lsp-'));
  folders.push(folder);
  chmodSync(folder, 0o755);
  return makeHome(join(folder, 'home'), isRoot ? 'root' : 'user');
}

/** Whether a process has ended, even if its parent has not waited for it. */
function isGone(pid: number): boolean {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\)/s, ''));
  } catch {
    return true;
  }
}

/** The descendants of a process. */
function pidsBelow(ancestor: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const status = readFileSync(`/proc/${name}/stat`, 'utf8');
      // The command's name, in parentheses, may contain any character.
      parents.set(Number(name), Number(status.slice(status.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // The process has ended since.
    }
  }
  const isBelow = (pid: number): boolean => {
    const parent = parents.get(pid);
    return parent !== undefined && (parent === ancestor || isBelow(parent));
  };
  return [...parents.keys()].filter(isBelow);
}

/** Waits for something that comes before the end of the trial. If the trial ends first, the error says why. */
async function beforeEnd<T>(running: Promise<RunTrialResult>, awaited: Promise<T>): Promise<T> {
  const ended = running.then((result) => {
    throw new Error(`the trial ended first: ${result.outcome}: ${result.message}`);
  });
  return Promise.race([awaited, ended]);
}

describe('with a real trial', () => {
  const trialTest = requireOrSkip(missing());

  trialTest(
    'it finds what the example lacks, the fix clears it at once, and a second trial proves it',
    async () => {
      const peer = await startServer();
      const { file, uri, text } = copyExample();
      peer.open(uri, text);
      const params = { uri, workDoneToken: 'the-token', fresh: true };
      const running = peer.connection.sendRequest<RunTrialResult>(RUN_TRIAL, params);
      const found = peer.until(
        'a finding',
        () => peer.diagnostics(uri).find(({ code }) => code === 'missing-depend'),
        TRIAL_TIMEOUT,
      );
      const early = await beforeEnd(running, found);
      expect(early).toMatchObject({ severity: 1, source: 'ebuild-audit' });
      expect(early.message).toContain(ATOM);
      const first = await running;
      expect(first.outcome, first.message).toBe('findings');
      expect(readFileSync(first.log ?? '', 'utf8')).toMatch(/png\.h/);
      expect(peer.progress[0]).toBe('begin');
      expect(peer.progress.at(-1)).toBe('end');
      expect(
        peer.progress.filter((message) =>
          /^compile \(step 4 of 6\) · \d+ s(?: of about \d+ s)? · \d+ packages?$/.test(message),
        ),
      ).not.toEqual([]);

      // The last findings may have moved the first, because one atom can be missing from two variables.
      const last = peer.diagnostics(uri).find(({ code }) => code === 'missing-depend');
      const hover = await peer.connection.sendRequest(HoverRequest.type, {
        textDocument: { uri },
        position: last?.range.start ?? early.range.start,
      });
      expect(hover?.contents).toMatchObject({
        kind: 'plaintext',
        value: expect.stringMatching(
          /^missing-\w+\nWhy: .+\n(.+\n)*Package: media-libs\/libpng-\d.*\nSeen: src_\w+ › /,
        ),
      });

      let fixed = text;
      for (let version = 2; peer.diagnostics(uri).length > 0 && version < 10; version++) {
        const [diagnostic] = peer.diagnostics(uri);
        if (diagnostic === undefined) break;
        const actions = await peer.connection.sendRequest(CodeActionRequest.type, {
          textDocument: { uri },
          range: diagnostic.range,
          context: { diagnostics: [diagnostic], only: ['quickfix'] },
        });
        const action = actions?.[0] as CodeAction | undefined;
        const edit = action?.edit?.documentChanges?.[0] as TextDocumentEdit;
        expect(edit.textDocument.version).toBe(version - 1);
        const document = TextDocument.create(uri, 'ebuild', version - 1, fixed);
        fixed = TextDocument.applyEdits(document, edit.edits as TextEdit[]);
        const statuses = peer.statuses.length;
        peer.change(uri, fixed, version);
        await peer.until('the new judgement', () => peer.statuses.length > statuses);
      }
      expect(fixed).toContain(ATOM);
      expect(peer.diagnostics(uri)).toEqual([]);
      expect(peer.statuses.at(-1)?.state).toBe('not-verified');
      // The server edits the text in the editor and never the file.
      expect(readFileSync(file, 'utf8')).toBe(text);

      const second = await peer.connection.sendRequest<RunTrialResult>(RUN_TRIAL, { uri });
      expect(second.outcome, second.message).toBe('clean');
      expect(await shutDown(peer)).toBe(0);
    },
    2 * TRIAL_TIMEOUT,
  );

  trialTest(
    'a new server judges the record of the trial before it, and answers from it at once',
    async () => {
      const { uri, text } = copyExample();
      const environment = { EBUILD_AUDIT_HOME: stateOfOurOwn() };
      const first = await startServer({}, environment);
      first.open(uri, text);
      const before = await first.connection.sendRequest<RunTrialResult>(RUN_TRIAL, { uri });
      expect(before.outcome, before.message).toBe('findings');
      await shutDown(first);

      const peer = await startServer({}, environment);
      const edited = text.replace('EAPI=8', 'EAPI=8\n# edited');
      peer.open(uri, edited);
      await peer.until('the stored findings', () => peer.diagnostics(uri).length > 0);
      expect(peer.diagnostics(uri).map(({ code }) => code)).toContain('missing-depend');
      peer.change(uri, text, 2);
      const running = await peer.connection.sendRequest<RunTrialResult>(RUN_TRIAL, { uri });
      expect(running.message).toMatch(/^1 finding\. \(Result of the trial .+ ago\.\)$/);
      expect(readFileSync(running.log ?? '', 'utf8')).toMatch(/png\.h/);
      expect(await shutDown(peer)).toBe(0);
    },
    TRIAL_TIMEOUT,
  );

  trialTest(
    'a server that is killed with -9 leaves no process and no mount, and the next one removes its folder',
    async () => {
      const { uri, text } = copyExample();
      const home = stateOfOurOwn();
      const peer = await startServer({}, { EBUILD_AUDIT_HOME: home });
      peer.open(uri, text);
      const running = peer.connection.sendRequest<RunTrialResult>(RUN_TRIAL, {
        uri,
        workDoneToken: 'the-token',
      });
      running.catch(() => {});
      const compiling = peer.until(
        'the build',
        () => peer.progress.some((message) => /^(unpack|prepare|configure|compile)/.test(message)),
        60_000,
      );
      await beforeEnd(running, compiling);
      const processes = pidsBelow(peer.child.pid ?? 0);
      expect(processes.length).toBeGreaterThan(0);
      peer.child.kill('SIGKILL');
      await peer.until('the end of every process', () => processes.every(isGone), 1000);
      expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(home);
      expect(readdirSync(join(home, 'trials'))).toHaveLength(1);

      const next = await startServer({}, { EBUILD_AUDIT_HOME: home });
      next.open(uri, text);
      const result = await next.connection.sendRequest<RunTrialResult>(RUN_TRIAL, { uri });
      expect(result.outcome, result.message).toBe('findings');
      expect(readdirSync(join(home, 'trials'))).toEqual([]);
      expect(await shutDown(next)).toBe(0);
    },
    TRIAL_TIMEOUT,
  );

  trialTest('no trial is run in a workspace that is said not to be trusted', async () => {
    const { uri, text } = copyExample();
    const peer = await startServer({}, {}, { trusted: false });
    peer.open(uri, text);
    const { outcome, message } = await peer.connection.sendRequest<RunTrialResult>(RUN_TRIAL, { uri });
    expect(outcome).toBe('not-tried');
    expect(message).toContain('not trusted');
    await shutDown(peer);
  });

  for (const way of ['the progress button', 'the client that dies'] as const) {
    trialTest(
      `a trial is ended by ${way}, and leaves no process`,
      async () => {
        const peer = await startServer();
        const { uri, text } = copyExample();
        peer.open(uri, text);
        const params = { uri, workDoneToken: 'the-token' };
        const running = peer.connection.sendRequest<RunTrialResult>(RUN_TRIAL, params);
        running.catch(() => {});
        const server = peer.child.pid ?? 0;
        const unpacking = peer.until(
          'the unpack phase',
          () => peer.progress.some((message) => /^unpack|^compile/.test(message)),
          60_000,
        );
        await beforeEnd(running, unpacking);
        const processes = pidsBelow(server);
        expect(processes.length).toBeGreaterThan(0);
        if (way === 'the progress button') {
          void peer.connection.sendNotification(WorkDoneProgressCancelNotification.type, {
            token: 'the-token',
          });
          expect((await running).outcome).toBe('cancelled');
          expect(processes.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
          expect(await shutDown(peer)).toBe(0);
        } else {
          const exited = once(peer.child, 'exit');
          peer.child.stdin?.end();
          await exited;
          expect(processes.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
        }
      },
      TRIAL_TIMEOUT,
    );
  }
});
