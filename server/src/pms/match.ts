import type { Atom } from './atom.ts';
import type { AtomNode, DependencyNode } from './dependency.ts';
import { isMatched } from './specification.ts';
import type { UseDependency } from './use-dependency.ts';
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

/** Whether the version is one that the atom takes, whatever else the atom asks for (PMS 8.3.1). A wrong version is none. */
export function matchesVersion(atom: Atom, text: string): boolean {
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
  const hasFlag = candidate.iuse === undefined || candidate.iuse.some((flag) => isFlagOf(flag, use.flag));
  if (!hasFlag && !candidate.use.includes(use.flag))
    return use.missing !== '' && (use.missing === '+') === wanted;
  return candidate.use.includes(use.flag) === wanted;
}

/** Whether an entry of IUSE, which may begin with its default `+` or `-`, is this flag. */
function isFlagOf(entry: string, flag: string): boolean {
  return entry === flag || ((entry[0] === '+' || entry[0] === '-') && entry.slice(1) === flag);
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
 * Whether the packages satisfy the whole dependency (PMS 8.2). Unexpanded and invalid words ask for nothing, and neither do
 * blockers, except as an alternative: there one is matched when no package is what it blocks (PMS 8.2.3). What blocks is
 * told by `blockedPackages`.
 *
 * @param nodes a tree from which `evaluateUse` has taken the conditionals; one that is left asks for nothing
 * @param eapi decides whether an empty any-of group is satisfied: up to EAPI 6; not where it is left out
 */
export function isSatisfied(
  nodes: readonly DependencyNode[],
  packages: Iterable<PackageFacts> | PackageLookup,
  eapi?: string,
): boolean {
  const lookup = typeof packages === 'function' ? packages : lookupIn(packages);
  const required = new Set(requiredBlockers(nodes));
  return isMatched(
    nodes,
    (node) => required.has(node) || isAtomSatisfied(node.atom, lookup) === (node.atom.blocker === ''),
    eapi,
  );
}

/** The blockers that are no alternative of a group. */
function requiredBlockers(nodes: readonly DependencyNode[]): AtomNode[] {
  return nodes.flatMap((node) => {
    if (node.kind === 'atom') return node.atom.blocker === '' ? [] : [node];
    return node.kind === 'all-of' ? requiredBlockers(node.children) : [];
  });
}

/**
 * The packages that the blockers of an evaluated tree forbid (PMS 8.3.2), with the blocker that does. Blockers among the
 * alternatives of a group forbid nothing.
 *
 * @param own the package that has the dependency: a weak blocker does not mean its own version
 */
export function blockedPackages(
  nodes: readonly DependencyNode[],
  lookup: PackageLookup,
  own?: Pick<PackageFacts, 'category' | 'name' | 'version'>,
): { readonly blocker: AtomNode; readonly blocked: PackageFacts }[] {
  return requiredBlockers(nodes).flatMap((blocker) => {
    const { atom } = blocker;
    const blocked = [...lookup(atom.category, atom.name)].filter(
      (candidate) =>
        matchesAtom(atom, candidate) &&
        !(
          atom.blocker === '!' &&
          candidate.category === own?.category &&
          candidate.name === own.name &&
          candidate.version === own.version
        ),
    );
    return blocked.map((candidate) => ({ blocker, blocked: candidate }));
  });
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
      const open = node.children.filter((child) => !isUnmatchedBlocker(child, lookup));
      const alternatives = open.map((child) => unsatisfiedIn(child, lookup));
      const fewest = Math.min(...alternatives.map((missing) => missing.length));
      return alternatives.find((missing) => missing.length === fewest) ?? [];
    }
    default:
      return [];
  }
}

/** A blocker of a package that is there. As an alternative it cannot be chosen. */
function isUnmatchedBlocker(node: DependencyNode, lookup: PackageLookup): boolean {
  return node.kind === 'atom' && node.atom.blocker !== '' && isAtomSatisfied(node.atom, lookup);
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
