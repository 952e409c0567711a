import type { Atom } from './atom.ts';
import { matchesAtom } from './match.ts';
import type { OfferedPackage } from './offered-package.ts';

/** An entry of a repository's `profiles/package.deprecated` (portage(5)). */
export interface DeprecatedAtom {
  readonly atom: Atom;
  /** The name of the repository. */
  readonly repository: string;
  /** Counted from 1. */
  readonly line: number;
}

/**
 * Finds the entry that deprecates everything that an atom accepts. An atom that also accepts another slot or version is not deprecated.
 *
 * @param entries those of the atom's package
 * @param offered the packages of its name
 */
export function findDeprecation(
  atom: Atom,
  entries: readonly DeprecatedAtom[],
  offered: readonly OfferedPackage[],
): DeprecatedAtom | undefined {
  return entries.find(({ atom: deprecated }) => {
    if (deprecated.category !== atom.category || deprecated.name !== atom.name) return false;
    if (deprecated.use.length > 0) return false;
    if (deprecated.operator === '' && deprecated.slot === undefined) return true;
    const isSlot = deprecated.slot !== undefined && deprecated.slot === atom.slot;
    if (deprecated.operator === '' && deprecated.subslot === undefined && isSlot) return true;
    if (offered.some(({ slot }) => slot === undefined)) return false;
    const accepted = offered.flatMap(({ slot = '', subslot = slot, ...rest }) => {
      const facts = { ...rest, slot, subslot, use: [], iuse: [] };
      return matchesAtom({ ...atom, use: [], repository: undefined }, facts) ? [facts] : [];
    });
    return (
      accepted.length > 0 &&
      accepted.every((facts) => matchesAtom({ ...deprecated, repository: undefined }, facts))
    );
  });
}
