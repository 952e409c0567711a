import { basename, dirname, join } from 'node:path';
import {
  type Enclosure,
  linesOfWords,
  listFolder,
  type ReportProblem,
  readSetting,
} from '../files/regular-file.ts';
import { parseLayoutConf } from './layout-conf.ts';
import { parseReposConf, type ReposConf } from './repos-conf.ts';

/** A repository as its own files describe it (PMS 4). */
export interface Repository {
  /** Absolute path on this machine. */
  readonly location: string;
  readonly name: string;
  /** Every name by which another repository may refer to it. */
  readonly names: readonly string[];
  /** Names of its masters, of which the last is asked first; undefined if it names none. */
  readonly masters: readonly string[] | undefined;
}

/** A repository with those of its masters that were found. */
export interface RepositoryFamily {
  /** The repository itself, then its masters in the order in which eclasses are looked up. */
  readonly repositories: readonly Repository[];
  /** Names of masters that are not on this machine; empty for one that is not a name. */
  readonly missing: readonly string[];
}

/** PMS 3.1.5. Sentences contain names of repositories, so nothing else of a file is taken for one. */
const REPOSITORY_NAME = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,99}$/;
const isName = (word: string | undefined): word is string => word !== undefined && REPOSITORY_NAME.test(word);

/**
 * Reads the files that describe a repository. Without a valid name, it is named after its folder, as in Portage. A master without a valid
 * name is the empty text, which is the name of no repository.
 */
export function readRepository(location: string, report: ReportProblem): Repository {
  const within = [location];
  const layout = parseLayoutConf(readSetting(join(location, 'metadata/layout.conf'), within, report) ?? '');
  const written = linesOfWords(
    readSetting(join(location, 'profiles/repo_name'), within, report) ?? '',
  )[0]?.[0];
  const name = [layout.repositoryName, written].find(isName) ?? basename(location);
  return {
    location,
    name,
    names: [...new Set([name, ...[written, ...layout.aliases].filter(isName)])],
    masters: layout.masters?.map((master) => (isName(master) ? master : '')),
  };
}

/**
 * Where the configuration of a root may lie. That of this machine is the user's own, and its links may lead anywhere. Another root may have
 * links at its top that lead out, `ROOT/usr → /usr`, see `readRootLayout`.
 */
export function rootEnclosure(root: string): Enclosure {
  return root === '/' ? ['/'] : [root, join(root, 'etc'), join(root, 'usr')];
}

/** Reads the `repos.conf` of a root, which is a file or a folder, after Portage's defaults (portage(5)). */
export function readReposConf(root: string, report: ReportProblem): ReposConf {
  const texts: string[] = [];
  const within = rootEnclosure(root);
  for (const place of ['usr/share/portage/config/repos.conf', 'etc/portage/repos.conf']) {
    const path = join(root, place);
    const files = listFolder(path, within, report).map((name) => join(path, name));
    for (const file of files.length > 0 ? files : [path]) texts.push(readSetting(file, within, report) ?? '');
  }
  return parseReposConf(texts.join('\n'));
}

/**
 * Finds the masters of a repository: through the root's repos.conf, else in the folder that contains it.
 *
 * Eclasses are looked up in the repository first, then in its masters from the last to the first, as in Portage and
 * pkgcore; masters of masters come last. A repository that names no masters has the root's main repository, as in
 * Portage.
 */
export function findFamily(location: string, root: string, report: ReportProblem): RepositoryFamily {
  const conf = readReposConf(root, report);
  const own = readRepository(location, report);
  const repositories: Repository[] = [own];
  const missing = new Set<string>();
  const find = createRepositorySearch(location, root, conf, report);
  for (let index = 0; index < repositories.length && index < 50; index++) {
    const repository = repositories[index] as Repository;
    for (const name of mastersOf(repository, root, conf).reverse()) {
      if (repositories.some(({ names }) => names.includes(name))) continue;
      const found = find(name);
      if (found === undefined) missing.add(name);
      else if (!repositories.some((known) => known.location === found.location)) repositories.push(found);
    }
  }
  return { repositories, missing: [...missing] };
}

function mastersOf(repository: Repository, root: string, conf: ReposConf): string[] {
  const configured = conf.repositories.find(
    ({ name, location }) => repository.names.includes(name) || join(root, location) === repository.location,
  );
  const fallback = conf.mainRepository === undefined ? [] : [conf.mainRepository];
  return [...(configured?.masters ?? repository.masters ?? fallback)].filter(
    (name) => !repository.names.includes(name),
  );
}

function createRepositorySearch(
  location: string,
  root: string,
  conf: ReposConf,
  report: ReportProblem,
): (name: string) => Repository | undefined {
  let neighbours: readonly Repository[] | undefined;
  const readNeighbours = (): readonly Repository[] => {
    const parent = dirname(location);
    return listFolder(parent, [parent], report)
      .map((name) => join(parent, name))
      .filter(
        (folder) => readSetting(join(folder, 'profiles/repo_name'), [folder], () => undefined) !== undefined,
      )
      .map((folder) => readRepository(folder, report));
  };
  return (name) => {
    for (const configured of conf.repositories) {
      if (configured.name !== name && !configured.aliases.includes(name)) continue;
      const found = readRepository(join(root, configured.location), report);
      if (listFolder(join(found.location, 'profiles'), [found.location], report).length > 0) return found;
    }
    neighbours ??= readNeighbours();
    return neighbours.find(({ names }) => names.includes(name));
  };
}
