import type { OfferedPackage } from '../../pms/offered-package.ts';
import type { EclassFacts } from '../eclass.ts';
import type { CachedMetadata } from '../md5-cache.ts';
import type { Repository } from '../repository.ts';

/** What the index holds for one ebuild. */
export interface IndexedPackage extends OfferedPackage {
  readonly eapi: string;
  /** Undefined where only bash knows them. */
  readonly keywords: readonly string[] | undefined;
  /** Where slot and IUSE were read: a valid entry of the metadata cache, or the text of the ebuild and its eclasses. */
  readonly source: 'md5-cache' | 'static';
}

/** What one repository and its masters offer, as the ebuilds of that repository see it. */
export interface RepositoryIndex {
  /** The repository itself, then its masters in the order in which they are asked for eclasses. */
  readonly repositories: readonly Repository[];
  /** Why a package that is not found may exist all the same, as one sentence; undefined when everything is known. */
  readonly incomplete: string | undefined;
  /** Sentences about files that were skipped, each said once. */
  readonly problems: readonly string[];
  /** Every ebuild of this name, the repository's own first, then by version, oldest first. */
  offered(category: string, name: string): readonly IndexedPackage[];
  /** Every `category/name` with at least one ebuild, each once. */
  packageNames(): Iterable<string>;
  /** Every category that the repositories list (PMS 4.4.1, profiles/categories) or that holds a package. */
  categories(): Iterable<string>;
  /** Where a package has been moved to (PMS 4.4.4), to the end of the chain; undefined where it was not or moves in a circle. */
  movedTo(category: string, name: string): { readonly category: string; readonly name: string } | undefined;
  /** What the eclass brings, itself and through those that it inherits; undefined where no repository has it. */
  eclass(name: string): EclassFacts | undefined;
  /** Every eclass that an ebuild of the repository can inherit. */
  eclassNames(): Iterable<string>;
  /** Whether an ebuild may use the flag without naming it in IUSE (PMS 5.2.4, 11.1.1), or the profiles do not tell. */
  isImplicitFlag(flag: string): boolean;
  /** What the flag does, from metadata.xml, use.local.desc, use.desc or its USE_EXPAND group's description, in that order. */
  describeFlag(category: string, name: string, flag: string): string | undefined;
  /** The valid cache entry of an ebuild of the repository itself for these bytes; `name` is `CATEGORY/PF`. Undefined where there is none. */
  cachedMetadata(name: string, ebuild: Uint8Array): CachedMetadata | undefined;
  /** Settles when everything has been read for the first time; never rejects. */
  ready(): Promise<void>;
  /**
   * Looks for what has changed on disk.
   *
   * @param paths absolute paths that a watcher named; everything is looked at where they are not given
   */
  refresh(paths?: readonly string[]): Promise<void>;
  /** Stops the work in the background. What was read stays readable. */
  close(): void;
}
