import type { RecordedPackage } from './evidence.ts';
import type { PathClass } from './path-class.ts';

/** Distinguishes the package manager's processes from the ebuild's. Each package manager documents its own table. */
export interface OwnWorkTable {
  readonly folders: readonly string[];
  readonly programs?: readonly string[];
  readonly ebuildHelpers: readonly string[];
  readonly ebuildBegins?: readonly string[];
}

/** Why a package is visible. The ebuild may use `declared` and `system` packages; using any other without declaring it is a finding. */
export type Licence = 'declared' | 'system' | 'closure' | 'package-manager-only' | 'hidden';

/** A file of the root that a package owns, in a view that shows or hides it. */
export interface FileInView {
  readonly package: RecordedPackage;
  /** Path of the file with links resolved; of the link itself if the package owns the link. */
  readonly path: string;
  /** Whether the view hides it. */
  readonly hidden: boolean;
  readonly licence: Licence;
  /** Present if it is a link that stands for one of the folders of the path. */
  readonly onTheWay?: true;
}

/** The meaning of one path in a view. `describeFiles` makes the parts that follow from `files` alone. */
export interface PathDescription {
  /** The owned files that the path leads to: the links of the path and the file at its end. The list ends at a link that the view hides. */
  readonly files: readonly FileInView[];
  /**
   * The files without links that stand for folders of the path. A hidden link of this kind is included, because nothing behind it is
   * visible.
   */
  readonly named: readonly FileInView[];
  /** The purpose of the files. */
  readonly kind: PathClass;
  /** The files that the process meant: for `libpng.so` the link, and not the file behind it. */
  readonly meant: readonly FileInView[];
  /** Whether every program may read one of the meant files for its own sake, see `isAmbient`. */
  readonly ambient: boolean;
  /** The packages that have files below this path, if it is a hidden folder: folders have no owner in the index. */
  readonly hiddenFolder: readonly FileInView[];
  /** The path with links resolved, if packages install in its folder and no package owns it or a link of it. */
  readonly unowned: string | undefined;
}

/** The knowledge of the root and the package manager that attribution needs. Every function is total. */
export interface TraceContext {
  readonly ownWork: OwnWorkTable;
  /** The phase that executing a program with these arguments starts. */
  phaseOf(argv: readonly string[]): string | undefined;
  describePath(path: string): PathDescription;
  /** Whether a package's program needs another package in order to run (its RDEPEND closure). */
  needsToRun(program: RecordedPackage, needed: RecordedPackage): boolean;
  /** Whether a package has headers, so that something can be built against it. */
  hasHeaders(installed: RecordedPackage): boolean;
  /**
   * The files that the view hides in a folder, if programs list it to look for files (`isLookedThrough`); in a library folder, those that
   * are built against.
   */
  hiddenIn(folder: string): readonly FileInView[];
}
