import { join } from 'node:path';
import type { TrialRecord } from '../audit/record.ts';
import type { RootState } from '../host/root-state.ts';
import { type InstalledPackage, readVdbFile } from '../installed/vdb.ts';
import { closeOverRuntime, expandVirtuals, findInstalled } from '../installed/visible-set.ts';
import type { Atom } from '../pms/atom.ts';
import { collectAtoms, parseDependency } from '../pms/dependency.ts';
import { packageId } from '../pms/package-id.ts';
import { evaluateUse } from '../pms/use.ts';

/**
 * Finds the packages of a record that an edit may add although they need the audited package to be built: the edit would close a cycle.
 *
 * @param itself `category/name` of the audited package
 * @returns their names, as `category/name`
 */
export function findCycles(
  { layout, lookup }: Pick<RootState, 'layout' | 'lookup'>,
  itself: string,
  { needs, probes, uses }: Pick<TrialRecord, 'needs' | 'probes' | 'uses'>,
): Pick<TrialRecord, 'cycles'> {
  const brought = uses.filter(({ licence }) => licence === 'closure');
  const ids = new Set([...needs, ...probes, ...brought].map((found) => packageId(found.package)));
  const cycles = new Set<string>();
  for (const { package: recorded } of [...needs, ...probes, ...brought]) {
    const name = `${recorded.category}/${recorded.name}`;
    for (const installed of lookup.get(name) ?? []) {
      if (cycles.has(name) || !ids.has(packageId(installed))) continue;
      const atoms = atomsOf(installed, readBuildDependencies(installed));
      const needed = closeOverRuntime(expandVirtuals(findInstalled(atoms, lookup), lookup), lookup);
      // The audited package itself may not be installed.
      const named = [...atoms, ...[...needed].flatMap((other) => atomsOf(other, other.rdepend))];
      if (named.some((atom) => atom.blocker === '' && `${atom.category}/${atom.name}` === itself))
        cycles.add(name);
    }
  }
  return cycles.size === 0 ? {} : { cycles: [...cycles].sort() };

  function readBuildDependencies(installed: InstalledPackage): string {
    const folder = join(layout.path, 'var/db/pkg', packageId(installed));
    return ['DEPEND', 'BDEPEND']
      .map((variable) => readVdbFile(join(folder, variable))?.toString('utf8') ?? '')
      .join(' ');
  }
}

/** The atoms of a recorded value that are active with the flags of the package. */
function atomsOf({ use }: InstalledPackage, value: string): Atom[] {
  return collectAtoms(evaluateUse(parseDependency(value).nodes, use)).map(({ atom }) => atom);
}
