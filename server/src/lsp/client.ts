import type { ProgressToken, PublishDiagnosticsParams } from 'vscode-languageserver';
import type { StatusParams } from '../protocol.ts';

/** What the client can show, from its capabilities. */
export interface ClientFeatures {
  /** Diagnostics may carry related information; otherwise the evidence goes into the message. */
  readonly relatedInformation: boolean;
  /** Edits may name the version of the document that they are for. */
  readonly documentChanges: boolean;
  /** Hovers may be Markdown. */
  readonly markdownHover: boolean;
  /** What is not needed can be shown faded. */
  readonly unnecessaryTag: boolean;
}

/** A progress that the client shows. */
export interface Progress {
  report(message: string): void;
  done(): void;
  /** Aborted when the user presses the progress's own cancel button. */
  readonly cancelled: AbortSignal;
}

/** Everything that the server asks of the client or tells it, so that a test can stand in for the client. */
export interface Client {
  publishDiagnostics(params: PublishDiagnosticsParams): void;
  status(params: StatusParams): void;
  /** The section `ebuildAudit` of the client's settings for a document, as the client has them now. */
  settings(uri: string): Promise<unknown>;
  /** Whether the user trusts the workspace, so that code of its ebuilds may be run unasked. */
  isTrusted(): boolean;
  /** Whether the client has said that the user does not trust it, so that no code of its ebuilds may be run, asked or unasked. */
  isDistrusted(): boolean;
  /** Told when the settings may be others, and when the workspace has become trusted. */
  onConfigurationChanged(listener: () => void): void;
  /** Begins a progress under the token that the client gave, or else one of the server's own. */
  beginProgress(title: string, token: ProgressToken | undefined): Promise<Progress>;
  /** Writes into the client's log what is too long for a message. */
  log(message: string): void;
}
