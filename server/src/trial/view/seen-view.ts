import type { ExportedView } from '../../audit/record.ts';
import type { Reason, Visibility } from '../../installed/visible-set.ts';
import type { UseSetting } from '../../package-manager/port.ts';
import type { DependencyVariable } from '../../pms/dependency-variable.ts';

/** Asks what the first build of a trial sees. */
export interface ViewRequest {
  /** Absolute path of the ebuild. */
  readonly file: string;
  /** The text of the trial. */
  readonly text: string;
  /** The USE state, as flags on top of the configuration. */
  readonly use: UseSetting;
  /** Absolute path of the image that is written; absent: none is. Its dm-verity hashes and its description are beside it. */
  readonly exportTo?: string;
}

/** An installed package that a build sees. */
export interface SeenPackage {
  /** `category/name-version` */
  readonly id: string;
  readonly visibility: Exclude<Visibility, 'hidden'>;
  readonly reason: Reason;
  /** The app-alternatives, as an id, for which it is declared. */
  readonly standIn?: string;
}

/** What the first build of a trial sees. */
export interface SeenView {
  /** The ebuild, `category/package-version`. */
  readonly ebuild: string;
  /** Absolute path of the root on this machine. */
  readonly root: string;
  readonly packageManager: string;
  /** The enabled USE flags, sorted. */
  readonly use: readonly string[];
  /** Sorted by id. */
  readonly visible: readonly SeenPackage[];
  /** The number of installed packages that are hidden. */
  readonly hidden: number;
  /** The declared atoms that nothing installed satisfies. */
  readonly notInstalled: readonly { readonly variable: DependencyVariable; readonly atom: string }[];
  readonly written?: WrittenView;
}

/** The image of a view where the user wanted it. */
export interface WrittenView extends ExportedView {
  readonly path: string;
  /** The file with the hash tree of dm-verity. */
  readonly hashes: string;
  /** The file that describes both. */
  readonly description: string;
  /** In bytes. */
  readonly size: number;
  /** The name of the stored record of a trial of the same inputs, which now names the image; absent if there is none. */
  readonly record?: string;
  /** What is left out, because the user of a build cannot read it: absolute paths inside the root. */
  readonly unreadable: readonly string[];
}

/** The file names of an image's hash tree and description. */
export const hashesOf = (image: string): string => `${image}.verity`;
export const descriptionOf = (image: string): string => `${image}.json`;
