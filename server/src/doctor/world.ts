import type { Limit } from '../errors/limit.ts';
import type { RunnerSettings } from '../host/find-world.ts';

/** What is known of the repositories around an ebuild. */
export interface IndexFacts {
  readonly packages: number;
  readonly eclasses: number;
  /** Why something is not known. */
  readonly limits: readonly Limit[];
}

/** The machine as the doctor sees it, so that a test can replace it. Every function may throw; the message is then the answer. */
export interface DoctorWorld {
  readonly settings: Pick<RunnerSettings, 'root' | 'packageManager' | 'bwrap'>;
  /** An ebuild whose repository is looked at too. */
  readonly file?: string | undefined;
  readonly uid: number;
  readonly versions: { readonly product: string; readonly node: string; readonly kernel: string };
  /** A file of /proc; undefined if this kernel does not have it. */
  readKernelFile(path: string): string | undefined;
  /** The first line that a program prints. @throws an error with code ENOENT if there is no such program */
  firstLine(program: string, words: readonly string[]): Promise<string>;
  /** The state folder, made if it is missing. */
  makeHome(): string;
  /** Finds the helper that builds and traces the sandbox, or compiles it; its path. */
  findHelper(): Promise<string>;
  /** Runs a small program in a view, as a trial does, and looks whether the view and the trace are right. */
  proveSandbox(home: string): Promise<void>;
  /** Reads the repository of an ebuild and its masters. */
  readIndex(root: string, file: string): Promise<IndexFacts>;
}
