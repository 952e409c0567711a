import type { RecordedPackage } from './evidence.ts';
import type { PathClass } from './path-class.ts';

/** Tells the package manager's processes from the ebuild's; see the package manager's own documentation of its table. */
export interface OwnWorkTable {
  readonly folders: readonly string[];
  readonly ebuildHelpers: readonly string[];
  readonly ebuildBegins?: readonly string[];
}

/** Why a package is visible. The ebuild may use `declared` and `system` packages; using any other without declaring it is a finding. */
export type Licence = 'declared' | 'system' | 'closure' | 'package-manager-only' | 'hidden';

/** A file of the root that a package owns, in a view that shows or hides it. */
export interface FileInView {
  readonly package: RecordedPackage;
  /** The file's path with links resolved, or of the link itself when the link is what the package owns. */
  readonly path: string;
  /** Whether the view hides it. */
  readonly hidden: boolean;
  readonly licence: Licence;
  /** It is a link that stands for one of the folders on the way. */
  readonly onTheWay?: true;
}

/** What one path means in a view. The parts that follow from `files` alone are made by `describeFiles`. */
export interface PathDescription {
  /** The owned files that the path leads to: the links on the way and the file at its end. The walk ends at a link that the view hides. */
  readonly files: readonly FileInView[];
  /** Those of them that are not links among the folders on the way; of a hidden folder link nothing behind it can be seen, so it stays. */
  readonly named: readonly FileInView[];
  /** What the files are for. */
  readonly kind: PathClass;
  /** The files that the process meant: of `libpng.so` the link, and not the file behind it. */
  readonly meant: readonly FileInView[];
  /** Whether a file that was meant may be read by every program for its own sake, see `isAmbient`. */
  readonly ambient: boolean;
  /** The packages to which a hidden folder at this path belongs, as files of its path: folders have no owner in the index. */
  readonly hiddenFolder: readonly FileInView[];
  /** The path with links resolved, if it is where packages install and no package owns it or a link on the way. */
  readonly unowned: string | undefined;
}

/** What attribution must know of the root and the package manager. Every function is total. */
export interface TraceContext {
  readonly ownWork: OwnWorkTable;
  /** The phase that executing a program with these arguments starts. */
  phaseOf(argv: readonly string[]): string | undefined;
  describePath(path: string): PathDescription;
  /** Whether running one package's programs is what makes another package's program run (its RDEPEND closure). */
  needsToRun(program: RecordedPackage, needed: RecordedPackage): boolean;
  /** Whether a package has headers: whether there is something in it to build against. */
  hasHeaders(installed: RecordedPackage): boolean;
  /** What the view hides in a folder that is listed, if programs look there by listing it (`isLookedThrough`). */
  hiddenIn(folder: string): readonly FileInView[];
}
