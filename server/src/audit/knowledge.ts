import type { OfferedPackage } from '../pms/offered-package.ts';

/** What an eclass brings to the ebuilds that inherit it, itself and through the eclasses that it inherits, as far as its text says. */
export interface EclassKnowledge {
  /** `category/name` of every atom that its text adds to some dependency variable or names in one. */
  readonly names: ReadonlySet<string>;
  /** Flags that it may add to IUSE, without `+` and `-`; undefined where only bash knows them all. */
  readonly iuse: ReadonlySet<string> | undefined;
}

/** What the static findings may know of the world around one ebuild: its repository, the masters of that, and the root. */
export interface Knowledge {
  /**
   * Why no package may be called unknown, as one sentence: the index is still being built, or a master is not on this
   * machine. Undefined when everything that the ebuild may depend on is known.
   */
  readonly incomplete: string | undefined;
  /** Every ebuild of this name that is offered, and every installed one; empty where there is none. */
  offered(category: string, name: string): readonly OfferedPackage[];
  /** Every `category/name` there is, in no order. */
  packageNames(): Iterable<string>;
  /** Where a package has been moved to (profiles/updates, PMS 4.4.4), to the end of the chain; undefined where it was not. */
  movedTo(category: string, name: string): { readonly category: string; readonly name: string } | undefined;
  /** Undefined where neither the repository nor a master has it. */
  eclass(name: string): EclassKnowledge | undefined;
  /** Every eclass that the ebuild can inherit, in no order. */
  eclassNames(): Iterable<string>;
  /** Whether an ebuild may use the flag without naming it in IUSE (PMS 5.2.4, 11.1.1), or the profile cannot be read. */
  isImplicitFlag(flag: string): boolean;
  /** What the flag does, from metadata.xml, use.local.desc, use.desc or the description of its USE_EXPAND group. */
  describeFlag(category: string, name: string, flag: string): string | undefined;
}
