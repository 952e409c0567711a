import type { Atom, UseDependency } from './atom.ts';
import type { AtomNode, DependencyNode } from './dependency.ts';
import {
  compareVersions,
  parseVersion,
  startsWithVersion,
  type Version,
  withoutRevision,
} from './version.ts';

/** A package as far as an atom can ask about it. */
export interface PackageFacts {
  readonly category: string;
  readonly name: string;
  /** Version with revision, `PVR` of PMS 11.1. */
  readonly version: string;
  readonly slot: string;
  /** Equal to `slot` where the package has none (PMS 7.2). */
  readonly subslot: string;
  /** The enabled flags. */
  readonly use: readonly string[];
  /** The flags that the package has. Where it is not known, every flag is taken to be one. */
  readonly iuse?: readonly string[];
  readonly repository?: string;
}

/** Gives the packages of one category and name, in any order. */
export type PackageLookup = (category: string, name: string) => Iterable<PackageFacts>;

/**
 * Whether the package is one that the atom speaks of (PMS 8.3). A blocker matches the packages that it blocks.
 * USE dependencies that need the parent's flags, such as `[flag?]`, are no restriction: see `evaluateUse`.
 */
export function matchesAtom(atom: Atom, candidate: PackageFacts): boolean {
  return (
    atom.category === candidate.category &&
    atom.name === candidate.name &&
    matchesVersion(atom, candidate.version) &&
    (atom.slot === undefined || atom.slot === candidate.slot) &&
    (atom.subslot === undefined || atom.subslot === candidate.subslot) &&
    (atom.repository === undefined ||
      candidate.repository === undefined ||
      atom.repository === candidate.repository) &&
    atom.use.every((use) => matchesUse(use, candidate))
  );
}

function matchesVersion(atom: Atom, text: string): boolean {
  if (atom.version === undefined) return true;
  const version = parseVersion(text);
  return version !== undefined && holds(atom, version, atom.version);
}

function holds(atom: Atom, has: Version, wanted: Version): boolean {
  switch (atom.operator) {
    case '<':
      return compareVersions(has, wanted) < 0;
    case '<=':
      return compareVersions(has, wanted) <= 0;
    case '>':
      return compareVersions(has, wanted) > 0;
    case '>=':
      return compareVersions(has, wanted) >= 0;
    case '~':
      return compareVersions(withoutRevision(has), withoutRevision(wanted)) === 0;
    case '=':
      return atom.glob ? startsWithVersion(has, wanted) : compareVersions(has, wanted) === 0;
    case '':
      return true;
  }
}

function matchesUse(use: UseDependency, candidate: PackageFacts): boolean {
  if (use.form !== 'enabled' && use.form !== 'disabled') return true;
  const wanted = use.form === 'enabled';
  const hasFlag =
    candidate.iuse === undefined || candidate.iuse.some((flag) => flag.replace(/^[+-]/, '') === use.flag);
  if (!hasFlag && !candidate.use.includes(use.flag))
    return use.missing !== '' && (use.missing === '+') === wanted;
  return candidate.use.includes(use.flag) === wanted;
}

/** Turns a list of packages into a lookup. */
export function lookupIn(packages: Iterable<PackageFacts>): PackageLookup {
  const index = new Map<string, PackageFacts[]>();
  for (const candidate of packages) {
    const key = `${candidate.category}/${candidate.name}`;
    const others = index.get(key);
    if (others === undefined) index.set(key, [candidate]);
    else others.push(candidate);
  }
  return (category, name) => index.get(`${category}/${name}`) ?? [];
}

/**
 * Whether the packages satisfy the whole dependency (PMS 8.2). Blockers, unexpanded and invalid words ask for nothing.
 * An empty any-of group is satisfied by nothing, as from EAPI 7 on (PMS 8.2.3).
 *
 * @param nodes a tree from which `evaluateUse` has taken the conditionals; one that is left is taken not to hold
 */
export function isSatisfied(
  nodes: readonly DependencyNode[],
  packages: Iterable<PackageFacts> | PackageLookup,
): boolean {
  const lookup = typeof packages === 'function' ? packages : lookupIn(packages);
  return nodes.every((node) => isNodeSatisfied(node, lookup));
}

function isNodeSatisfied(node: DependencyNode, lookup: PackageLookup): boolean {
  switch (node.kind) {
    case 'atom':
      return asksForNothing(node) || isAtomSatisfied(node.atom, lookup);
    case 'all-of':
      return node.children.every((child) => isNodeSatisfied(child, lookup));
    case 'any-of':
      return node.children.some((child) => isNodeSatisfied(child, lookup));
    case 'exactly-one-of':
      return node.children.filter((child) => isNodeSatisfied(child, lookup)).length === 1;
    case 'at-most-one-of':
      return node.children.filter((child) => isNodeSatisfied(child, lookup)).length <= 1;
    default:
      return true;
  }
}

/**
 * The atoms for which a package is missing. Of an any-of group without a satisfied alternative only the atoms of the one
 * that lacks least are given, the first of several, which is also the one that package managers try first.
 *
 * @param nodes a tree from which `evaluateUse` has taken the conditionals; one that is left is taken not to hold
 */
export function unsatisfiedAtoms(nodes: readonly DependencyNode[], lookup: PackageLookup): AtomNode[] {
  return nodes.flatMap((node) => unsatisfiedIn(node, lookup));
}

function unsatisfiedIn(node: DependencyNode, lookup: PackageLookup): AtomNode[] {
  switch (node.kind) {
    case 'atom':
      return asksForNothing(node) || isAtomSatisfied(node.atom, lookup) ? [] : [node];
    case 'all-of':
      return unsatisfiedAtoms(node.children, lookup);
    case 'any-of':
    case 'exactly-one-of': {
      const alternatives = node.children.map((child) => unsatisfiedIn(child, lookup));
      const fewest = Math.min(...alternatives.map((missing) => missing.length));
      return alternatives.find((missing) => missing.length === fewest) ?? [];
    }
    default:
      return [];
  }
}

/** The packages that any atom of an evaluated tree matches, each once; alternatives that are not chosen included. */
export function matchingPackages(nodes: readonly DependencyNode[], lookup: PackageLookup): PackageFacts[] {
  const result = new Set<PackageFacts>();
  const visit = (node: DependencyNode): void => {
    if (node.kind === 'opaque' || node.kind === 'invalid' || node.kind === 'use-conditional') return;
    if (node.kind !== 'atom') node.children.forEach(visit);
    else if (node.atom.blocker === '') {
      for (const candidate of lookup(node.atom.category, node.atom.name)) {
        if (matchesAtom(node.atom, candidate)) result.add(candidate);
      }
    }
  };
  nodes.forEach(visit);
  return [...result];
}

function asksForNothing(node: AtomNode): boolean {
  return node.atom.blocker !== '';
}

function isAtomSatisfied(atom: Atom, lookup: PackageLookup): boolean {
  for (const candidate of lookup(atom.category, atom.name)) {
    if (matchesAtom(atom, candidate)) return true;
  }
  return false;
}
