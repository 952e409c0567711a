import { join } from 'node:path';
import { linesOfWords, listFolder, type ReportProblem, readText } from '../files/regular-file.ts';
import type { Repository } from './repository.ts';

/** The words that repositories define for variables of ebuilds. Files are read when they are first needed. */
export interface WordLists {
  /** The names of profiles/arch.list (PMS 4.4); undefined if no repository has the file. */
  architectures(): ReadonlySet<string> | undefined;
  /** The names of the files in licenses/ (PMS 4.7); undefined if no repository has one. */
  licenses(): ReadonlySet<string> | undefined;
  /** The addresses of the mirrors of profiles/thirdpartymirrors (PMS 4.4), by their name; the first repository that names one decides. */
  mirrors(): ReadonlyMap<string, readonly string[]>;
  /** Drops what was read. */
  refresh(): void;
}

/** Makes the lists of a repository and its masters. */
export function createWordLists(repositories: readonly Repository[], report: ReportProblem): WordLists {
  let architectures: ReadonlySet<string> | undefined;
  let licenses: ReadonlySet<string> | undefined;
  let mirrors: ReadonlyMap<string, readonly string[]> | undefined;
  const gather = (read: (location: string) => readonly string[]) =>
    new Set(repositories.flatMap(({ location }) => read(location)));
  const known = (words: ReadonlySet<string>) => (words.size === 0 ? undefined : words);
  return {
    architectures() {
      architectures ??= gather((location) =>
        linesOfWords(readText(join(location, 'profiles/arch.list'), [location], report) ?? '').flat(),
      );
      return known(architectures);
    },
    licenses() {
      licenses ??= gather((location) => listFolder(join(location, 'licenses'), [location], report));
      return known(licenses);
    },
    mirrors() {
      mirrors ??= new Map(
        // The first repository comes last, so that its addresses replace those of the others.
        [...repositories]
          .reverse()
          .flatMap(({ location }) =>
            linesOfWords(
              readText(join(location, 'profiles/thirdpartymirrors'), [location], report) ?? '',
            ).map(([name = '', ...addresses]) => [name, addresses] as const),
          ),
      );
      return mirrors;
    },
    refresh() {
      mirrors = undefined;
      architectures = undefined;
      licenses = undefined;
    },
  };
}
