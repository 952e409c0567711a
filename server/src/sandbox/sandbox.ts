import { UserError } from '../errors/user-error.ts';
import type { TraceEvent } from '../trace/event.ts';

/** One folder of the root as the sandbox shows it, with what is hidden in it. */
export interface OverlayFolder {
  /** Absolute path on this machine of the folder that is shown, symbolic links resolved. */
  readonly source: string;
  /** Absolute path where the sandbox shows it. */
  readonly target: string;
  /** Paths relative to `source` (files, links, or whole folders) that the view hides. */
  readonly hidden: readonly string[];
}

/** A file or folder bound into the sandbox as it is. */
export interface Bind {
  readonly source: string;
  readonly target: string;
  readonly writable: boolean;
}

/**
 * A writable folder of layers (overlayfs): it shows what the layers below hold, and what is written goes to `upper` alone.
 * All paths but `target` are folders of this machine, made by the caller.
 */
export interface LayeredFolder {
  /** Absolute path where the sandbox shows it. */
  readonly target: string;
  /** Folders that are only read, the lowest first; none: `upper` is bound as it is. */
  readonly lower: readonly string[];
  /** Takes what is written, as an overlay layer. */
  readonly upper: string;
  /** An empty folder on the file system of `upper`, for the kernel's own use. */
  readonly kernelWork: string;
}

/** The most that one run of a sandbox may use; 0 is no limit. Exceeding a limit ends the run, see {@link SandboxResult.exceeded}. */
export interface SandboxLimits {
  /** Processes and threads at one time. */
  readonly processes: number;
  /** Bytes of memory of all processes and in-memory folders together. */
  readonly memory: number;
  /** Bytes on disk in the writable folders, beyond what lay there when the run began. */
  readonly disk: number;
  /** Files and folders in the writable folders, beyond what lay there when the run began. */
  readonly files: number;
  /** Bytes of standard output and error. */
  readonly output: number;
  /** Milliseconds from the start of the command. */
  readonly time: number;
}

/** Everything the sandbox is built from. Made by pure functions, so that a test can read the whole policy. */
export interface SandboxSpec {
  /** Folders shown read-only through an overlay that hides paths. */
  readonly overlays: readonly OverlayFolder[];
  /** Applied after the overlays, in order. */
  readonly binds: readonly Bind[];
  /** Symbolic links at the top of the sandbox, such as /bin → usr/bin. */
  readonly links: readonly { readonly target: string; readonly path: string }[];
  /** Empty in-memory folders that may be written to. */
  readonly scratch: readonly string[];
  /** Applied after the binds, in order; absent: none. */
  readonly layered?: readonly LayeredFolder[];
  /** An existing empty folder of this trial in which the helper stages its mounts. */
  readonly staging: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  readonly command: readonly string[];
  /** Whether to trace; metadata queries run without. */
  readonly trace: boolean;
  /** Absent: no limit but those of the machine, for the sandbox's own tests. */
  readonly limits?: SandboxLimits;
  /** A shorter time than the limits would give this run, in milliseconds; without limits it has no effect. */
  readonly time?: number;
}

/** What a run of the sandbox ended with. */
export interface SandboxResult {
  /** Exit code of the command, or 128 + signal. */
  readonly status: number;
  /** The limit whose excess ended the run; absent when none did. */
  readonly exceeded?: keyof SandboxLimits;
}

export interface SandboxListener {
  event(event: TraceEvent): void;
  /** Raw bytes of the command's standard output and error, in the order they were written. */
  output(chunk: Uint8Array): void;
}

/** Why a sandbox could not be made; `message` is one sentence that says what to do. */
export class SandboxError extends UserError {
  override readonly name = 'SandboxError';
  readonly reason:
    | 'no-bwrap'
    | 'no-user-namespaces'
    | 'no-overlay'
    | 'no-seccomp'
    | 'no-compiler'
    | 'disk-full'
    | 'failed';
  constructor(reason: SandboxError['reason'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** The port through which a trial runs a command in a view. */
export interface Sandbox {
  /**
   * Runs `spec.command` and resolves when no process of it is left.
   * Aborting `signal` kills every process, releases every mount and rejects with the signal's reason.
   * Rejects with {@link SandboxError} when the sandbox cannot be built.
   */
  run(spec: SandboxSpec, listener: SandboxListener, signal?: AbortSignal): Promise<SandboxResult>;
}
