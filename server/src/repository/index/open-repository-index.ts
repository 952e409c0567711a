import { join, sep } from 'node:path';
import type { BashParser } from '../../ebuild/bash-parser.ts';
import type { Limit } from '../../errors/limit.ts';
import { listFolder, type ReportProblem, readText } from '../../files/regular-file.ts';
import { readDeprecatedList } from '../deprecated-list.ts';
import { readCachedMetadata } from '../md5-cache.ts';
import { describePackage } from '../package-description.ts';
import {
  type PackageUpdate,
  parsePackageUpdates,
  resolveMoves,
  sortUpdateFiles,
} from '../package-updates.ts';
import { findEbuildFile, findPackageFile } from './package-files.ts';
import type { RepositoryIndex } from './repository-index.ts';
import { openRepositoryPart, type RepositoryPart } from './repository-part.ts';
import { runInSlices } from './slices.ts';

/** The maximum number of reported problems; a repository on a broken disk has one for every file. */
const MOST_PROBLEMS = 200;

export interface RepositoryIndexOptions {
  /** The repository of the ebuilds under check. Absolute path, links resolved. */
  readonly repository: string;
  /** The Gentoo system that has repos.conf and the profile. */
  readonly root: string;
  /** The folder in which the index is kept between sessions. */
  readonly cacheFolder: string;
  readonly parser: BashParser;
  /** Called with the number of repositories that have been read, after each. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Opens the index of a repository and its masters. The data that an earlier session kept is available at once. The
 * present state of the disk is read in the background, in slices of a few milliseconds; until then, `incomplete` says
 * so.
 *
 * Never throws: `problems` has a sentence about each file that cannot be read.
 */
export function openRepositoryIndex(options: RepositoryIndexOptions): RepositoryIndex {
  const { repository, root, cacheFolder, parser } = options;
  const problems = new Set<string>();
  const report: ReportProblem = (sentence) => {
    if (problems.size < MOST_PROBLEMS) problems.add(sentence);
  };
  const open = (location: string): RepositoryPart =>
    openRepositoryPart(location, root, cacheFolder, parser, report);
  const own = open(repository);
  const parts = [own, ...own.family.slice(1).map(({ location }) => open(location))];
  let closed = false;
  let built = false;
  let moves = readMoves(parts, report);
  let deprecated = readDeprecatedList(own.family, report);
  // Needed at every keystroke in a name that does not exist (yet), so it is joined once.
  let names: readonly string[] | undefined;

  const updateAll = async (): Promise<void> => {
    for (const [index, part] of parts.entries()) {
      await runInSlices(part.update(), () => closed);
      names = undefined;
      if (closed) return;
      options.onProgress?.(index + 1, parts.length);
    }
    moves = readMoves(parts, report);
    deprecated = readDeprecatedList(own.family, report);
    built = true;
  };
  const enqueue = createQueue(
    () => closed,
    (error) => report(`The index of ${repository} could not be updated: ${error.message}.`),
  );
  const updatePaths = async (paths: readonly string[]): Promise<void> => {
    for (const part of parts) {
      const inside = paths.filter((path) => path.startsWith(part.repository.location + sep));
      const keys = new Set(inside.map((path) => packageOf(part, path)));
      if (keys.has(undefined)) return updateAll();
      let changed = false;
      for (const key of keys) if (key !== undefined && part.updatePackage(key)) changed = true;
      if (!changed) continue;
      names = undefined;
      part.save();
    }
  };
  const first = enqueue(updateAll);

  return {
    repositories: own.family,
    get incomplete() {
      if (!built) return stillReading(own.repository.name);
      const [missing] = own.missingMasters;
      return missing === undefined ? undefined : missingMaster(own.repository.name, missing, root);
    },
    get problems() {
      return [...problems];
    },
    offered: (category, name) => parts.flatMap((part) => part.offered(`${category}/${name}`)),
    describePackage: (category, name) => {
      for (const part of parts) {
        const newest = part.offered(`${category}/${name}`).at(-1);
        if (newest !== undefined) return describePackage(part.repository.location, newest, report);
      }
      return undefined;
    },
    packageNames() {
      if (names !== undefined) return names;
      const all = [...new Set(parts.flatMap((part) => [...part.packageNames()]))];
      // While repositories are still being read, more names may come.
      if (built) names = all;
      return all;
    },
    categories: () => own.categories(),
    movedTo: (category, name) => {
      const [newCategory, newName] = moves.get(`${category}/${name}`)?.split('/') ?? [];
      return newCategory === undefined || newName === undefined
        ? undefined
        : { category: newCategory, name: newName };
    },
    deprecated: (category, name) => deprecated.get(`${category}/${name}`) ?? [],
    ...answersOf(own),
    eclassSources: (names) => own.eclasses.sources(names),
    ebuildFile: (offered) => findEbuildFile(own.family, offered),
    packageFile: (category, name, path) => findPackageFile(own.family, category, name, path),
    mirrors: () => own.words.mirrors(),
    cachedMetadata: (name, ebuild) => readCachedMetadata(repository, name, ebuild, own.eclasses.md5, report),
    ready: () => first,
    refresh: (paths) => enqueue(paths === undefined ? updateAll : () => updatePaths(paths)),
    close: () => {
      closed = true;
    },
  };
}

/** The questions that are not about the packages of a repository: its part knows those of the masters too. */
function answersOf({
  eclasses,
  words,
  flags,
}: RepositoryPart): Pick<
  RepositoryIndex,
  | 'eclass'
  | 'eclassDocumentation'
  | 'eclassNames'
  | 'architectures'
  | 'licenses'
  | 'isImplicitFlag'
  | 'commonFlags'
  | 'flagsOfGroup'
  | 'describeFlag'
> {
  return {
    eclass: (name) => eclasses.facts(name),
    eclassDocumentation: (name) => eclasses.documentation(name),
    eclassNames: () => eclasses.names(),
    architectures: () => words.architectures(),
    licenses: () => words.licenses(),
    isImplicitFlag: (flag) => flags.isImplicit(flag),
    commonFlags: () => flags.common(),
    flagsOfGroup: (group) => flags.flagsOfGroup(group),
    describeFlag: (category, name, flag) => flags.describe(category, name, flag),
  };
}

function stillReading(name: string): Limit {
  return { kind: 'reading', text: `The packages of ${name} and its masters are still being read` };
}

/** @param missing empty for a master without a valid name */
function missingMaster(name: string, missing: string, root: string): Limit {
  const unchecked = 'so packages and eclasses that are not here may exist';
  if (missing === '')
    return {
      kind: 'master',
      text: `A master of ${name} has no valid name, ${unchecked}`,
      remedy: 'correct "masters" in its metadata/layout.conf',
    };
  return {
    kind: 'master',
    text: `The repository ${missing}, a master of ${name}, is not on this machine, ${unchecked}`,
    remedy: `name its location in ${join(root, 'etc/portage/repos.conf')}, or set ebuildAudit.root or --root to a Gentoo system that has it`,
    mend: { kind: 'setting', name: 'root' },
  };
}

/**
 * Runs one piece of work at a time, because two would write into the same table. Starts nothing after the index is
 * closed.
 */
function createQueue(
  isClosed: () => boolean,
  onError: (error: Error) => void,
): (work: () => Promise<void>) => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return (work) => {
    last = last.then(async () => {
      if (isClosed()) return;
      try {
        await work();
      } catch (error) {
        onError(error as Error);
      }
    });
    return last;
  };
}

/** The package that a changed file belongs to; undefined if the file may affect several. */
function packageOf(part: RepositoryPart, path: string): string | undefined {
  const [category = '', name, ...rest] = path.slice(part.repository.location.length + 1).split(sep);
  if (name === undefined || rest.length === 0 || rest[0] === 'metadata.xml') return undefined;
  return part.categories().includes(category) ? `${category}/${name}` : undefined;
}

/** The moves of all repositories, the masters' first: they hold for the overlay too. */
function readMoves(parts: readonly RepositoryPart[], report: ReportProblem): ReadonlyMap<string, string> {
  const updates: PackageUpdate[] = [];
  for (const { repository } of [...parts].reverse()) {
    const folder = join(repository.location, 'profiles/updates');
    for (const name of sortUpdateFiles(listFolder(folder, [repository.location], report)))
      updates.push(...parsePackageUpdates(readText(join(folder, name), [repository.location], report) ?? ''));
  }
  return resolveMoves(updates);
}
