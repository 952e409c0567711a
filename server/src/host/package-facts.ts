import type { InstalledPackage } from '../installed/vdb.ts';
import { packageId } from '../pms/package-id.ts';
import { digestOf } from './digest.ts';
import type { RootState } from './root-state.ts';

/** What tells an installed package from a later merge of the same version, see `PackageFolder.facts`. */
export type FactsOf = (installed: InstalledPackage) => string;

/** Makes a {@link FactsOf}. The packages of layers have no facts: the digest of their stack stands for them. */
export function createFactsOf({ installation }: Pick<RootState, 'installation'>): FactsOf {
  const facts = new Map<InstalledPackage, string>();
  for (const { records } of installation?.layers ?? [])
    for (const { installed, facts: numbers } of records)
      if (installed !== undefined) facts.set(installed, numbers.join(' '));
  return (installed) => facts.get(installed) ?? '';
}

/** A digest of all installed packages. If it is the same, so are the owners of all files. */
export function digestInstalled({ packages }: Pick<RootState, 'packages'>, factsOf: FactsOf): string {
  return digestOf(packages.map((installed) => [packageId(installed), factsOf(installed)]));
}
