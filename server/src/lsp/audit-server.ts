import type {
  CodeAction,
  CodeActionParams,
  CodeLens,
  CodeLensParams,
  ExecuteCommandParams,
} from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { IGNORE_FILE } from '../audit/silencing/ignore-rule.ts';
import type { Check } from '../doctor/check.ts';
import type { DoctorParams, DoctorResult, RunTrialParams, RunTrialResult } from '../protocol.ts';
import type { StoredTrials } from '../trial/records/stored-trials.ts';
import type { Client, ClientFeatures } from './client.ts';
import { toCodeActions } from './code-actions.ts';
import { toCodeLenses } from './code-lenses.ts';
import { executeCommand } from './commands.ts';
import { consultDoctor } from './doctor.ts';
import { createEbuilds, type Ebuilds } from './ebuilds.ts';
import { createEclasses } from './eclasses.ts';
import { createFileFeatures, type FileFeatures } from './file-features.ts';
import { toEclassName, toFileName } from './from-protocol.ts';
import { createLanguageFeatures, type LanguageFeatures } from './language-features.ts';
import { createNavigation, type Navigation } from './navigation-requests.ts';
import type { Derivation } from './open-ebuild.ts';
import type { Settings } from './settings.ts';
import { type CreateChecker, createStaticCheck, type StaticCheck } from './static-check.ts';
import { createTrialViews, type TrialViews } from './trial-views.ts';
import { createTrials, type Trials, type TrialWork } from './trials.ts';

/** The functions outside this room that the server calls. They are passed in, so that the protocol can be tested without a build. */
export interface Work extends TrialWork, Pick<Derivation, 'openText' | 'judge'> {
  /**
   * Creates the checker for the findings that need no trial.
   *
   * @param trusted whether it may run code of the ebuilds in the sandbox
   * @throws an Error whose message is one sentence for the user
   */
  createChecker: CreateChecker;
  /** Opens what is kept of earlier trials; rejects with a UserError if there is no root. */
  openStored(settings: Settings): Promise<StoredTrials>;
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
  readonly trialViews: TrialViews;
  /** The answers about the files of a repository that are neither ebuilds nor eclasses. */
  readonly files: FileFeatures;
  codeLenses(params: CodeLensParams): CodeLens[];
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

export function createAuditServer(client: Client, work: Work, features: ClientFeatures): AuditServer {
  const statically = createStaticCheck(client, work.createChecker, () => {
    ebuilds.knowledgeChanged();
    for (const ebuild of ebuilds.shown()) {
      ebuilds.publish(ebuild);
      ebuilds.showLimits(ebuild);
    }
    client.refreshHints();
  });
  const { openText, judge } = work;
  const ebuilds = createEbuilds({
    client,
    derive: { openText, judge, check: statically.check },
    features,
    limitsOf: statically.limits,
    readFile: work.readFile,
  });
  const trials = createTrials(client, work, ebuilds);
  const watch = createFileWatch(ebuilds, statically, trials);
  const eclasses = createEclasses({ openText, judge });
  const { begin, knowledgeFor, subjectOf } = statically;
  const files = createFileFeatures({ features, knowledgeFor, begin, openText, readFile: work.readFile });
  const known = (uri: string) => eclasses.known(uri) ?? ebuilds.known(uri);

  return {
    changed(document) {
      if (files.changed(document)) return;
      if (toEclassName(document.uri) !== undefined) {
        begin(document.uri);
        return eclasses.changed(document);
      }
      // An editor may send every XML file so that the server sees metadata.xml.
      if (document.languageId !== 'ebuild' && !toFileName(document.uri).endsWith('.ebuild')) return;
      const ebuild = ebuilds.of(document.uri);
      const isOpened = !ebuild.isOpen;
      ebuild.setDocument(document);
      ebuilds.refresh(ebuild);
      if (isOpened && ebuild.trials.count === 0) void trials.recall(ebuild);
    },

    closed(uri) {
      if (!files.closed(uri) && !eclasses.closed(uri)) void ebuilds.close(uri);
    },

    saved: (document) => statically.saved(document.uri, document.getText()),

    filesChanged: (uris) => watch.changed(uris),

    ...createLanguageFeatures(known, subjectOf, features),

    navigation: createNavigation(known, subjectOf, features),

    files,

    trialViews: createTrialViews({
      client,
      known: ebuilds.known,
      derive: { openText, judge },
      openStored: work.openStored,
      now: () => Date.now(),
    }),

    codeActions(params) {
      const ebuild = ebuilds.known(params.textDocument.uri);
      if (ebuild?.document === undefined) return [];
      return toCodeActions(ebuild, ebuild.document, params, features);
    },

    codeLenses({ textDocument: { uri } }) {
      const ebuild = ebuilds.known(uri);
      return ebuild === undefined ? [] : toCodeLenses(ebuild, features.lensCommands, Date.now());
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
      watch.stop();
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
    for (const ebuild of ebuilds.shown()) if (ebuild.trial.record !== undefined) void trials.recall(ebuild);
  };
  return {
    changed(uris: readonly string[]): void {
      for (const uri of uris) {
        statically.fileChanged(uri);
        void ebuilds.fileChanged(uri);
      }
      if (uris.some((uri) => uri.endsWith(`/${IGNORE_FILE}`))) {
        ebuilds.knowledgeChanged();
        for (const ebuild of ebuilds.shown()) ebuilds.refresh(ebuild);
      }
      // A trial never depends on another ebuild.
      if (uris.some((uri) => !uri.endsWith('.ebuild'))) recalling ??= setTimeout(recallAll, BURST_MS);
    },
    stop: () => clearTimeout(recalling),
  };
}
