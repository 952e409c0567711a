import type { RecordedPackage } from './record.ts';

/** A path as a process named it, and what it became by links that the build may have made; absent: nothing. */
export interface TracedPath {
  readonly path: string;
  readonly hops?: readonly string[];
}

/** The traced events that the audit reads, as plain data; the sandbox's own events have this shape. */
export type TracedEvent =
  | { readonly kind: 'process'; readonly serial: number; readonly parent: number }
  | { readonly kind: 'exited'; readonly serial: number }
  | ({
      readonly kind: 'exec';
      readonly serial: number;
      readonly argv: readonly string[];
      readonly interpreters: readonly TracedPath[];
      readonly loader?: TracedPath;
      readonly found: boolean;
    } & TracedPath)
  | ({
      readonly kind: 'access';
      readonly serial: number;
      readonly operation: string;
      readonly to?: string;
    } & TracedPath)
  | ({ readonly kind: 'connect'; readonly serial: number; readonly family: string } & TracedPath)
  | { readonly kind: 'gap'; readonly serial: number; readonly reason: string }
  | { readonly kind: 'end'; readonly status: number };

/** Tells the package manager's processes from the ebuild's; see the package manager's own documentation of its table. */
export interface OwnWorkTable {
  readonly folders: readonly string[];
  readonly ebuildHelpers: readonly string[];
  readonly ebuildBegins?: string;
}

/** By what right a package may be used: `declared` by the ebuild and `system` may, the others may not without declaring it. */
export type Licence = 'declared' | 'system' | 'closure' | 'package-manager-only' | 'hidden';

/** What is known about a file of the root that a build touched. */
export interface TouchedFile {
  readonly package: RecordedPackage;
  /** The file's path with links resolved, or of the link itself when the link is what the package owns. */
  readonly path: string;
  /** Whether the view hides it. */
  readonly hidden: boolean;
  readonly licence: Licence;
}

/** What attribution must know of the root and the package manager. Every function is total. */
export interface TraceContext {
  readonly ownWork: OwnWorkTable;
  phaseOf(executable: string, argv: readonly string[]): string | undefined;
  /** The owned files that a path leads to: the links on the way and the file at its end. */
  touch(path: string): readonly TouchedFile[];
  /** Whether running one package's programs is what makes another package's program run (its RDEPEND closure). */
  needsToRun(program: RecordedPackage, other: RecordedPackage): boolean;
}
