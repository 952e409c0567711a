import type { InstalledPackage } from '../../installed/vdb.ts';
import { expandVirtuals, isStandIn } from '../../installed/visible-set.ts';
import type { RootState } from '../world/root-state.ts';

/**
 * The atom that an author would write for a package: the installed virtual that stands for it, as Gentoo writes
 * `virtual/pkgconfig` for dev-util/pkgconf, else category/name. Where several virtuals stand for a package, as for the
 * modules of dev-lang/perl, none of them is the package as a whole.
 */
export function suggestAtom(installed: InstalledPackage, root: RootState): string {
  const virtuals = root.packages.filter(
    (one) => isStandIn(one) && one !== installed && expandVirtuals([one], root.lookup).has(installed),
  );
  const chosen = (virtuals.length === 1 ? virtuals[0] : undefined) ?? installed;
  return `${chosen.category}/${chosen.name}`;
}
