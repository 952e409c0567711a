import type { InstalledPackage } from '../installed/vdb.ts';
import { expandVirtuals } from '../installed/visible-set.ts';
import type { RootState } from './root-state.ts';

/**
 * The atom that an author would write for a package: an installed virtual that stands for it, as Gentoo writes
 * `virtual/pkgconfig` for dev-util/pkgconf, else category/name.
 */
export function suggestAtom(installed: InstalledPackage, root: RootState): string {
  const virtual = root.packages.find(
    (one) => one.category === 'virtual' && expandVirtuals([one], root.lookup).has(installed),
  );
  const chosen = virtual ?? installed;
  return `${chosen.category}/${chosen.name}`;
}
