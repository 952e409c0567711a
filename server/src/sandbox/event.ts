/**
 * What the tracer reports, as plain data. The wire form is described in docs/trace-format.md.
 *
 * A process is named by its `serial`, given by the tracer in the order in which processes were first seen,
 * because the kernel hands out the same pid again within one build.
 */

/** Which family of system call was made; the family is what the judging needs, not the call's number. */
export type Operation =
  | 'open'
  | 'stat'
  | 'access'
  | 'readlink'
  | 'write'
  | 'rename'
  | 'link'
  | 'unlink'
  | 'mkdir';

/** A process was seen for the first time. `parent` is the serial of its parent, 0 for the first process. */
export interface ProcessEvent {
  readonly kind: 'process';
  readonly serial: number;
  readonly parent: number;
  readonly pid: number;
}

/** A process asked the kernel to execute `path`; `argv` is cut after 64 arguments or 4 KiB. */
export interface ExecEvent {
  readonly kind: 'exec';
  readonly serial: number;
  readonly path: string;
  readonly argv: readonly string[];
  /** The interpreters named by `#!` lines, outermost first; empty for a binary. */
  readonly interpreters: readonly string[];
  /** Whether the file could be found in the view when the call was made. */
  readonly found: boolean;
}

/** A process named `path` to the kernel. The path is absolute but neither normalised nor resolved. */
export interface AccessEvent {
  readonly kind: 'access';
  readonly serial: number;
  readonly operation: Operation;
  readonly path: string;
}

/** Something that the tracer could not see, said so that "clean" never overclaims. */
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

export type TraceEvent = ProcessEvent | ExecEvent | AccessEvent | GapEvent | EndEvent;
