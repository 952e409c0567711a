import type { RootState } from '../../../host/root-state.ts';
import type { InstalledPackage } from '../../../installed/vdb.ts';
import { parseAtom } from '../../../pms/atom.ts';
import type { DependencyVariable } from '../../../pms/dependency-variable.ts';
import { packageId } from '../../../pms/package-id.ts';
import type { Denial, ObservedUse } from '../../../trace/attribution.ts';
import type { VersionBound } from '../../../trace/evidence.ts';
import { classifyPath } from '../../../trace/path-class.ts';
import { type UseKind, variableFor } from '../../../trace/use-kind.ts';
import type { OwnedNeed } from '../owned-need.ts';
import type { EclassFinder } from './bringing-eclasses.ts';
import { type AtomHow, suggestAtom } from './suggested-atom.ts';
import { keepPackageBounds } from './version-bounds.ts';
import { readVersionChecks, type VersionCheck } from './version-checks.ts';

/** Everything that a build tells of how packages were used; what is left out is not known. */
export interface BuildFacts {
  readonly observed?: readonly ObservedUse[];
  /** What was hidden and asked for: all that is known of a package which no build was seen to use. */
  readonly denied?: readonly Denial[];
  /** What the image needs, and whose it is. */
  readonly owned?: readonly OwnedNeed[];
  /** The packages that the image links and asks for symbols. */
  readonly linked?: ReadonlySet<InstalledPackage>;
  /** Folders of this machine that hold, one upon the other, what the build wrote. */
  readonly layers?: readonly string[];
}

/** Writes the atoms for what one build used. */
export interface AtomWriter {
  /**
   * @param variable where it is to stand. DEPEND and RDEPEND get the same text, which speaks of all that is built against and run with;
   *   BDEPEND of what is run while building. Without it nothing is told apart.
   */
  atomFor(installed: InstalledPackage, variable?: DependencyVariable): string;
  /** What the build's own checks ask of the package's version. */
  boundsOf(installed: InstalledPackage): readonly VersionBound[];
  /** The eclasses that would bring the package as a build tool. */
  findEclasses(installed: InstalledPackage): readonly string[];
}

/** Makes a writer; the build descriptions in `layers` are read when they are first asked for. */
export function createAtomWriter(
  { observed = [], denied = [], owned = [], linked = new Set(), layers = [] }: BuildFacts,
  root: RootState,
  findEclasses: EclassFinder = () => [],
): AtomWriter {
  let checks: readonly VersionCheck[] | undefined;
  const sightingsOf = (installed: InstalledPackage) => {
    const isOf = (one: ObservedUse | Denial) => packageId(one.package) === packageId(installed);
    const uses = observed.filter(isOf);
    // What a hidden package was asked for as is told by the paths.
    const asked = uses.length > 0 ? [] : denied.filter(isOf);
    const seen: Sighting[] = [
      ...uses.flatMap(({ kinds }) =>
        kinds.flatMap(({ kind, evidence }) => evidence.map(({ path }) => ({ kind, path }))),
      ),
      ...asked.flatMap(({ evidence }) => evidence.map(({ path }) => ({ kind: classifyPath(path), path }))),
      ...owned
        .filter((one) => one.package === installed)
        .map(({ need, path }) => ({ kind: IMAGE_USE[need.kind], path })),
    ];
    return {
      seen: seen.filter(({ kind }) => kind !== 'data'),
      bounds: [...uses, ...asked].flatMap((one) => one.bounds),
    };
  };

  const boundsOf = (installed: InstalledPackage): VersionBound[] => {
    checks ??= readVersionChecks(layers, root);
    const stated = checks.filter((check) => check.package === installed).map(({ bound }) => bound);
    const all = [...keepPackageBounds(installed, sightingsOf(installed).bounds, root), ...stated];
    return [...new Map(all.map((bound) => [`${bound.operator}${bound.version}`, bound])).values()];
  };

  const howUsed = (installed: InstalledPackage, variable: DependencyVariable | undefined): AtomHow => {
    const { seen } = sightingsOf(installed);
    const isForBuild = variable === 'BDEPEND';
    const told =
      variable === undefined
        ? seen
        : seen.filter(({ kind }) => (variableFor(kind) === 'BDEPEND') === isForBuild);
    return {
      linked: linked.has(installed),
      kinds: [...new Set(told.map(({ kind }) => kind))],
      paths: [...new Set(told.map(({ path }) => path))],
      // Of a package that is built against too, it is the library that the checks are about.
      bounds: isForBuild && told.length < seen.length ? [] : boundsOf(installed),
      ...(variable !== undefined && { variable }),
    };
  };

  const atomFor: AtomWriter['atomFor'] = (installed, variable) =>
    suggestAtom(installed, root, howUsed(installed, variable));

  return {
    atomFor,
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

const IMAGE_USE: Readonly<Record<OwnedNeed['need']['kind'], UseKind>> = {
  library: 'linked',
  interpreter: 'interpreter',
  'pkg-config': 'pkg-config',
};

interface Sighting {
  readonly kind: UseKind;
  readonly path: string;
}
