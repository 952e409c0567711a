import type { BashParser } from '../../ebuild/bash-parser.ts';
import type { ReportProblem } from '../../files/regular-file.ts';
import { compareVersions, parseVersion } from '../../pms/version.ts';
import { createEclassLookup, type EclassLookup } from '../eclass.ts';
import { createFlagLookup, type FlagLookup } from '../flag-lookup.ts';
import { isPracticeRoot } from '../practice-root.ts';
import { findFamily, type Repository } from '../repository.ts';
import { createWordLists, type WordLists } from '../word-lists.ts';
import { type EbuildEntry, emptyPackageTable, type PackageTable } from './package-table.ts';
import type { IndexedPackage } from './repository-index.ts';
import { loadTable, saveTable } from './table-file.ts';
import { listCategories, type UpdateSources, updateOnePackage, updateTable } from './table-update.ts';

/** One repository of an index: its own ebuilds, with the eclasses that they can inherit. */
export interface RepositoryPart {
  readonly repository: Repository;
  readonly eclasses: EclassLookup;
  readonly flags: FlagLookup;
  readonly words: WordLists;
  readonly missingMasters: readonly string[];
  readonly family: readonly Repository[];
  categories(): readonly string[];
  packageNames(): Iterable<string>;
  offered(key: string): readonly IndexedPackage[];
  /** Brings everything up to date, in steps, and saves it if anything has changed. */
  update(): Generator<void, void>;
  /** Reads one package again; `key` is `category/name`. Returns whether it has changed. */
  updatePackage(key: string): boolean;
  /** Reads the eclasses again. Returns whether any has changed. */
  refreshEclasses(): boolean;
  save(): void;
}

/**
 * Opens the part of an index for one repository. The data that an earlier session kept is available at once.
 *
 * @param cacheFolder the folder of the table
 */
export function openRepositoryPart(
  location: string,
  root: string,
  cacheFolder: string,
  parser: BashParser,
  report: ReportProblem,
): RepositoryPart {
  const { repositories: family, missing } = findFamily(location, root, report);
  const repository = family[0] as Repository;
  const locations = family.map((member) => member.location);
  const flags = createFlagLookup(family, root, report);
  const wordLists = createWordLists(family, report);
  const eclasses = createEclassLookup(locations, flags.flagsOfGroup, report);
  // Its profiles/categories lists only the categories of its own packages, and those of an overlay would be missed.
  const isComplete = missing.length === 0 && !isPracticeRoot(root);
  const table: PackageTable = loadTable(cacheFolder, location) ?? emptyPackageTable(location);
  const offers = new Map<string, readonly IndexedPackage[]>();
  const sources = (): UpdateSources => ({
    parser,
    eclasses,
    categories: listCategories(locations, isComplete, report),
    report,
  });
  return {
    repository,
    eclasses,
    flags,
    words: wordLists,
    missingMasters: missing,
    family,
    categories: () => listCategories(locations, isComplete, report),
    packageNames: () => table.packages.keys(),
    offered: (key) => {
      const known = offers.get(key);
      if (known !== undefined) return known;
      const made = (table.packages.get(key)?.ebuilds ?? [])
        .map((entry) => toIndexed(entry, key, repository.name, eclasses))
        .sort(byVersion);
      // Missing packages are not cached, because an editor asks for every prefix of a name.
      if (made.length > 0) offers.set(key, made);
      return made;
    },
    *update() {
      flags.refresh();
      wordLists.refresh();
      eclasses.refresh();
      const changed = yield* updateTable(table, sources());
      offers.clear();
      if (changed) saveTable(cacheFolder, table, report);
    },
    updatePackage: (key) => {
      offers.delete(key);
      return updateOnePackage(table, sources(), key);
    },
    refreshEclasses: () => eclasses.refresh(),
    save: () => saveTable(cacheFolder, table, report),
  };
}

function toIndexed(
  entry: EbuildEntry,
  key: string,
  repository: string,
  eclasses: EclassLookup,
): IndexedPackage {
  const slash = key.indexOf('/');
  const inherits = entry.inherits?.match(/\S+/g);
  const slotKnown =
    entry.cached ||
    inherits?.every((word) => eclasses.facts(word.replace('?', ''))?.setsSlot === false) === true;
  return {
    category: key.slice(0, slash),
    name: key.slice(slash + 1),
    version: entry.version,
    repository,
    slot: slotKnown || entry.inherits === '' ? entry.slot : undefined,
    subslot: slotKnown || entry.inherits === '' ? entry.subslot : undefined,
    iuse: entry.cached ? words(entry.iuse) : iuseOf(entry, eclasses),
    eapi: entry.eapi,
    keywords: entry.keywords === undefined ? undefined : words(entry.keywords),
    source: entry.cached ? 'md5-cache' : 'static',
  };
}

/**
 * All flags of an ebuild that was read from its text: its own and those of its eclasses; undefined if not all are
 * known.
 */
function iuseOf(entry: EbuildEntry, eclasses: EclassLookup): readonly string[] | undefined {
  if (entry.iuse === undefined || entry.inherits === undefined) return undefined;
  const flags = new Set(words(entry.iuse));
  for (const word of words(entry.inherits)) {
    const eclass = eclasses.facts(word.replace('?', ''));
    if (eclass?.iuse === undefined) return undefined;
    const sure = eclass.iuseExact && !word.startsWith('?');
    if (!sure && eclass.iuse.size > 0) return undefined;
    for (const flag of eclass.iuse) flags.add(flag);
  }
  return [...flags];
}

function words(text: string | undefined): readonly string[] {
  return text?.match(/\S+/g) ?? [];
}

function byVersion(left: IndexedPackage, right: IndexedPackage): number {
  const [leftVersion, rightVersion] = [parseVersion(left.version), parseVersion(right.version)];
  return leftVersion === undefined || rightVersion === undefined
    ? 0
    : compareVersions(leftVersion, rightVersion);
}
