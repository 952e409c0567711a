import { createEclassLookup, type EclassLookup } from '../../../repository/eclass.ts';
import { findFamily } from '../../../repository/repository.ts';

/** More would be a list to read, not a suggestion. */
const MOST_ECLASSES = 3;

/** So many letters in a row are no accident: `autoconf` and `autotools`. */
const LETTERS_ALIKE = 4;

/**
 * The eclasses that bring a build tool and are named for it: they name one of the packages in a variable of dependencies, and their name
 * has a word or four letters of the tool's, as `cmake`, `autotools` for autoconf and libtool, `python-any-r1` for python3.11. Gentoo's
 * many eclasses that bring a tool among other things, such as `kde.org` cmake, are not what an author inherits for it.
 *
 * @param packages `category/name` of the package and of what stands for it
 * @param tools names that it goes by: the package's and its programs'
 * @param inherited eclasses that the ebuild has already
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
    if (inherited.includes(name)) continue;
    const likeness = Math.max(0, ...tools.map((tool) => compareNames(name, tool)));
    if (likeness === 0) continue;
    const brought = lookup.dependencies(name);
    if (packages.some((one) => brought.has(one))) ranked.push({ name, likeness });
  }
  ranked.sort(
    (a, b) => b.likeness - a.likeness || a.name.length - b.name.length || (a.name < b.name ? -1 : 1),
  );
  return ranked.slice(0, MOST_ECLASSES).map(({ name }) => name);
}

/** Finds eclasses as {@link findBringingEclasses} does, for one ebuild. */
export type EclassFinder = (packages: readonly string[], tools: readonly string[]) => readonly string[];

/**
 * @param repository the ebuild's, a folder of this machine
 * @param root the root whose repos.conf says where masters are
 * @param inherited eclasses that the ebuild has already
 */
export function createEclassFinder(
  repository: string,
  root: string,
  inherited: readonly string[],
): EclassFinder {
  // What cannot be read brings nothing; the static check reports it.
  const ignore = () => {};
  let lookup: EclassLookup | undefined;
  return (packages, tools) => {
    lookup ??= createEclassLookup(
      findFamily(repository, root, ignore).repositories.map(({ location }) => location),
      () => undefined,
      ignore,
    );
    return findBringingEclasses(packages, tools, lookup, inherited);
  };
}

/** How alike the names of an eclass and a tool are, from 0 to 1. */
function compareNames(eclass: string, tool: string): number {
  const plain = tool.toLowerCase().replace(/[\d.]+$/, '');
  if (plain === '') return 0;
  if (eclass === plain) return 1;
  if (eclass.split(/[-.]/).includes(plain)) return plain.length / eclass.length;
  const alike = longestRun(eclass, plain);
  return alike < LETTERS_ALIKE ? 0 : alike / Math.max(eclass.length, plain.length) / 2;
}

/** The length of the longest piece that two names share. */
function longestRun(one: string, other: string): number {
  let longest = 0;
  for (let start = 0; start < one.length; start++)
    while (start + longest < one.length && other.includes(one.slice(start, start + longest + 1)))
      longest += 1;
  return longest;
}
