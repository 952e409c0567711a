/**
 * What the tracer reports, as plain data, from the wire to the verdict. docs/trace-format.md describes the wire form.
 *
 * A process is named by its `serial`, given by the tracer in the order in which processes were first seen,
 * because the kernel hands out the same pid again within one build.
 */

/** The family of the system call; the verdict needs the family and not the call's number. */
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

/** What the view held under a path at the moment of the call; `unknown` below /proc, and for calls that change something. */
export type LookUpResult = 'unknown' | 'missing' | 'file' | 'folder';

/** A path as it was named to the kernel: absolute, but neither normalised nor resolved. */
export interface NamedPath {
  readonly path: string;
  /**
   * What the path became by each symbolic link that the kernel followed, first to last, for links that the build can make: those
   * outside of the read-only folders of the view. Links within these never change, so the reader of the trace follows them.
   */
  readonly hops: readonly string[];
}

/** A process was seen for the first time. `parent` is the serial of its parent, 0 for the first process. */
export interface ProcessEvent {
  readonly kind: 'process';
  readonly serial: number;
  readonly parent: number;
  readonly pid: number;
}

/** A process has ended, and no event of it follows. It comes some time after the end, and at the end of a run not for all processes. */
export interface ExitedEvent {
  readonly kind: 'exited';
  readonly serial: number;
}

/** A process asked the kernel to execute `path`; `argv` is cut after 64 arguments or 4 KiB. */
export interface ExecEvent extends NamedPath {
  readonly kind: 'exec';
  readonly serial: number;
  readonly argv: readonly string[];
  /** The interpreters named by `#!` lines, outermost first; empty for a binary. */
  readonly interpreters: readonly NamedPath[];
  /** The ELF interpreter that the kernel opens for the binary at the end of that chain; absent for a static one. */
  readonly loader?: NamedPath;
  /** Whether the file could be found in the view when the call was made. */
  readonly found: boolean;
}

/** A process named `path` to the kernel. */
export interface AccessEvent extends NamedPath {
  readonly kind: 'access';
  readonly serial: number;
  readonly operation: Operation;
  readonly result: LookUpResult;
  /** The new path of a `rename` or `link`, absolute; the text of a `symlink`, as it was given. */
  readonly to?: string;
}

/** A process named the address of a socket: in connect(2), or with what it sent. */
export interface ConnectEvent extends NamedPath {
  readonly kind: 'connect';
  readonly serial: number;
  readonly operation: 'connect' | 'send';
  readonly family: 'unix' | 'abstract' | 'inet' | 'inet6' | 'other';
  /** 0 for families without ports. `path` is the socket's path, its abstract name, the IP address, or the family's number. */
  readonly port: number;
}

/** Something that the tracer could not see, reported so that no verdict claims more than was seen. */
export interface GapEvent {
  readonly kind: 'gap';
  readonly serial: number;
  readonly reason: string;
}

/** The first process of the sandbox ended. `status` is its exit code, or 128 + the signal that killed it. */
export interface EndEvent {
  readonly kind: 'end';
  readonly status: number;
}

export type TraceEvent =
  | ProcessEvent
  | ExitedEvent
  | ExecEvent
  | AccessEvent
  | ConnectEvent
  | GapEvent
  | EndEvent;
