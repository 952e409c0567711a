import type { EclassDocumentation } from '../ebuild/eclass-documentation.ts';
import type { Limit } from '../errors/limit.ts';
import type { Atom } from '../pms/atom.ts';
import type { DependencyVariable } from '../pms/dependency-variable.ts';
import type { DeprecatedAtom } from '../pms/deprecated-atom.ts';
import type { OfferedPackage } from '../pms/offered-package.ts';

/**
 * Everything that an eclass brings to its ebuilds, itself or through the eclasses that it inherits, as far as its
 * text says.
 */
export interface EclassKnowledge {
  /** `category/name` of every atom that its text names in, or adds to, a dependency variable. */
  readonly names: ReadonlySet<string>;
  /** Flags that it may add to IUSE, without `+` and `-`; undefined if only bash knows them all. */
  readonly iuse: ReadonlySet<string> | undefined;
  /** Whether it may add `test` to RESTRICT, in any branch or function. */
  readonly restrictsTests: boolean;
  /** The atoms that its own text surely adds to dependency variables, outside every group. */
  readonly brings: readonly BroughtAtom[];
}

/** An atom that every ebuild that inherits an eclass gets. */
export interface BroughtAtom {
  readonly variable: DependencyVariable;
  readonly atom: Atom;
  /** The name of the only packages that do not get it, as in `if [[ ${PN} != cmake ]]`. */
  readonly exceptFor?: string;
}

/** What a package says about itself. */
export interface PackageDescription {
  /** DESCRIPTION; empty if only bash knows it. */
  readonly summary: string;
  /** The URIs of HOMEPAGE that are known without running bash. */
  readonly homepages: readonly string[];
}

/** The text of an eclass. */
export interface EclassSource {
  readonly name: string;
  /** Absolute path on this machine. */
  readonly file: string;
  readonly text: string;
}

/**
 * The facts about the surroundings of one ebuild that static findings need: its repository, the masters of it, and
 * the root.
 */
export interface Knowledge {
  /**
   * The reason why no package may be called unknown: the index is still being built, a master is not on this machine,
   * or the root is a practice root. Undefined if everything that the ebuild may depend on is known.
   */
  readonly incomplete: Limit | undefined;
  /** Every offered and every installed ebuild of this name; empty if there is none. */
  offered(category: string, name: string): readonly OfferedPackage[];
  /** The installed packages of this name; empty while the root is still being read. */
  installed(category: string, name: string): readonly OfferedPackage[];
  /** What the newest ebuild of this name says; undefined if no repository has one. Reads a file. */
  describePackage(category: string, name: string): PackageDescription | undefined;
  /** Every existing `category/name`, in no order. */
  packageNames(): Iterable<string>;
  /**
   * The name to which a package was moved (profiles/updates, PMS 4.4.4), at the end of the chain; undefined if it was
   * not moved.
   */
  movedTo(category: string, name: string): { readonly category: string; readonly name: string } | undefined;
  /** The entries of profiles/package.deprecated, of the repository and its masters, that name the package. */
  deprecated(category: string, name: string): readonly DeprecatedAtom[];
  /** Undefined if neither the repository nor a master has it. */
  eclass(name: string): EclassKnowledge | undefined;
  /** What an eclass says about itself and its functions and variables; undefined if no repository has it. May read a file. */
  eclassDocumentation(name: string): EclassDocumentation | undefined;
  /**
   * These eclasses, and after them those that they inherit, each once. An eclass that neither the repository nor a master has is left out.
   */
  eclassSources(names: Iterable<string>): Iterable<EclassSource>;
  /** The file of an ebuild that a repository offers; undefined if it is only known as installed. */
  ebuildFile(offered: OfferedPackage): string | undefined;
  /**
   * A file in the folder of a package, of the first repository that has it.
   *
   * @param path below the folder, such as `metadata.xml`
   */
  packageFile(category: string, name: string, path: string): string | undefined;
  /** The addresses of the mirrors of profiles/thirdpartymirrors (PMS 4.4), by their name. */
  mirrors(): ReadonlyMap<string, readonly string[]>;
  /** Every eclass that the ebuild can inherit, in no order. */
  eclassNames(): Iterable<string>;
  /** The names of profiles/arch.list, of the repository and its masters; undefined if none has the file. */
  architectures(): ReadonlySet<string> | undefined;
  /** The names of the licences, of the repository and its masters; undefined if none has any. */
  licenses(): ReadonlySet<string> | undefined;
  /**
   * Whether an ebuild may use the flag without naming it in IUSE (PMS 5.2.4, 11.1.1); true if the profile cannot be
   * read.
   */
  isImplicitFlag(flag: string): boolean;
  /** The flags that every ebuild may use, and what they mean: use.desc of the repository and its masters. */
  commonFlags(): ReadonlyMap<string, string>;
  /** The flags of a USE_EXPAND group with their prefix, as profiles/desc lists them; undefined if no repository describes it. */
  flagsOfGroup(group: string): readonly string[] | undefined;
  /** The description of the flag, from metadata.xml, use.local.desc, use.desc or its USE_EXPAND group. */
  describeFlag(category: string, name: string, flag: string): string | undefined;
}
