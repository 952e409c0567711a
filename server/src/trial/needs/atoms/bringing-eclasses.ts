import { createEclassLookup, type EclassLookup } from '../../../repository/eclass.ts';
import { findFamily } from '../../../repository/repository.ts';

/** Eclasses in one suggestion; more would be a list to read. */
const MOST_ECLASSES = 3;

/** Common letters in a row that show a relation, as in `autoconf` and `autotools`. */
const LETTERS_ALIKE = 4;

/** They build whole packages in a language whose programs others run too, such as Perl's pod2man. */
const OF_A_LANGUAGE =
  /^(?:perl-module|ruby-(?:ng|fakegem)|java-.*|php-ext-.*|haskell-cabal|elisp|dune|opam)$/;

/**
 * Finds the eclasses that add a build tool and are named for it, such as `autotools` for autoconf and `python-any-r1` for python3.11. Others,
 * such as `kde.org` for cmake, also add it, but no author inherits them for the tool.
 *
 * @param packages `category/name` of the package and of its virtuals
 * @param tools names of the package and of its programs
 * @param inherited eclasses that the ebuild inherits already
 * @returns the closest name first
 */
export function findBringingEclasses(
  packages: readonly string[],
  tools: readonly string[],
  lookup: EclassLookup,
  inherited: readonly string[],
): string[] {
  const ranked: { readonly name: string; readonly likeness: number }[] = [];
  for (const name of lookup.names()) {
    if (inherited.includes(name) || OF_A_LANGUAGE.test(name)) continue;
    const likeness = Math.max(0, ...tools.map((tool) => compareNames(name, tool)));
    if (likeness === 0) continue;
    const brought = lookup.dependencies(name);
    if (packages.some((name) => brought.has(name))) ranked.push({ name, likeness });
  }
  ranked.sort(
    (left, right) =>
      right.likeness - left.likeness ||
      left.name.length - right.name.length ||
      (left.name < right.name ? -1 : 1),
  );
  return ranked.slice(0, MOST_ECLASSES).map(({ name }) => name);
}

/** Finds eclasses as {@link findBringingEclasses} does, for one ebuild. */
export type EclassFinder = (packages: readonly string[], tools: readonly string[]) => readonly string[];

/** @param inherited eclasses that the ebuild inherits already */
export function createEclassFinder(
  openLookup: () => EclassLookup,
  inherited: readonly string[],
): EclassFinder {
  return (packages, tools) => findBringingEclasses(packages, tools, openLookup(), inherited);
}

/**
 * Makes a function that opens the eclasses of a repository and its masters when they are first needed.
 *
 * @param repository the repository of the ebuild, as a folder of this machine
 * @param root the root whose repos.conf locates the masters
 */
export function createEclassOpener(repository: string, root: string): () => EclassLookup {
  // An unreadable file adds nothing here; the static check reports it.
  const ignore = () => {};
  let lookup: EclassLookup | undefined;
  return () => {
    lookup ??= createEclassLookup(
      findFamily(repository, root, ignore).repositories.map(({ location }) => location),
      () => undefined,
      ignore,
    );
    return lookup;
  };
}

/** The likeness of the names of an eclass and a tool, from 0 to 1. */
function compareNames(eclass: string, tool: string): number {
  // The CHOST before a name has words of its own, such as `linux`.
  const plain = tool
    .toLowerCase()
    .replace(/^\w+-(?:\w+-)?linux(?:-\w+)?-/, '')
    .replace(/[\d.]+$/, '');
  if (plain === '') return 0;
  if (eclass === plain) return 1;
  if (eclass.split(/[-.]/).includes(plain)) return plain.length / eclass.length;
  const alike = longestRun(eclass, plain);
  return alike < LETTERS_ALIKE ? 0 : alike / Math.max(eclass.length, plain.length) / 2;
}

/** The length of the longest piece that two names share. */
function longestRun(left: string, right: string): number {
  let longest = 0;
  for (let start = 0; start < left.length; start++)
    while (start + longest < left.length && right.includes(left.slice(start, start + longest + 1)))
      longest += 1;
  return longest;
}
