import type { ProgressToken, PublishDiagnosticsParams } from 'vscode-languageserver';
import type { StatusParams } from '../protocol.ts';

/** The features of the client that the server uses, from its capabilities. */
export interface ClientFeatures {
  /** Diagnostics may carry related information; otherwise the evidence goes into the message. */
  readonly relatedInformation: boolean;
  /** Edits may name the version of the document that they are for. */
  readonly documentChanges: boolean;
  /** Hovers may be Markdown. */
  readonly markdownHover: boolean;
  /** A declaration that is not needed can be shown faded. */
  readonly unnecessaryTag: boolean;
}

/** A progress that the client shows. */
export interface Progress {
  report(message: string): void;
  done(): void;
}

/** The client as the server sees it, so that a test can take its place. */
export interface Client {
  publishDiagnostics(params: PublishDiagnosticsParams): void;
  status(params: StatusParams): void;
  /** The section `ebuildAudit` of the client's settings for a document, as the client has them now. */
  settings(uri: string): Promise<unknown>;
  /** Whether the user trusts the workspace, so that code of its ebuilds may be run unasked. */
  isTrusted(): boolean;
  /** Whether the client has said that the user does not trust it, so that no code of its ebuilds may be run, asked or unasked. */
  isDistrusted(): boolean;
  /** The listener is called when the settings may have changed, and when the workspace becomes trusted. */
  onConfigurationChanged(listener: () => void): void;
  /**
   * Begins a progress under the client's token, or under one of the server's own.
   *
   * @param cancel called when the user presses the cancel button of the progress
   */
  beginProgress(title: string, token: ProgressToken | undefined, cancel: () => void): Promise<Progress>;
  /** Writes details that are too long for a message into the client's log. */
  log(message: string): void;
}
