import type { UseSetting } from '../../package-manager/port.ts';

/** A verified ebuild whose image is to be written as a binary package. */
export interface PackageRequest {
  /** Absolute path of the ebuild. */
  readonly file: string;
  /** The text that the trial has built. */
  readonly text: string;
  /** The USE state that was tried, as flags on top of the configuration. */
  readonly use: UseSetting;
  /** See `TrialRequest`. */
  readonly tests: boolean;
  /** Whether the trial has built from the beginning, with the author's text; its snapshots are those of that text. */
  readonly fresh: boolean;
  /** The record of the trial as others read it. */
  readonly record: string;
  /** The folder of binary packages (PKGDIR), which exists. */
  readonly folder: string;
  /** Whether packages of the same version that the folder has are removed. */
  readonly replaces: boolean;
}

/** A binary package that was written. */
export interface WrittenPackage {
  /** Absolute path of the package. */
  readonly path: string;
  /** The digest of its image, as records have it; undefined if not everything in it could be read. */
  readonly image: string | undefined;
}
