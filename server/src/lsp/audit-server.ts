import type { CodeAction, CodeActionParams, ExecuteCommandParams } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { IGNORE_FILE } from '../audit/silencing/ignore-rule.ts';
import type { Checker } from '../check/checker.ts';
import type { Check } from '../doctor/check.ts';
import type { Limit } from '../errors/limit.ts';
import type { DoctorParams, DoctorResult, RunTrialParams, RunTrialResult } from '../protocol.ts';
import type { Client, ClientFeatures } from './client.ts';
import { toCodeActions } from './code-actions.ts';
import { executeCommand } from './commands.ts';
import { consultDoctor } from './doctor.ts';
import { createLanguageFeatures, type LanguageFeatures } from './language-features.ts';
import { createNavigation, type Navigation } from './navigation-requests.ts';
import { createOpenEbuild, type Derivation, type OpenEbuild } from './open-ebuild.ts';
import type { Settings } from './settings.ts';
import { createStaticCheck, type StaticCheck } from './static-check.ts';
import { describeStatus } from './status.ts';
import { toDiagnostic } from './to-protocol.ts';
import { createTrials, type Trials, type TrialWork } from './trials.ts';

/** The functions outside this room that the server calls. They are passed in, so that the protocol can be tested without a build. */
export interface Work extends TrialWork, Pick<Derivation, 'openText' | 'judge'> {
  /**
   * Creates the checker for the findings that need no trial.
   *
   * @param trusted whether it may run code of the ebuilds in the sandbox
   * @throws an Error whose message is one sentence for the user
   */
  createChecker(settings: Settings, trusted: boolean): Checker;
  /** Looks at the machine with these settings, and at the repository of a file; never rejects. */
  examine(settings: Settings, file: string | undefined): Promise<readonly Check[]>;
}

/** The language server without the connection: the effect of each message. */
export interface AuditServer extends LanguageFeatures {
  /** Handles that a document was opened or that its text has changed. */
  changed(document: TextDocument): void;
  closed(uri: string): void;
  saved(document: TextDocument): void;
  codeActions(params: CodeActionParams): CodeAction[];
  readonly navigation: Navigation;
  /** Handles that files which findings depend on were written, created or removed. */
  filesChanged(uris: readonly string[]): void;
  /** Runs a trial. Never rejects: errors are in the result. */
  runTrial(params: RunTrialParams): Promise<RunTrialResult>;
  /** Cancels all trials of an ebuild that run or wait. */
  cancelTrial(uri: string): void;
  /** Runs a command of an editor without our extension. Never rejects. */
  executeCommand(params: ExecuteCommandParams): Promise<unknown>;
  /** Looks at everything that trials need. Never rejects. */
  doctor(params: DoctorParams): Promise<DoctorResult>;
  /** Ends the trials; resolves when all their processes have ended. */
  stop(): Promise<void>;
}

/** Several files often change at once: in a checkout, or if an editor writes a new file and renames it. */
const BURST_MS = 200;

/** The ebuilds that are open or have a record, and the functions that show them. */
interface Ebuilds {
  of(uri: string): OpenEbuild;
  known(uri: string): OpenEbuild | undefined;
  open(): readonly OpenEbuild[];
  forget(uri: string): void;
  /** Calls {@link OpenEbuild.knowledgeChanged} for all ebuilds. */
  knowledgeChanged(): void;
  /** Publishes the findings of an ebuild, if it is open. */
  publish(ebuild: OpenEbuild): void;
  showStatus(ebuild: OpenEbuild): void;
  /** Sends the status of an ebuild again if its limits have changed. */
  showLimits(ebuild: OpenEbuild): void;
  /** Publishes the findings and the status of an ebuild. */
  refresh(ebuild: OpenEbuild): void;
}

function createEbuilds(
  client: Client,
  derive: Derivation,
  features: ClientFeatures,
  limitsOf: (uri: string) => readonly Limit[],
): Ebuilds {
  const ebuilds = new Map<string, OpenEbuild>();
  /** The limits that the client knows, by URI. */
  const told = new Map<string, string>();
  const publish = (ebuild: OpenEbuild): void => {
    const { uri, document } = ebuild;
    if (document === undefined) return;
    const diagnostics = ebuild.findings().map((finding) => toDiagnostic(document, finding, features));
    client.publishDiagnostics({ uri, version: document.version, diagnostics });
  };
  const showStatus = (ebuild: OpenEbuild): void => {
    const limits = limitsOf(ebuild.uri);
    told.set(ebuild.uri, JSON.stringify(limits));
    client.status(describeStatus(ebuild, limits));
  };
  return {
    of(uri) {
      const known = ebuilds.get(uri) ?? createOpenEbuild(uri, derive);
      ebuilds.set(uri, known);
      return known;
    },
    known: (uri) => ebuilds.get(uri),
    open: () => [...ebuilds.values()].filter(({ document }) => document !== undefined),
    forget(uri) {
      ebuilds.delete(uri);
      told.delete(uri);
    },
    knowledgeChanged() {
      for (const ebuild of ebuilds.values()) ebuild.knowledgeChanged();
    },
    publish,
    showStatus,
    showLimits(ebuild) {
      if (told.get(ebuild.uri) !== JSON.stringify(limitsOf(ebuild.uri))) showStatus(ebuild);
    },
    refresh(ebuild) {
      publish(ebuild);
      showStatus(ebuild);
    },
  };
}

export function createAuditServer(client: Client, work: Work, features: ClientFeatures): AuditServer {
  const statically = createStaticCheck(client, work.createChecker, () => {
    ebuilds.knowledgeChanged();
    for (const ebuild of ebuilds.open()) {
      ebuilds.publish(ebuild);
      ebuilds.showLimits(ebuild);
    }
    client.refreshHints();
  });
  const { openText, judge } = work;
  const ebuilds = createEbuilds(
    client,
    { openText, judge, check: statically.check },
    features,
    statically.limits,
  );
  const trials = createTrials(client, work, ebuilds);
  const files = createFileWatch(ebuilds, statically, trials);

  return {
    changed(document) {
      const ebuild = ebuilds.of(document.uri);
      const isOpened = ebuild.document === undefined;
      ebuild.setDocument(document);
      ebuilds.refresh(ebuild);
      if (isOpened && ebuild.trials.count === 0) void trials.recall(ebuild);
    },

    closed(uri) {
      const ebuild = ebuilds.of(uri);
      ebuild.setDocument(undefined);
      if (ebuild.trial.record === undefined && ebuild.trials.count === 0) ebuilds.forget(uri);
      client.publishDiagnostics({ uri, diagnostics: [] });
    },

    saved: (document) => statically.saved(document.uri, document.getText()),

    filesChanged: (uris) => files.changed(uris),

    ...createLanguageFeatures(ebuilds.known, statically.subjectOf, features),

    navigation: createNavigation(ebuilds.known, statically.knowledgeFor, features),

    codeActions(params) {
      const ebuild = ebuilds.known(params.textDocument.uri);
      if (ebuild?.document === undefined) return [];
      return toCodeActions(ebuild, ebuild.document, params, features);
    },

    runTrial: (params) => trials.run(params),
    cancelTrial: (uri) => trials.cancel(uri),
    executeCommand: (params) =>
      executeCommand(
        { client, features, known: ebuilds.known, runTrial: trials.run, cancelTrial: trials.cancel },
        params,
      ),

    doctor: ({ uri }) => consultDoctor(client, work.examine, uri),

    async stop() {
      files.stop();
      await Promise.all([trials.stop(), statically.stop()]);
    },
  };
}

/** Notifies everything that depends on changed files. */
function createFileWatch(ebuilds: Ebuilds, statically: StaticCheck, trials: Trials) {
  let recalling: NodeJS.Timeout | undefined;
  /** Checks the stored results again, because an input of the trials of open ebuilds may have changed: an eclass, the profile. */
  const recallAll = (): void => {
    recalling = undefined;
    for (const ebuild of ebuilds.open()) if (ebuild.trial.record !== undefined) void trials.recall(ebuild);
  };
  return {
    changed(uris: readonly string[]): void {
      for (const uri of uris) statically.fileChanged(uri);
      if (uris.some((uri) => uri.endsWith(`/${IGNORE_FILE}`))) {
        ebuilds.knowledgeChanged();
        for (const ebuild of ebuilds.open()) ebuilds.refresh(ebuild);
      }
      // A trial never depends on another ebuild.
      if (uris.some((uri) => !uri.endsWith('.ebuild'))) recalling ??= setTimeout(recallAll, BURST_MS);
    },
    stop: () => clearTimeout(recalling),
  };
}
