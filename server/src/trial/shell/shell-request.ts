import type { Readable } from 'node:stream';
import type { FailedPhase } from '../../audit/record.ts';
import type { Phase, UseSetting } from '../../package-manager/port.ts';

/** What to run in the view of a build. */
export interface ShellRequest {
  /** Absolute path of the ebuild. */
  readonly file: string;
  /** The text to build. */
  readonly text: string;
  /** The USE state, as flags on top of the configuration. */
  readonly use: UseSetting;
  /** The phase before which the build stops; absent: it goes on until it fails or has passed. */
  readonly stopBefore?: Phase | undefined;
  /** Texts of atoms whose installed packages are shown, although the ebuild does not declare them. */
  readonly show: readonly string[];
  /** The command and its arguments; empty for an interactive shell. */
  readonly command: readonly string[];
}

/** The terminal of a user, or whatever stands in its place. */
export interface ShellTerminal {
  /** Absent: neither a terminal nor a pipe gives input. */
  readonly input?: Readable;
  /** The kind of terminal, see term(7); undefined if the input is none, and the command gets plain pipes. */
  readonly kind: string | undefined;
  /** The size now, in characters. */
  size(): TerminalSize;
  /** Calls back after each change of the size, until the returned function is called. */
  onResize(listener: () => void): () => void;
  /** Called when the build has ended and the command is about to start. */
  open(state: BuildState): void;
  write(chunk: Uint8Array): void;
}

export interface TerminalSize {
  readonly rows: number;
  readonly columns: number;
}

/** What the build came to before the command starts. */
export interface BuildState {
  /** The phase before which the build stopped, as it was asked to. */
  readonly stoppedBefore?: Phase | undefined;
  /** Undefined if the build passed, or stopped. */
  readonly failure: FailedPhase | undefined;
  /** The hidden packages that the build asked for, likeliest reason of the failure first, as `category/name`. */
  readonly lacking: readonly string[];
}
