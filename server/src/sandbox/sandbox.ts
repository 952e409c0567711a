import type { Readable } from 'node:stream';
import { UserError } from '../errors/user-error.ts';
import type { TraceEvent } from '../trace/event.ts';

/** One folder of the root in the sandbox, with the paths that are hidden in it. */
export interface OverlayFolder {
  /** Absolute path of the folder on this machine, with symbolic links resolved. */
  readonly source: string;
  /** Folders of this machine whose contents lie above those of `source`, the lowest first; absent: none. */
  readonly over?: readonly string[];
  /** Absolute path in the sandbox. */
  readonly target: string;
  /** Paths of hidden files, links and whole folders, relative to `source`. */
  readonly hidden: readonly string[];
  /** Symbolic links that the folder gets, each in place of a file, of a link or of something hidden; absent: none. */
  readonly links?: readonly SymbolicLink[];
}

export interface SymbolicLink {
  /** Absolute path in the sandbox. */
  readonly path: string;
  readonly target: string;
}

/** A file or folder that is bound into the sandbox unchanged. */
export interface Bind {
  readonly source: string;
  readonly target: string;
  readonly writable: boolean;
}

/**
 * A writable folder of layers (overlayfs): it shows the contents of the lower layers, and writes go only to `upper`. All paths except
 * `target` are folders of this machine that the caller has made.
 */
export interface LayeredFolder {
  /** Absolute path in the sandbox. */
  readonly target: string;
  /** Read-only layers, the lowest first. If there are none, `upper` is bound as it is. */
  readonly lower: readonly string[];
  /** Receives the writes, as an overlay layer. */
  readonly upper: string;
  /** An empty folder on the file system of `upper`, for the kernel's own use. */
  readonly kernelWork: string;
  /** Whether `lower` are folders of the root or of a stack, whose owners must not change. */
  readonly borrowed?: true;
}

/** The limits of one run; 0 is no limit. Exceeding one ends the run, see {@link SandboxResult.exceeded}. */
export interface SandboxLimits {
  /** Processes and threads at one time. */
  readonly processes: number;
  /** Bytes of memory of all processes and in-memory folders together. */
  readonly memory: number;
  /** Bytes on disk in the writable folders, in addition to those at the beginning of the run. */
  readonly disk: number;
  /** Files and folders in the writable folders, in addition to those at the beginning of the run. */
  readonly files: number;
  /** Bytes of standard output and error. */
  readonly output: number;
  /** Milliseconds from the start of the command. */
  readonly time: number;
}

/** The complete description of a sandbox. Pure functions make it, so that a test can read the whole policy. */
export interface SandboxSpec {
  /** Folders shown read-only through an overlay that hides paths. */
  readonly overlays: readonly OverlayFolder[];
  /** Applied after the overlays, in order. */
  readonly binds: readonly Bind[];
  /** Symbolic links outside of the overlays, such as /bin → usr/bin. */
  readonly links: readonly SymbolicLink[];
  /** Empty in-memory folders that may be written to. */
  readonly scratch: readonly string[];
  /** Applied after the binds, in order; absent: none. */
  readonly layered?: readonly LayeredFolder[];
  /** An existing empty folder of this trial in which the helper stages its mounts. */
  readonly staging: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  /** Absent: {@link HOST_NAME}. */
  readonly hostName?: string;
  readonly command: readonly string[];
  /**
   * Whether the command believes that it is nobody. Otherwise it believes that it is root, which some programs take for the power to make
   * device nodes and to give files away.
   */
  readonly asNobody?: true;
  /** Whether to trace; metadata queries are not traced. */
  readonly trace: boolean;
  /** Absent: only the limits of the machine, for the sandbox's own tests. */
  readonly limits?: SandboxLimits;
  /** A time limit for this run, in milliseconds, if it is shorter than that of the limits. Without limits it has no effect. */
  readonly time?: number;
}

/** The end of a run of the sandbox. */
export interface SandboxResult {
  /** Exit code of the command, or 128 + signal. */
  readonly status: number;
  /** The limit that the run exceeded, which ended it; absent if there is none. */
  readonly exceeded?: keyof SandboxLimits;
  /** Whether the listener got an event if somebody outside killed a process of the run. Some kernels do not tell, and no untraced run. */
  readonly seesDeaths: boolean;
}

/** The name of the machine in every sandbox. */
export const HOST_NAME = 'ebuild-audit';

export interface SandboxListener {
  event(event: TraceEvent): void;
  /** Raw bytes of the command's standard output and error, in the order they were written. */
  output(chunk: Uint8Array): void;
  /** Standard input of the command; absent: it has none. */
  readonly input?: Readable;
}

/** The reason why a sandbox could not be made, or was lost; `message` is one sentence that says what to do. */
export class SandboxError extends UserError {
  override readonly name = 'SandboxError';
  readonly reason:
    | 'no-bwrap'
    | 'no-user-namespaces'
    | 'no-overlay'
    | 'no-seccomp'
    | 'no-compiler'
    | 'disk-full'
    /** Something outside the build made it fail, such as a signal or a lack of memory: nothing can be concluded from it. */
    | 'disturbed'
    | 'failed';
  constructor(reason: SandboxError['reason'], message: string, options?: ErrorOptions) {
    super(message, {
      ...options,
      ...(PASSING.has(reason) ? { reach: 'passing' } : { mend: { kind: 'doctor' } }),
    });
    this.reason = reason;
  }
}

/** The reasons that another trial may not meet. */
const PASSING: ReadonlySet<SandboxError['reason']> = new Set(['disk-full', 'disturbed']);

/** The port through which a trial runs a command in a view. */
export interface Sandbox {
  /**
   * Runs `spec.command` and resolves when no process of it is left.
   * Aborting `signal` kills every process, releases every mount and rejects with the signal's reason.
   * Rejects with {@link SandboxError} when the sandbox cannot be built.
   */
  run(spec: SandboxSpec, listener: SandboxListener, signal?: AbortSignal): Promise<SandboxResult>;
}
