import type { Knowledge } from '../audit/knowledge.ts';
import type { Limit } from '../errors/limit.ts';
import type { OfferedPackage } from '../pms/offered-package.ts';
import type { RepositoryIndex } from '../repository/index/repository-index.ts';

/** The facts of an installed package that a dependency can name (PMS 8.2.6). */
export interface InstalledFacts {
  readonly category: string;
  readonly name: string;
  readonly version: string;
  readonly slot: string;
  readonly subslot: string;
  readonly iuse: readonly string[];
}

const READING_INSTALLED: Limit = { kind: 'reading', text: 'The installed packages are still being read' };

/** Installed packages in the form of offered ones, by `category/name`. */
export type InstalledOffers = ReadonlyMap<string, readonly OfferedPackage[]>;

/** Groups installed packages for {@link composeKnowledge}, once for all ebuilds. */
export function offersOf(installed: Iterable<InstalledFacts>): InstalledOffers {
  const offers = new Map<string, OfferedPackage[]>();
  for (const { category, name, version, slot, subslot, iuse } of installed) {
    const key = `${category}/${name}`;
    const offer = { category, name, version, repository: '', slot, subslot, iuse };
    const same = offers.get(key);
    if (same === undefined) offers.set(key, [offer]);
    else same.push(offer);
  }
  return offers;
}

/**
 * Joins the knowledge of an ebuild's repository, its masters and the root. A package that is only installed counts as
 * known: its repository may be gone, and it satisfies a dependency.
 *
 * @param installed undefined while the root is still being read
 * @param incomplete the reason why no package may be called unknown even when both have been read
 */
export function composeKnowledge(
  index: RepositoryIndex,
  installed: InstalledOffers | undefined,
  incomplete?: Limit,
): Knowledge {
  let names: { readonly offered: Iterable<string>; readonly all: readonly string[] } | undefined;
  return {
    get incomplete() {
      if (index.incomplete !== undefined) return index.incomplete;
      return installed === undefined ? READING_INSTALLED : incomplete;
    },
    offered(category, name) {
      const offered = index.offered(category, name);
      const present = installed?.get(`${category}/${name}`);
      if (present === undefined) return offered;
      const known = new Set(offered.map(({ version }) => version));
      return [...offered, ...present.filter(({ version }) => !known.has(version))];
    },
    installed: (category, name) => installed?.get(`${category}/${name}`) ?? [],
    describePackage: (category, name) => index.describePackage(category, name),
    packageNames() {
      const offered = index.packageNames();
      if (names?.offered !== offered)
        names = { offered, all: [...new Set([...offered, ...(installed?.keys() ?? [])])] };
      return names.all;
    },
    movedTo: (category, name) => index.movedTo(category, name),
    deprecated: (category, name) => index.deprecated(category, name),
    eclass: (name) => index.eclass(name),
    eclassDocumentation: (name) => index.eclassDocumentation(name),
    eclassSources: (names) => index.eclassSources(names),
    ebuildFile: (offered) => index.ebuildFile(offered),
    packageFile: (category, name, path) => index.packageFile(category, name, path),
    mirrors: () => index.mirrors(),
    eclassNames: () => index.eclassNames(),
    architectures: () => index.architectures(),
    licenses: () => index.licenses(),
    isImplicitFlag: (flag) => index.isImplicitFlag(flag),
    commonFlags: () => index.commonFlags(),
    flagsOfGroup: (group) => index.flagsOfGroup(group),
    describeFlag: (category, name, flag) => index.describeFlag(category, name, flag),
  };
}
