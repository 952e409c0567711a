import type { PackageUse } from '../../audit/record.ts';
import type { RootState } from '../../host/root-state.ts';
import type { InstalledPackage } from '../../installed/vdb.ts';
import { closeOverRuntime, expandVirtuals, findInstalled } from '../../installed/visible-set.ts';
import type { Atom } from '../../pms/atom.ts';
import { collectAtoms, type DependencyNode, parseDependency } from '../../pms/dependency.ts';
import { isSatisfied } from '../../pms/match.ts';
import { createFindThrough } from './package-uses.ts';

/** Which packages an installed ebuild may use when it runs. */
export interface RuntimeLicence {
  /** Why a package is there when the ebuild's own one is installed; undefined if it need not be. */
  licenceFor(installed: InstalledPackage): PackageUse['licence'] | undefined;
  /** The declared packages through which another one is there, as category/name. */
  findThrough(installed: InstalledPackage): string[];
  /** Whether installed packages satisfy what is declared, so that what it brings is known. */
  readonly isWhole: boolean;
}

/**
 * @param runtime RDEPEND, PDEPEND and IDEPEND, active for the USE state of the trial
 * @param system atoms of @system
 * @param itself the package of the ebuild as `category/name`: its installed version is replaced, so what only that one needs may go
 */
export function createRuntimeLicence(
  { lookup }: Pick<RootState, 'lookup'>,
  runtime: readonly DependencyNode[],
  system: readonly string[],
  itself: string,
): RuntimeLicence {
  const bringing = (atoms: readonly Atom[]) => expandVirtuals(findInstalled(atoms, lookup), lookup);
  const atomsOf = (nodes: readonly DependencyNode[]) => collectAtoms(nodes).map(({ atom }) => atom);
  const declared = bringing(atomsOf(runtime));
  const ofSystem = bringing(atomsOf(parseDependency(system.join(' ')).nodes));
  const closure = closeOverRuntime(declared, lookup, itself);
  return {
    licenceFor(installed) {
      if (declared.has(installed)) return 'declared';
      if (ofSystem.has(installed)) return 'system';
      return closure.has(installed) ? 'closure' : undefined;
    },
    findThrough: createFindThrough({ lookup }, [[...declared]], itself),
    isWhole: isSatisfied(runtime, (category, name) => lookup.get(`${category}/${name}`) ?? []),
  };
}
