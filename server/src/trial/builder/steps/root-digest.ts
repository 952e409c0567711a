import { digestOf } from '../../../host/digest.ts';
import { digestOwners } from '../../../host/named-owners.ts';
import type { NamedPaths } from '../../../host/named-paths.ts';
import type { RootState } from '../../../host/root-state.ts';
import type { InstalledPackage } from '../../../installed/vdb.ts';
import { runtimeDependencies } from '../../../installed/visible-set.ts';
import { packageId } from '../../../pms/package-id.ts';
import type { Footprint } from './footprint.ts';

/**
 * Makes a digest of what is known of a step only through the packages of the root, whatever a view shows of them: who owns the paths that it
 * named, and which of the packages that it touched need which others of them in order to run (`TraceContext.needsToRun`).
 */
export type RootDigest = (footprint: Footprint, named: NamedPaths) => Promise<string>;

export function createRootDigest(
  root: Pick<RootState, 'layout' | 'index' | 'packages' | 'lookup'>,
): RootDigest {
  const needs = new Map<InstalledPackage, ReadonlySet<InstalledPackage>>();
  const needsOf = (installed: InstalledPackage) => {
    const known = needs.get(installed) ?? runtimeDependencies(installed, root.lookup);
    needs.set(installed, known);
    return known;
  };
  const closeOver = (installed: InstalledPackage): ReadonlySet<InstalledPackage> => {
    const closed = new Set([installed]);
    // The iteration of a Set also visits elements that are added during it.
    for (const reached of closed) for (const needed of needsOf(reached)) closed.add(needed);
    return closed;
  };
  return async (footprint, named) => {
    const ids = new Set(footprint.packages);
    const touched = root.packages.filter((installed) => ids.has(packageId(installed)));
    const among = new Set(touched);
    const pairs = touched.map((installed) => [
      packageId(installed),
      [...closeOver(installed)]
        .filter((needed) => among.has(needed))
        .map(packageId)
        .sort(),
    ]);
    return digestOf([pairs, await digestOwners(named, root)]);
  };
}
