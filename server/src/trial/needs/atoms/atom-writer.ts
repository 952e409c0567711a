import type { RootState } from '../../../host/root-state.ts';
import type { InstalledPackage } from '../../../installed/vdb.ts';
import { parseAtom } from '../../../pms/atom.ts';
import type { DependencyVariable } from '../../../pms/dependency-variable.ts';
import { packageId } from '../../../pms/package-id.ts';
import type { Denial } from '../../../trace/denial.ts';
import type { VersionBound } from '../../../trace/evidence.ts';
import { classifyPath } from '../../../trace/path-class.ts';
import { type UseKind, variableFor } from '../../../trace/use-kind.ts';
import type { ObservedUse } from '../../builder/steps/observations.ts';
import type { DescribedVersions } from '../../reading/described-versions.ts';
import type { OwnedNeed } from '../owned-need.ts';
import type { EclassFinder } from './bringing-eclasses.ts';
import type { DeprecationTest } from './deprecated-packages.ts';
import type { ProviderFinder } from './other-providers.ts';
import { type AtomHow, suggestAtom } from './suggested-atom.ts';
import { keepPackageBounds } from './version-bounds.ts';
import { checkVersions, type VersionCheck } from './version-checks.ts';

/** The known uses of packages by a build; an absent part is unknown. */
export interface BuildFacts {
  readonly observed?: readonly ObservedUse[];
  /** The denials, which are all that is known of a package that no build has used. */
  readonly denied?: readonly Denial[];
  readonly owned?: readonly OwnedNeed[];
  /** The packages whose slot matters to the image, because it links them and asks for symbols, or is made for their version. */
  readonly linked?: ReadonlySet<InstalledPackage>;
  /** Those of them that another build would link anew; all of them if absent. */
  readonly relinked?: ReadonlySet<InstalledPackage>;
  /** The versions that the files of the build ask for. */
  readonly versions?: DescribedVersions;
  /** The versions that upstream's metadata asks for at run time. */
  readonly required?: readonly VersionCheck[];
}

/** Writes the atoms of the packages that one build used. */
export interface AtomWriter {
  /**
   * @param variable the variable of the atom. DEPEND and RDEPEND get the same text, derived from the files that are built against or needed
   *   at run time; BDEPEND gets one derived from the files that are run during the build. Without it all files count
   */
  atomFor(installed: InstalledPackage, variable?: DependencyVariable): string;
  /** Whether the atom asks for a deprecated package: no other one is known. */
  isDeprecated(installed: InstalledPackage, variable?: DependencyVariable): boolean;
  /** Other packages that may have the programs of the paths, as `category/name`; none if the atom is that of a virtual. */
  findOthers(installed: InstalledPackage, paths: readonly string[]): readonly string[];
  /** The versions that the build's own checks ask for. */
  boundsOf(installed: InstalledPackage): readonly VersionBound[];
  /** The eclasses that would add the package as a build tool. */
  findEclasses(installed: InstalledPackage): readonly string[];
}

/** What the repositories of the ebuild say of packages. */
export interface RepositoryAdvice {
  readonly isDeprecated: DeprecationTest;
  readonly findProviders: ProviderFinder;
  /** Whether the ebuild can inherit an eclass of this name. */
  hasEclass(name: string): boolean;
}

export function createAtomWriter(
  {
    observed = [],
    denied = [],
    owned = [],
    linked = new Set(),
    relinked = linked,
    versions,
    required = [],
  }: BuildFacts,
  root: RootState,
  findEclasses: EclassFinder = () => [],
  { isDeprecated, findProviders }: Omit<RepositoryAdvice, 'hasEclass'> = {
    isDeprecated: () => false,
    findProviders: () => [],
  },
): AtomWriter {
  let checks: readonly VersionCheck[] | undefined;
  const sightingsOf = (installed: InstalledPackage) => {
    const isOf = (seen: ObservedUse | Denial) => packageId(seen.package) === packageId(installed);
    const uses = observed.filter(isOf);
    const denials = uses.length > 0 ? [] : denied.filter(isOf);
    const seen: Sighting[] = [
      ...uses.flatMap(({ kinds }) =>
        kinds.flatMap(({ kind, evidence }) => evidence.map(({ path }) => ({ kind, path }))),
      ),
      ...denials.flatMap(({ evidence }) => evidence.map(({ path }) => ({ kind: classifyPath(path), path }))),
      ...owned
        .filter(({ package: owner }) => owner === installed)
        .map(({ need, path }) => ({ kind: IMAGE_USE[need.kind], path })),
    ];
    return {
      seen: seen.filter(({ kind }) => kind !== 'data'),
      bounds: [...uses, ...denials].flatMap(({ bounds }) => bounds),
    };
  };

  const boundsOf = (installed: InstalledPackage): VersionBound[] => {
    checks ??= versions === undefined ? [] : checkVersions(versions, root, listRead(observed));
    const stated = checks.filter((check) => check.package === installed).map(({ bound }) => bound);
    const bounds = [...keepPackageBounds(installed, sightingsOf(installed).bounds, root), ...stated];
    return [...new Map(bounds.map((bound) => [`${bound.operator}${bound.version}`, bound])).values()];
  };

  const howUsed = (installed: InstalledPackage, variable: DependencyVariable | undefined): AtomHow => {
    const { seen } = sightingsOf(installed);
    const isForBuild = variable === 'BDEPEND';
    const relevant =
      variable === undefined
        ? seen
        : seen.filter(({ kind }) => (variableFor(kind) === 'BDEPEND') === isForBuild);
    return {
      linked: linked.has(installed),
      relinked: relinked.has(installed),
      kinds: [...new Set(relevant.map(({ kind }) => kind))],
      paths: [...new Set(relevant.map(({ path }) => path))],
      // If the package is built against too, the checks are about its library and not about its program.
      bounds: [
        ...(isForBuild && relevant.length < seen.length ? [] : boundsOf(installed)),
        ...(isForBuild ? [] : required.filter((check) => check.package === installed)).map(
          ({ bound }) => bound,
        ),
      ],
      ...(variable !== undefined && { variable }),
    };
  };

  const atomFor: AtomWriter['atomFor'] = (installed, variable) =>
    suggestAtom(installed, { ...root, isDeprecated }, howUsed(installed, variable));

  return {
    atomFor,
    isDeprecated: (installed, variable) =>
      isDeprecated(installed) && namesItself(installed, atomFor(installed, variable)),
    findOthers: (installed, paths) => {
      if (!namesItself(installed, atomFor(installed, 'BDEPEND'))) return [];
      const programs = paths.filter((path) => classifyPath(path) === 'program');
      const names = new Set(programs.map((path) => path.slice(path.lastIndexOf('/') + 1)));
      const found = [...names].map((program) => findProviders(installed, program));
      // Only a package that may have all programs can stand in.
      return (found[0] ?? []).filter((other) => found.every((others) => others.includes(other)));
    },
    boundsOf,
    findEclasses: (installed) => {
      const atom = parseAtom(atomFor(installed, 'BDEPEND')).atom ?? installed;
      const programs = howUsed(installed, 'BDEPEND').paths.map((path) =>
        path.slice(path.lastIndexOf('/') + 1),
      );
      const packages = [installed, atom].map(({ category, name }) => `${category}/${name}`);
      return findEclasses(packages, [installed.name, atom.name, ...programs]);
    },
  };
}

/** The files that a build read of packages that it saw. */
function listRead(observed: readonly ObservedUse[]): string[] {
  return observed.flatMap(({ kinds }) => kinds.flatMap(({ evidence }) => evidence.map(({ path }) => path)));
}

/** Whether the atom is the package's own and not that of a virtual. */
function namesItself({ category, name }: InstalledPackage, text: string): boolean {
  const { atom } = parseAtom(text);
  return atom?.category === category && atom.name === name;
}

const IMAGE_USE: Readonly<Record<OwnedNeed['need']['kind'], UseKind>> = {
  library: 'linked',
  interpreter: 'interpreter',
  module: 'interpreter',
  'pkg-config': 'pkg-config',
};

interface Sighting {
  readonly kind: UseKind;
  readonly path: string;
}
