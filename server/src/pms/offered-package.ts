/** An ebuild that a repository offers, or a package that is installed, as far as it is known without running bash. */
export interface OfferedPackage {
  readonly category: string;
  readonly name: string;
  /** Version with revision, `PVR` of PMS 11.1. */
  readonly version: string;
  /** The repository's name (PMS 4.4.1); empty for what is known only because it is installed. */
  readonly repository: string;
  /** Undefined where only bash knows it. */
  readonly slot: string | undefined;
  /** Equal to `slot` where the package has none (PMS 7.2). Undefined where `slot` is. */
  readonly subslot: string | undefined;
  /** All flags of IUSE, those of its eclasses too, without `+` and `-`. Undefined where only bash knows them all. */
  readonly iuse: readonly string[] | undefined;
}
