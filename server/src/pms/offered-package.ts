/** An ebuild in a repository, or an installed package, as far as it is known without running bash. */
export interface OfferedPackage {
  readonly category: string;
  readonly name: string;
  /** Version with revision, `PVR` of PMS 11.1. */
  readonly version: string;
  /** The name of the repository (PMS 4.4.1); empty if the package is only known as installed. */
  readonly repository: string;
  /** Undefined if only bash knows it. */
  readonly slot: string | undefined;
  /** Equal to `slot` if the package has no subslot (PMS 7.2). Undefined if `slot` is. */
  readonly subslot: string | undefined;
  /** Absent if the package is only known as installed; undefined if only bash knows them. */
  readonly keywords?: readonly string[] | undefined;
  /** All flags of IUSE, with those of eclasses, without `+` and `-`. Undefined if only bash knows them all. */
  readonly iuse: readonly string[] | undefined;
}
