import type { EclassDocumentation } from '../../ebuild/eclass-documentation.ts';
import type { Limit } from '../../errors/limit.ts';
import type { DeprecatedAtom } from '../../pms/deprecated-atom.ts';
import type { OfferedPackage } from '../../pms/offered-package.ts';
import type { EclassFacts, EclassSource } from '../eclass.ts';
import type { CachedMetadata } from '../md5-cache.ts';
import type { PackageDescription } from '../package-description.ts';
import type { Repository } from '../repository.ts';

/** The data of one ebuild in the index. */
export interface IndexedPackage extends OfferedPackage {
  readonly eapi: string;
  readonly keywords: readonly string[] | undefined;
  /** The source of slot and IUSE: a valid entry of the metadata cache, or the text of the ebuild and its eclasses. */
  readonly source: 'md5-cache' | 'static';
}

/** Everything that one repository and its masters offer to the ebuilds of that repository. */
export interface RepositoryIndex {
  /** The repository itself, then its masters in the order in which eclasses are looked up. */
  readonly repositories: readonly Repository[];
  /** Why a package that is not found may exist; undefined if everything is known. */
  readonly incomplete: Limit | undefined;
  /** Sentences about files that were skipped, each said once. */
  readonly problems: readonly string[];
  /** Every ebuild of this name, the repository's own first, then by version, oldest first. */
  offered(category: string, name: string): readonly IndexedPackage[];
  /** What the newest ebuild of this name says about itself, the repository's own first; undefined if there is none. Reads a file. */
  describePackage(category: string, name: string): PackageDescription | undefined;
  /** Every `category/name` with at least one ebuild, each once. */
  packageNames(): Iterable<string>;
  /** Every category that the repositories list (PMS 4.4.1, profiles/categories) or that holds a package. */
  categories(): Iterable<string>;
  /**
   * The name to which a package was moved (PMS 4.4.4), at the end of the chain; undefined if it was not moved, or in
   * a circle.
   */
  movedTo(category: string, name: string): { readonly category: string; readonly name: string } | undefined;
  /** The entries of profiles/package.deprecated, of all repositories, that name the package. */
  deprecated(category: string, name: string): readonly DeprecatedAtom[];
  /** The facts of an eclass and of those that it inherits; undefined if no repository has it. */
  eclass(name: string): EclassFacts | undefined;
  /** What an eclass says about itself; undefined if no repository has it. Reads its file the first time. */
  eclassDocumentation(name: string): EclassDocumentation | undefined;
  /** These eclasses, and after them those that they inherit, each once. An eclass that no repository has is left out. */
  eclassSources(names: Iterable<string>): Iterable<EclassSource>;
  /** The file of an ebuild of one of the repositories; undefined for one that none of them offers. */
  ebuildFile(offered: OfferedPackage): string | undefined;
  /**
   * A file in the folder of a package, of the first repository that has it.
   *
   * @param path below the folder, such as `metadata.xml`
   */
  packageFile(category: string, name: string, path: string): string | undefined;
  /** The addresses of the mirrors of profiles/thirdpartymirrors (PMS 4.4), by their name. */
  mirrors(): ReadonlyMap<string, readonly string[]>;
  /** Every eclass that an ebuild of the repository can inherit. */
  eclassNames(): Iterable<string>;
  /** The names of profiles/arch.list, of the repository and its masters; undefined if none has the file. */
  architectures(): ReadonlySet<string> | undefined;
  /** The names of the licences, of the repository and its masters; undefined if none has any. */
  licenses(): ReadonlySet<string> | undefined;
  /**
   * Whether an ebuild may use the flag without naming it in IUSE (PMS 5.2.4, 11.1.1); true if the profiles do not
   * say.
   */
  isImplicitFlag(flag: string): boolean;
  /** The flags of use.desc (PMS 4.4.2), and what they mean. */
  commonFlags(): ReadonlyMap<string, string>;
  /** The flags of a USE_EXPAND group with their prefix, e.g. of `python_targets`; undefined if no repository describes it. */
  flagsOfGroup(group: string): readonly string[] | undefined;
  /**
   * The description of the flag, from metadata.xml, use.local.desc, use.desc or its USE_EXPAND group, in that order.
   */
  describeFlag(category: string, name: string, flag: string): string | undefined;
  /**
   * The valid cache entry for these bytes of an ebuild of the repository itself; `name` is `CATEGORY/PF`. Undefined
   * if there is none.
   */
  cachedMetadata(name: string, ebuild: Uint8Array): CachedMetadata | undefined;
  /** Settles after everything has been read for the first time; never rejects. */
  ready(): Promise<void>;
  /**
   * Reads the changes on disk.
   *
   * @param paths absolute paths that a watcher reported; absent: everything is checked
   */
  refresh(paths?: readonly string[]): Promise<void>;
  /** Stops the work in the background. The data so far stays available. */
  close(): void;
}
