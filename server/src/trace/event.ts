/**
 * The reports of the tracer as plain data. docs/trace-format.md describes the binary form.
 *
 * A process is identified by its `serial`, which the tracer assigns in the order in which it sees processes, because the kernel reuses pids
 * within one build.
 */

/** The family of a system call. The verdict depends on the family and not on the number of the call. */
export type Operation =
  | 'open'
  | 'stat'
  | 'access'
  | 'readlink'
  | 'readdir'
  | 'chdir'
  | 'write'
  | 'rename'
  | 'link'
  | 'symlink'
  | 'unlink'
  | 'mkdir'
  | 'attributes';

/** The object at a path in the view at the moment of the call; `unknown` below /proc, and for calls that change something. */
export type LookUpResult = 'unknown' | 'missing' | 'file' | 'folder';

/** A path as a process named it to the kernel: absolute, but neither normalised nor resolved. */
export interface NamedPath {
  readonly path: string;
  /**
   * The path after each symbolic link that the kernel followed, first to last. Only links outside the read-only folders of the view are
   * listed, because a build can make them. The other links never change, so the reader of the trace resolves them.
   */
  readonly hops: readonly string[];
}

/** The first sight of a process. `parent` is the serial of its parent, 0 for the first process. */
export interface ProcessEvent {
  readonly kind: 'process';
  readonly serial: number;
  readonly parent: number;
  readonly pid: number;
}

/** The end of a process: no event of it follows. The event comes some time after the end. At the end of a run, it may be missing. */
export interface ExitedEvent {
  readonly kind: 'exited';
  readonly serial: number;
}

/** A request to the kernel to execute `path`. `argv` is cut after 64 arguments or 4 KiB. */
export interface ExecEvent extends NamedPath {
  readonly kind: 'exec';
  readonly serial: number;
  readonly argv: readonly string[];
  /** The interpreters named by `#!` lines, outermost first; empty for a binary. */
  readonly interpreters: readonly NamedPath[];
  /** The ELF interpreter that the kernel opens for the binary at the end of that chain; absent for a static binary. */
  readonly loader?: NamedPath;
  /** Whether the view contained the file when the call was made. */
  readonly found: boolean;
}

/** A system call that names `path`. */
export interface AccessEvent extends NamedPath {
  readonly kind: 'access';
  readonly serial: number;
  readonly operation: Operation;
  readonly result: LookUpResult;
  /** The new path of a `rename` or `link`, absolute; the text of a `symlink`, unchanged. */
  readonly to?: string;
}

/** A system call that names the address of a socket: connect(2), or one that sends. */
export interface ConnectEvent extends NamedPath {
  readonly kind: 'connect';
  readonly serial: number;
  readonly operation: 'connect' | 'send';
  readonly family: 'unix' | 'abstract' | 'inet' | 'inet6' | 'other';
  /** 0 for families without ports. `path` is the socket's path, its abstract name, the IP address, or the family's number. */
  readonly port: number;
}

/** Something that the tracer could not see. It is reported, so that no verdict claims more than was seen. */
export interface GapEvent {
  readonly kind: 'gap';
  readonly serial: number;
  readonly reason: string;
}

/** The end of the first process of the sandbox. `status` is its exit code, or 128 + the signal that killed it. */
export interface EndEvent {
  readonly kind: 'end';
  readonly status: number;
}

/** Somebody outside the sandbox, or the kernel when memory ran out, killed a process by a signal: nobody in the sandbox has sent it. */
export interface KilledEvent {
  readonly kind: 'killed';
  readonly serial: number;
  readonly signal: number;
}

export type TraceEvent =
  | ProcessEvent
  | ExitedEvent
  | ExecEvent
  | AccessEvent
  | ConnectEvent
  | GapEvent
  | KilledEvent
  | EndEvent;
