import type { Atom } from '../pms/atom.ts';
import { collectAtoms, type DependencyNode, parseDependency } from '../pms/dependency.ts';
import { matchesAtom } from '../pms/match.ts';
import { evaluateUse } from '../pms/use.ts';
import type { InstalledPackage } from './vdb.ts';

/**
 * How much of a package the view shows.
 *
 * - `full`: all of it.
 * - `runtime`: what its users need in order to run, without what is only there to build against it
 *   ({@link isDevelopmentFile}). Packages that only the programs of @system or the package manager need are shown so.
 * - `hidden`: nothing.
 */
export type Visibility = 'full' | 'runtime' | 'hidden';

/** Why a package is visible. */
export type Reason =
  /** Named by the ebuild, or stands behind a virtual that it names. */
  | 'declared'
  /** Named by the profile's `packages`, or behind a virtual named there. */
  | 'system'
  /** Needed by a declared package. */
  | 'declared-closure'
  /** Needed by a package of @system. */
  | 'system-closure'
  /** Needed by the package manager and nothing else. */
  | 'package-manager'
  /** Shown after all, to find out whether the build needs it. */
  | 'revealed';

export interface VisiblePackage {
  readonly visibility: Visibility;
  readonly reason: Reason | undefined;
}

export interface VisibleSetInput {
  readonly packages: readonly InstalledPackage[];
  /** Dependencies that hold at build time, active for the current USE state: DEPEND and BDEPEND (PMS 8.1). */
  readonly declared: readonly DependencyNode[];
  /** Atoms of @system. */
  readonly system: readonly string[];
  /** Packages that own what the package manager itself runs. */
  readonly packageManager: readonly InstalledPackage[];
  /** Packages to show although nothing declares them. */
  readonly revealed: readonly InstalledPackage[];
}

/** The profile says `virtual/package-manager` because a system needs one, not because ebuilds may use it. */
const PACKAGE_MANAGER_VIRTUAL = 'virtual/package-manager';

/**
 * Decides how much of every installed package a trial may see.
 *
 * Where a dependency leaves a choice (`|| ( )`), every installed alternative counts as declared: the build may use any of them.
 */
export function computeVisibleSet(input: VisibleSetInput): Map<InstalledPackage, VisiblePackage> {
  const lookup = groupByName(input.packages);
  const visible = new Map<InstalledPackage, VisiblePackage>();
  const show = (installed: Iterable<InstalledPackage>, visibility: Visibility, reason: Reason) => {
    for (const one of installed) if (!visible.has(one)) visible.set(one, { visibility, reason });
  };

  const declared = expandVirtuals(findInstalled(atomsOf(input.declared), lookup), lookup);
  const systemNames = parseAtoms(input.system).filter(
    (atom) => `${atom.category}/${atom.name}` !== PACKAGE_MANAGER_VIRTUAL,
  );
  const system = expandVirtuals(findInstalled(systemNames, lookup), lookup);
  // The order matters: the first reason that shows a package is the strongest, and it is kept.
  show(declared, 'full', 'declared');
  show(system, 'full', 'system');
  show(input.revealed, 'full', 'revealed');
  show(closeOverRuntime([...declared, ...input.revealed], lookup), 'full', 'declared-closure');
  show(closeOverRuntime(system, lookup), 'runtime', 'system-closure');
  show(closeOverRuntime(input.packageManager, lookup), 'runtime', 'package-manager');
  for (const one of input.packages)
    if (!visible.has(one)) visible.set(one, { visibility: 'hidden', reason: undefined });
  return visible;
}

export type InstalledLookup = ReadonlyMap<string, readonly InstalledPackage[]>;

/** Installed packages by `category/name`. */
export function groupByName(packages: readonly InstalledPackage[]): InstalledLookup {
  const lookup = new Map<string, InstalledPackage[]>();
  for (const one of packages) {
    const key = `${one.category}/${one.name}`;
    const same = lookup.get(key);
    if (same === undefined) lookup.set(key, [one]);
    else same.push(one);
  }
  return lookup;
}

/** Every installed package that one of the atoms names; blockers name none. */
export function findInstalled(atoms: readonly Atom[], lookup: InstalledLookup): Set<InstalledPackage> {
  const found = new Set<InstalledPackage>();
  for (const atom of atoms) {
    if (atom.blocker !== '') continue;
    for (const one of lookup.get(`${atom.category}/${atom.name}`) ?? [])
      if (matchesAtom(atom, one)) found.add(one);
  }
  return found;
}

/** The runtime dependencies of an installed package, active for the flags it was built with. */
function runtimeDependencies(installed: InstalledPackage, lookup: InstalledLookup): Set<InstalledPackage> {
  const nodes = parseDependency(`${installed.rdepend} ${installed.pdepend}`).nodes;
  return findInstalled(atomsOf(evaluateUse(nodes, installed.use)), lookup);
}

/** The packages themselves and everything they need in order to run (RDEPEND and PDEPEND, PMS 8.1). */
export function closeOverRuntime(
  start: Iterable<InstalledPackage>,
  lookup: InstalledLookup,
): Set<InstalledPackage> {
  const closed = new Set<InstalledPackage>(start);
  // A Set is iterated in the order of insertion and the iteration meets what is added while it runs.
  for (const one of closed) for (const next of runtimeDependencies(one, lookup)) closed.add(next);
  return closed;
}

/** Whether a package is there to stand for others: a virtual (GLEP 37), or one that chooses who provides a program. */
export function isStandIn(installed: InstalledPackage): boolean {
  return installed.category === 'virtual' || installed.category === 'app-alternatives';
}

/** A virtual stands for its providers, an app-alternatives for the one that it chooses: whoever names it has named them. */
export function expandVirtuals(
  start: Iterable<InstalledPackage>,
  lookup: InstalledLookup,
): Set<InstalledPackage> {
  const expanded = new Set<InstalledPackage>(start);
  for (const one of expanded) {
    if (isStandIn(one)) for (const provider of runtimeDependencies(one, lookup)) expanded.add(provider);
  }
  return expanded;
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
 * Whether a file is there only to build against its package: headers, static libraries, pkg-config, cmake and GObject
 * descriptions, aclocal macros, and the `libX.so` link that the linker looks for. A real file `libX.so` may be what
 * a program loads at run time and is not counted.
 */
export function isDevelopmentFile(path: string, isLink: boolean): boolean {
  return DEVELOPMENT_FILE.test(path) || (isLink && DEVELOPMENT_LINK.test(path));
}
