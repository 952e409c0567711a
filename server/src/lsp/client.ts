import type {
  MessageType,
  ProgressToken,
  PublishDiagnosticsParams,
  WorkspaceEdit,
} from 'vscode-languageserver';
import type { LensCommands, StatusParams } from '../protocol.ts';

/** The features of the client that the server uses, derived from its capabilities. */
export interface ClientFeatures {
  /** Whether diagnostics may have related information; otherwise the message contains the evidence. */
  readonly relatedInformation: boolean;
  /** Whether edits may name the version of their document. */
  readonly documentChanges: boolean;
  /** Whether a hover shows the diagnostics of its place with their evidence, so that ours need not. */
  readonly diagnosticsInHover: boolean;
  /** Whether hovers may be Markdown. */
  readonly markdownHover: boolean;
  /** The commands of the lenses. */
  readonly lensCommands: LensCommands;
  /** See `InitializationOptions`. */
  readonly terminalCommand: string | undefined;
  /** Whether completions may be snippets. */
  readonly snippets: boolean;
  /** Whether the documentation of completions may be Markdown. */
  readonly markdownCompletion: boolean;
  /** Whether the client can fade a declaration that is not needed. */
  readonly unnecessaryTag: boolean;
}

/** A progress that the client shows. */
export interface Progress {
  report(message: string): void;
  done(): void;
}

/** The client from the view of the server, so that a test can replace it. */
export interface Client {
  publishDiagnostics(params: PublishDiagnosticsParams): void;
  status(params: StatusParams): void;
  /** The section `ebuildAudit` of the client's current settings for a document. */
  settings(uri: string): Promise<unknown>;
  /** Whether the user trusts the workspace, so that code of its ebuilds may run without being asked for. */
  isTrusted(): boolean;
  /**
   * Whether the client has reported that the user does not trust the workspace, so that no code of its ebuilds may run, not even on demand.
   */
  isDistrusted(): boolean;
  /** Registers a listener for changes of the settings and for the moment when the workspace becomes trusted. */
  onConfigurationChanged(listener: () => void): void;
  /**
   * Begins a progress with the client's token, or with a token of the server.
   *
   * @param cancel called when the user cancels the progress
   */
  beginProgress(title: string, token: ProgressToken | undefined, cancel: () => void): Promise<Progress>;
  /** Shows a sentence to the user, outside the text. */
  showMessage(type: MessageType, message: string): void;
  /** Opens a file in the editor. @returns whether the client has done it; false if it cannot */
  showDocument(path: string): Promise<boolean>;
  /** Changes a document in the editor. @returns whether the client has done it; false if it cannot */
  applyEdit(edit: WorkspaceEdit): Promise<boolean>;
  /** Asks the client to ask for the inlay hints, the lenses and the semantic tokens again, if it can. */
  refreshHints(): void;
  /** Writes to the client's log. It is for details that are too long for a message. */
  log(message: string): void;
}
