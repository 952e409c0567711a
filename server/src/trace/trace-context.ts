import type { RecordedPackage } from './evidence.ts';

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
      readonly result: string;
      readonly to?: string;
    } & TracedPath)
  | ({
      readonly kind: 'connect';
      readonly serial: number;
      readonly family: string;
      readonly port: number;
    } & TracedPath)
  | { readonly kind: 'gap'; readonly serial: number; readonly reason: string }
  | { readonly kind: 'end'; readonly status: number };

/** Tells the package manager's processes from the ebuild's; see the package manager's own documentation of its table. */
export interface OwnWorkTable {
  readonly folders: readonly string[];
  readonly ebuildHelpers: readonly string[];
  readonly ebuildBegins?: readonly string[];
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
  /** It is a link that stands for one of the folders on the way. */
  readonly onTheWay?: true;
}

/** What attribution must know of the root and the package manager. Every function is total. */
export interface TraceContext {
  readonly ownWork: OwnWorkTable;
  /** The phase that executing a program with these arguments starts. */
  phaseOf(argv: readonly string[]): string | undefined;
  /** The owned files that a path leads to: the links on the way and the file at its end. */
  touch(path: string): readonly TouchedFile[];
  /** Whether running one package's programs is what makes another package's program run (its RDEPEND closure). */
  needsToRun(program: RecordedPackage, other: RecordedPackage): boolean;
  /** Whether a package has headers: whether there is something in it to build against. */
  hasHeaders(one: RecordedPackage): boolean;
  /**
   * What the view hides at the path of a folder: the folder itself where it is hidden, and what is missing from its list where it is
   * listed. For folders in which programs look by listing them: of cmake configurations, Python modules and aclocal macros.
   */
  hiddenAt(folder: string, listed: boolean): readonly TouchedFile[];
  /** The path with links resolved when it lies where packages install and none owns it, nor any link on the way. */
  unowned(path: string): string | undefined;
}
