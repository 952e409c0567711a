import type { WorkspaceEdit } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Finding, Verdict } from '../../server/src/audit/finding.ts';
import type { Knowledge } from '../../server/src/audit/knowledge.ts';
import type { Need, TrialRecord } from '../../server/src/audit/record.ts';
import type { Checker } from '../../server/src/check/checker.ts';
import type { EbuildFacts } from '../../server/src/ebuild/ebuild-facts.ts';
import { createLiveText } from '../../server/src/ebuild/live-text.ts';
import type { Limit } from '../../server/src/errors/limit.ts';
import { UserError } from '../../server/src/errors/user-error.ts';
import { type AuditServer, createAuditServer } from '../../server/src/lsp/audit-server.ts';
import type { Client, ClientFeatures } from '../../server/src/lsp/client.ts';
import { SERVER_COMMANDS, type StatusParams } from '../../server/src/protocol.ts';
import type { EvidencePlace } from '../../server/src/trial/evidence-places.ts';
import type { RecalledTrial, TrialListener, TrialRequest } from '../../server/src/trial/trial.ts';
import { bash } from '../ebuild/bash.ts';
import { makeRecord as makePlainRecord } from '../support/trial-record.ts';

/** A run that the test controls: it reports and ends when the test calls for it. */
export interface Run {
  readonly request: TrialRequest;
  readonly listener: TrialListener;
  readonly signal: AbortSignal | undefined;
  finish(record: TrialRecord): void;
  fail(error: Error): void;
  /** If set, an aborted run ends after this promise. */
  linger?: Promise<void>;
}

/** Makes the record of a trial that found each of the atoms missing from DEPEND. */
export function makeRecord(
  text: string,
  atoms: readonly string[],
  more: Partial<TrialRecord> = {},
): TrialRecord {
  return makePlainRecord(text, { needs: atoms.map(makeNeed), log: '/logs/foo-1.log', ...more });
}

function makeNeed(atom: string): Need {
  const [category = '', name = ''] = atom.split('/');
  return {
    variable: 'DEPEND',
    package: { category, name, version: '1', slot: '0', subslot: '0', use: [] },
    atom,
    certainty: 'proven',
    evidence: [
      {
        phase: 'compile',
        program: '/usr/bin/cc1',
        chain: ['make', 'gcc'],
        operation: 'look-up',
        path: `/usr/include/${name}.h`,
        result: 'denied',
        count: 2,
      },
    ],
  };
}

/** A simple judge with a fix: it reports each need whose atom is not in the text at `DEPEND="`. */
export function judge(record: TrialRecord, { text }: EbuildFacts): Verdict {
  const at = text.indexOf('DEPEND="');
  const findings = record.needs
    .filter((need) => !text.includes(need.atom))
    .map((need) => ({
      code: 'missing-depend' as const,
      severity: 'error' as const,
      message: `needs ${need.atom}`,
      range: { start: at, end: at + 6 },
      evidence: need.evidence,
      about: [],
      fix: {
        title: `Add ${need.atom} to DEPEND`,
        edits: [{ start: at + 8, end: at + 8, newText: `\n\t${need.atom}` }],
      },
    }));
  return {
    findings,
    state: text === record.text && record.outcome !== 'running' ? 'verified' : 'not-verified',
    isBuilt: text === record.text,
  };
}

export const URI = 'file:///repo/media-gfx/foo/foo-1.ebuild';
export const TEXT = 'EAPI=8\n\nDEPEND=""\n';

/** A client that can do everything that the server makes use of. */
export const ALL_FEATURES: ClientFeatures = {
  relatedInformation: true,
  documentChanges: true,
  diagnosticsInHover: false,
  markdownHover: true,
  unnecessaryTag: true,
  lensCommands: SERVER_COMMANDS,
  terminalCommand: undefined,
  snippets: true,
  markdownCompletion: true,
};

/** Creates a server with a client and a runner that the test controls. */
export function createFixture(features: Partial<ClientFeatures> = {}) {
  const published: { uri: string; version?: number; diagnostics: { message: string; code?: unknown }[] }[] =
    [];
  const statuses: StatusParams[] = [];
  const progress: { text: string[]; cancel(): void; isDone: boolean }[] = [];
  const runs: Run[] = [];
  const logged: string[] = [];
  /** The input with which each checker was created. */
  const made: { root: string; pkgcheck: string; trusted: boolean }[] = [];
  let trusted = false;
  let distrusted = false;
  /** The stored result of each ebuild. */
  const stored = new Map<string, RecalledTrial>();
  let tellConfiguration = () => {};
  const changedFiles: string[] = [];
  const saved: string[] = [];
  /** The stored records of each file, the newest first. */
  const kept = new Map<string, readonly TrialRecord[]>();
  let rootPath = '/absent';
  let closed = 0;
  let refreshes = 0;
  const messages: { type: number; message: string }[] = [];
  /** The files that the server has opened in the editor. */
  const shown: string[] = [];
  let applyEdit: (edit: WorkspaceEdit) => void = () => {};
  let tellChanged = () => {};
  let check: (file: string, text: string) => readonly Finding[] = () => [];
  let knowledge: Knowledge | undefined;
  let limits: readonly Limit[] = [];
  const checker: Checker = {
    check: (file, { text }) => ({ findings: check(file, text), silenced: [] }),
    knowledgeFor: (file) => (file.startsWith('/repo/') ? knowledge : undefined),
    identify: (file) =>
      file.startsWith('/repo/') ? { category: 'media-gfx', packageAndVersion: 'foo-1' } : undefined,
    limits: () => limits,
    ready: async () => {},
    onChanged: (listener) => {
      tellChanged = listener;
    },
    fileChanged: (path) => void changedFiles.push(path),
    saved: (file) => void saved.push(file),
    scan: async () => {},
    async close() {
      closed++;
    },
  };
  const files = new Map<string, string>();
  /** Where the server finds the evidence of every record. */
  const places = new Map<string, EvidencePlace>();
  let settings: unknown = {};
  const unpackings: (() => void)[] = [];
  const client: Client = {
    publishDiagnostics: (params) => void published.push(params as (typeof published)[number]),
    status: (status) => void statuses.push(status),
    settings: async () => settings,
    isTrusted: () => trusted,
    isDistrusted: () => distrusted,
    onConfigurationChanged(listener) {
      tellConfiguration = listener;
    },
    showMessage: (type, message) => void messages.push({ type, message }),
    async showDocument(path) {
      shown.push(path);
      return true;
    },
    async applyEdit(edit) {
      applyEdit(edit);
      return true;
    },
    refreshHints() {
      refreshes++;
    },
    log: (message) => void logged.push(message),
    async beginProgress(_title, _token, cancel) {
      const shown = { text: [] as string[], cancel, isDone: false };
      progress.push(shown);
      return {
        report: (message) => void shown.text.push(message),
        done() {
          shown.isDone = true;
        },
      };
    },
  };
  const server: AuditServer = createAuditServer(
    client,
    {
      openText: () => createLiveText(bash),
      judge,
      createRunner: () => ({
        run: (request, listener, signal) =>
          new Promise((resolve, reject) => {
            const run: Run = { request, listener, signal, finish: resolve, fail: reject };
            signal?.addEventListener('abort', async () => {
              await run.linger;
              reject(signal.reason);
            });
            runs.push(run);
          }),
        recall: async (file) => stored.get(file),
      }),
      async createChecker({ root, pkgcheck }, mayRunCode, wait) {
        if (root.endsWith('.erofs')) {
          wait(`The root ${root} is unpacked.`);
          await new Promise<void>((resolve) => unpackings.push(resolve));
        }
        if (root.startsWith('/absent')) throw new UserError(`The root ${root} does not exist.`);
        made.push({ root, pkgcheck, trusted: mayRunCode });
        return checker;
      },
      findPlaces: async () => places,
      async openStored({ root }) {
        if (root.startsWith('/absent')) throw new UserError(`The root ${root} does not exist.`);
        return { rootPath, list: (file) => kept.get(file) ?? [] };
      },
      examine: async ({ root }, file) => [
        { name: 'Root', state: 'ok', found: root },
        { name: 'File', state: 'problem', found: file ?? 'none', remedy: 'open \u202eone' },
      ],
      async readFile(path) {
        const text = files.get(path);
        if (text === undefined) throw new Error(`${path} cannot be read`);
        return text;
      },
    },
    { ...ALL_FEATURES, ...features },
  );
  return {
    server,
    published,
    statuses,
    progress,
    runs,
    logged,
    files,
    places,
    made,
    changedFiles,
    saved,
    stored,
    kept,
    /** Sets the folder in which the files of evidence are looked for. */
    setRoot(path: string) {
      rootPath = path;
    },
    /** Ends the unpacking of roots that are images. */
    unpackings,
    /** The number of closed checkers. */
    closed: () => closed,
    /** How often the client was asked to ask for inlay hints again. */
    refreshes: () => refreshes,
    messages,
    shown,
    /** Sets what the editor does with an edit of the server. */
    onEdit(apply: (edit: WorkspaceEdit) => void) {
      applyEdit = apply;
    },
    /** Sets the findings that need no trial, and notifies the server as if more had become known. */
    setStatic(found: (file: string, text: string) => readonly Finding[]) {
      check = found;
      tellChanged();
    },
    setKnowledge(known: Knowledge) {
      knowledge = known;
    },
    /** Sets the reasons of the checker why something is not checked, and notifies the server. */
    setLimits(found: readonly Limit[]) {
      limits = found;
      tellChanged();
    },
    /** Notifies the server of settings, as `didChangeConfiguration` of a client does. */
    setSettings(value: unknown) {
      settings = value;
      tellConfiguration();
    },
    /** Reports that the user does not trust the workspace. */
    distrust() {
      distrusted = true;
    },
    trust() {
      trusted = true;
      tellConfiguration();
    },
    /** Opens a document, or changes the text of an open one. */
    edit(text: string, version: number, uri = URI) {
      const document = TextDocument.create(uri, 'ebuild', version, text);
      server.changed(document);
      return document;
    },
    /** The run that started as number `count`. */
    async started(count: number): Promise<Run> {
      for (let i = 0; i < 200 && runs.length < count; i++)
        await new Promise((resolve) => setTimeout(resolve, 1));
      const run = runs[count - 1];
      if (run === undefined) throw new Error(`only ${runs.length} trials have started`);
      return run;
    },
  };
}
