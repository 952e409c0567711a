import type { Atom } from '../pms/atom.ts';
import { collectAtoms, type DependencyNode, parseDependency } from '../pms/dependency.ts';
import type { BuildVariable } from '../pms/dependency-variable.ts';
import { matchesAtom } from '../pms/match.ts';
import { evaluateUse } from '../pms/use.ts';
import type { InstalledPackage } from './vdb.ts';

/**
 * How much of a package the view shows.
 *
 * - `full`: all files.
 * - `runtime`: all files that its users need in order to run, but not those for building against it
 *   ({@link isDevelopmentFile}). This is for packages that only programs need: those of BDEPEND, of @system, of the package manager.
 * - `hidden`: no files.
 */
export type Visibility = 'full' | 'runtime' | 'hidden';

/** Why a package is visible. */
export type Reason =
  /** Named by the ebuild, or a provider of a virtual that it names. */
  | 'declared'
  /** Named by the profile's `packages`, or a provider of a virtual named there. */
  | 'system'
  /** Needed by a package that DEPEND names. */
  | 'depend-closure'
  /** Needed by a revealed package that is built against. */
  | 'revealed-closure'
  /** Needed by a package that only runs: one that BDEPEND names, or a revealed one. */
  | 'bdepend-closure'
  /** Needed by a package of @system. */
  | 'system-closure'
  /** Needed only by the package manager. */
  | 'package-manager'
  /** Revealed, to find out whether the build needs it. */
  | 'revealed';

export interface VisiblePackage {
  readonly visibility: Visibility;
  readonly reason: Reason | undefined;
  /** The variables whose packages are it or need it in order to run; both for a package of @system. */
  readonly broughtBy: readonly BuildVariable[];
  /** The app-alternatives for which it is declared, if no atom of the ebuild names the package itself. */
  readonly standIn?: InstalledPackage;
}

/** A package to show although nothing declares it. */
export interface RevealedPackage {
  readonly package: InstalledPackage;
  /** Whether it is shown as if DEPEND named it, and not BDEPEND. */
  readonly isBuiltAgainst: boolean;
}

/** What an ebuild declares for its build (PMS 8.1), as far as it is active in the current USE state. */
export interface DeclaredForBuild {
  /** Its packages are there to build against, with all that they need. */
  readonly depend: readonly DependencyNode[];
  /** Its packages are there to run, and what they need in order to run is no more than that. */
  readonly bdepend: readonly DependencyNode[];
}

export interface VisibleSetInput {
  readonly packages: readonly InstalledPackage[];
  readonly declared: DeclaredForBuild;
  /** Atoms of @system. */
  readonly system: readonly string[];
  /** The owners of the programs that the package manager itself runs. */
  readonly packageManager: readonly InstalledPackage[];
  readonly revealed: readonly RevealedPackage[];
  /** The package of the ebuild as `category/name`: its installed version brings nothing to build against. */
  readonly itself: string;
}

/** A part of @system because a system needs a package manager, not because ebuilds may use it. */
const PACKAGE_MANAGER_VIRTUAL = 'virtual/package-manager';

/**
 * Decides how much of each installed package the view of a trial shows.
 *
 * If a dependency has alternatives (`|| ( )`), all installed ones count as declared: the build may use any of them.
 */
export function computeVisibleSet(input: VisibleSetInput): Map<InstalledPackage, VisiblePackage> {
  const lookup = groupByName(input.packages);
  const visible = new Map<InstalledPackage, VisiblePackage>();
  const show = (packages: Iterable<InstalledPackage>, visibility: Visibility, reason: Reason) => {
    for (const installed of packages) {
      if (visible.has(installed)) continue;
      const standIn = reason === 'declared' ? standIns.get(installed) : undefined;
      const broughtBy = variablesThatBring(installed);
      visible.set(installed, { visibility, reason, broughtBy, ...(standIn && { standIn }) });
    }
  };
  // What @system needs itself may be another package tomorrow.
  const variablesThatBring = (installed: InstalledPackage): readonly BuildVariable[] => [
    ...(closures.depend.has(installed) || system.has(installed) ? ['DEPEND' as const] : []),
    ...(closures.bdepend.has(installed) || system.has(installed) ? ['BDEPEND' as const] : []),
  ];

  const { declared } = input;
  const standIns = mapToAlternatives(
    findInstalled(atomsOf([...declared.depend, ...declared.bdepend]), lookup),
    lookup,
  );
  const declaredBy = (nodes: readonly DependencyNode[]) =>
    expandVirtuals(findInstalled(atomsOf(nodes), lookup), lookup);
  const depend = declaredBy(declared.depend);
  const bdepend = declaredBy(declared.bdepend);
  const systemNames = parseAtoms(input.system).filter(
    (atom) => `${atom.category}/${atom.name}` !== PACKAGE_MANAGER_VIRTUAL,
  );
  const system = expandVirtuals(findInstalled(systemNames, lookup), lookup);
  const closures = {
    depend: closeOverRuntime(depend, lookup, input.itself),
    bdepend: closeOverRuntime(bdepend, lookup),
    system: closeOverRuntime(system, lookup),
  };
  // The strongest reason comes first, because the first reason of a package is kept.
  show(depend, 'full', 'declared');
  show(bdepend, 'full', 'declared');
  show(system, 'full', 'system');
  const revealed = input.revealed.map((shown) => shown.package);
  show(expandVirtuals(revealed, lookup), 'full', 'revealed');
  const builtAgainst = input.revealed.filter((shown) => shown.isBuiltAgainst).map((shown) => shown.package);
  show(closures.depend, 'full', 'depend-closure');
  show(closeOverRuntime(builtAgainst, lookup, input.itself), 'full', 'revealed-closure');
  show(closeOverRuntime([...depend, ...bdepend, ...revealed], lookup), 'runtime', 'bdepend-closure');
  show(closures.system, 'runtime', 'system-closure');
  show(closeOverRuntime(input.packageManager, lookup), 'runtime', 'package-manager');
  for (const installed of input.packages)
    if (!visible.has(installed))
      visible.set(installed, { visibility: 'hidden', reason: undefined, broughtBy: [] });
  return visible;
}

export type InstalledLookup = ReadonlyMap<string, readonly InstalledPackage[]>;

/** Installed packages by `category/name`. */
export function groupByName(packages: readonly InstalledPackage[]): InstalledLookup {
  const lookup = new Map<string, InstalledPackage[]>();
  for (const installed of packages) {
    const key = `${installed.category}/${installed.name}`;
    const namesakes = lookup.get(key);
    if (namesakes === undefined) lookup.set(key, [installed]);
    else namesakes.push(installed);
  }
  return lookup;
}

/** The installed packages that match one of the atoms; blockers are ignored. */
export function findInstalled(atoms: readonly Atom[], lookup: InstalledLookup): Set<InstalledPackage> {
  const found = new Set<InstalledPackage>();
  for (const atom of atoms) {
    if (atom.blocker !== '') continue;
    for (const installed of lookup.get(`${atom.category}/${atom.name}`) ?? [])
      if (matchesAtom(atom, installed)) found.add(installed);
  }
  return found;
}

/** The runtime dependencies of an installed package that are active for the flags it was built with. */
export function runtimeDependencies(
  installed: InstalledPackage,
  lookup: InstalledLookup,
): Set<InstalledPackage> {
  const nodes = parseDependency(`${installed.rdepend} ${installed.pdepend}`).nodes;
  return findInstalled(atomsOf(evaluateUse(nodes, installed.use)), lookup);
}

/**
 * The packages themselves and everything they need in order to run (RDEPEND and PDEPEND, PMS 8.1).
 *
 * @param except a package as `category/name` that is not followed: PDEPEND may lead back to an older version of the ebuild's own package
 */
export function closeOverRuntime(
  start: Iterable<InstalledPackage>,
  lookup: InstalledLookup,
  except?: string,
): Set<InstalledPackage> {
  const closed = new Set<InstalledPackage>(start);
  // The iteration of a Set also visits elements that are added during it.
  for (const installed of closed)
    for (const dependency of runtimeDependencies(installed, lookup))
      if (`${dependency.category}/${dependency.name}` !== except) closed.add(dependency);
  return closed;
}

/** Whether a package stands for others: a virtual (GLEP 37), or an app-alternatives, which selects a provider. */
export function isStandIn(installed: InstalledPackage): boolean {
  return installed.category === 'virtual' || installed.category === 'app-alternatives';
}

/** Adds the providers of virtuals and app-alternatives, because an ebuild that names one of these declares its providers. */
export function expandVirtuals(
  start: Iterable<InstalledPackage>,
  lookup: InstalledLookup,
): Set<InstalledPackage> {
  const expanded = new Set<InstalledPackage>(start);
  for (const installed of expanded) {
    if (!isStandIn(installed)) continue;
    for (const provider of runtimeDependencies(installed, lookup)) expanded.add(provider);
  }
  return expanded;
}

/**
 * The providers of the app-alternatives among the packages that atoms name, each with its app-alternatives; without those that an atom names
 * too.
 */
function mapToAlternatives(
  named: ReadonlySet<InstalledPackage>,
  lookup: InstalledLookup,
): ReadonlyMap<InstalledPackage, InstalledPackage> {
  const standIns = new Map<InstalledPackage, InstalledPackage>();
  for (const standIn of named) {
    if (standIn.category !== 'app-alternatives') continue;
    for (const provider of expandVirtuals([standIn], lookup))
      if (!named.has(provider)) standIns.set(provider, standIn);
  }
  return standIns;
}

function parseAtoms(texts: readonly string[]): Atom[] {
  return atomsOf(parseDependency(texts.join(' ')).nodes);
}

const atomsOf = (nodes: readonly DependencyNode[]): Atom[] => collectAtoms(nodes).map(({ atom }) => atom);

/** Two tables in trace/path-class.ts speak of the same files: the kinds of files, and the folders in which programs list them. */
const DEVELOPMENT_FILE = new RegExp(
  [
    '^/usr/include/',
    '^(/usr)?/lib[^/]*/(.*/)?[^/]+\\.(a|la|pc|gir|vapi)$',
    '^/usr/share/(.*/)?[^/]+\\.(pc|gir|vapi)$',
    '^/usr/(lib[^/]*|share)/(.*/)?cmake/(?!Modules/).*\\.cmake$',
    '^/usr/share/aclocal[^/]*/.*\\.m4$',
  ].join('|'),
);
const DEVELOPMENT_LINK = /^(\/usr)?\/lib[^/]*\/(.*\/)?lib[^/]+\.so$/;

/**
 * Whether a file is only for building against its package: headers, static libraries, pkg-config, CMake and GObject
 * descriptions, aclocal macros, and the `libX.so` link that the linker looks for. A regular file `libX.so` is not counted,
 * because a program may load it at run time.
 */
export function isDevelopmentFile(path: string, isLink: boolean): boolean {
  return DEVELOPMENT_FILE.test(path) || (isLink && DEVELOPMENT_LINK.test(path));
}
