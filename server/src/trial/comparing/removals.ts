import type { ImageDifference, Removal } from '../../audit/record.ts';
import type { RootState } from '../../host/root-state.ts';
import type { InstalledPackage } from '../../installed/vdb.ts';
import { parseAtom, printAtom } from '../../pms/atom.ts';
import { type AtomNode, collectAtoms, type DependencyNode } from '../../pms/dependency.ts';
import { BUILD_VARIABLES, type BuildVariable } from '../../pms/dependency-variable.ts';
import { hasChildren, isItem } from '../../pms/specification.ts';
import type { BuildOutcome } from '../builder/build-plan.ts';
import { packagesOf } from '../builder/build-view.ts';

/**
 * A declared atom that is active in the USE state of the trial. Its variable is DEPEND or BDEPEND, because no build can prove that an atom
 * of a runtime variable is unused.
 */
interface DeclaredAtom {
  readonly variable: BuildVariable;
  readonly node: AtomNode;
  /** The atom of the ebuild as `printAtom` prints it. */
  readonly printed: string;
}

/** Declared atoms that only make a difference together, because each keeps a package of the others visible. */
export interface RemovalCandidate {
  readonly atoms: readonly DeclaredAtom[];
  readonly packages: ReadonlySet<InstalledPackage>;
}

/** Packages of these categories make users and groups (GLEP 81), and a build that uses those accesses none of their files. */
const ACCOUNT_CATEGORIES = ['acct-group', 'acct-user'];

/**
 * Lists the declared atoms that may be unused, because none of their packages was used. The alternatives of a `|| ( )` are one candidate,
 * and so are atoms that name the same package, also through a virtual.
 *
 * @param declared the nodes that are active in the USE state of the trial
 * @param inherited the atoms of eclasses, as `printAtom` prints them; the author cannot remove them
 * @param isUsed whether the ebuild's own processes or the image used a package
 */
export function listRemovalCandidates(
  declared: Readonly<Record<BuildVariable, readonly DependencyNode[]>>,
  inherited: Readonly<Record<BuildVariable, readonly string[]>>,
  isUsed: (installed: InstalledPackage) => boolean,
  root: Pick<RootState, 'lookup'> & { readonly index: Pick<RootState['index'], 'filesOf'> },
): RemovalCandidate[] {
  const single = BUILD_VARIABLES.flatMap((variable) =>
    listRemovable(declared[variable]).map((nodes): RemovalCandidate => {
      const atoms = nodes
        .filter(({ atom }) => atom.blocker === '')
        .map((node) => ({ variable, node, printed: printWritten(node) }));
      return { atoms, packages: packagesOf(nodes, root) };
    }),
  );
  return joinByPackage(single).filter(({ atoms, packages }) => {
    const isFixed = ({ variable, node, printed }: DeclaredAtom) =>
      inherited[variable].includes(printed) || ACCOUNT_CATEGORIES.includes(node.atom.category);
    // No build can show whether a package without files is visible.
    const ownsFiles = [...packages].some(
      (installed) => !root.index.filesOf(installed)[Symbol.iterator]().next().done,
    );
    return ownsFiles && !atoms.some(isFixed) && ![...packages].some(isUsed);
  });
}

/** The groups of atoms that can be removed: each atom alone, and all atoms of an any-of group together. */
function listRemovable(nodes: readonly DependencyNode[]): AtomNode[][] {
  return nodes.flatMap((node) => {
    if (isItem(node)) return [[node]];
    if (!hasChildren(node)) return [];
    return node.kind === 'all-of' ? listRemovable(node.children) : [collectAtoms([node])];
  });
}

/** Prints USE dependencies as they are written, not as they are evaluated in this USE state. */
function printWritten({ atom, text }: AtomNode): string {
  return printAtom(parseAtom(text).atom ?? atom);
}

function joinByPackage(candidates: readonly RemovalCandidate[]): RemovalCandidate[] {
  const joined: RemovalCandidate[] = [];
  for (const candidate of candidates) {
    const sharesPackage = ({ packages }: RemovalCandidate) =>
      [...packages].some((installed) => candidate.packages.has(installed));
    const related = joined.filter(sharesPackage);
    for (const relative of related) joined.splice(joined.indexOf(relative), 1);
    const parts = [...related, candidate];
    joined.push({
      atoms: parts.flatMap(({ atoms }) => atoms),
      packages: new Set(parts.flatMap(({ packages }) => [...packages])),
    });
  }
  return joined;
}

/** A build without some atoms, compared with the build with them. */
export interface RemovedBuild {
  readonly outcome: Pick<BuildOutcome, 'passed'>;
  /** Empty if it failed. */
  readonly differences: readonly ImageDifference[];
  /** Whether there may be other differences, because not everything could be compared. */
  readonly isPartial?: boolean;
}

export interface RemovalBuilds {
  /** Whether src_test passed in the build with the atoms; if so, the builds without them run it too. */
  readonly tested: boolean;
  /** Whether tests that could not be run may need the candidate. */
  mayServeTests(candidate: RemovalCandidate): boolean;
  /** @param withheld texts of atoms */
  without(withheld: readonly string[]): Promise<RemovedBuild>;
}

/**
 * Finds the outcome of the build without each candidate. One build is enough if none of the candidates is missed; otherwise they are left
 * out one by one. A candidate that tests may need, which could not be run, is `untried`.
 *
 * @param mostBuilds limit in builds; candidates that are undecided after that many are `untried`
 */
export async function tryRemovals(
  candidates: readonly RemovalCandidate[],
  { tested, mayServeTests, without }: RemovalBuilds,
  mostBuilds: number,
): Promise<Removal[]> {
  let left = mostBuilds;
  const buildWithout = async (removed: readonly RemovalCandidate[]): Promise<RemovedBuild | undefined> => {
    if (left === 0 || removed.length === 0) return undefined;
    left -= 1;
    return without(removed.flatMap(({ atoms }) => atoms.map(({ node }) => node.text)));
  };
  const tryable = candidates.filter((candidate) => !mayServeTests(candidate));
  const withoutAll = await buildWithout(tryable);
  const decidesAll = tryable.length === 1 || (withoutAll !== undefined && hasNoEffect(withoutAll));
  const results = new Map<RemovalCandidate, RemovedBuild | undefined>();
  for (const candidate of tryable)
    results.set(candidate, decidesAll ? withoutAll : await buildWithout([candidate]));
  return candidates.flatMap((candidate) => {
    const result = results.get(candidate);
    return candidate.atoms.map(
      ({ variable, printed }): Removal => ({
        variable,
        atom: printed,
        outcome: result === undefined ? 'untried' : outcomeOf(result),
        tested: result !== undefined && tested,
        differences: result?.differences ?? [],
      }),
    );
  });
}

function hasNoEffect({ outcome, differences }: RemovedBuild): boolean {
  return outcome.passed && differences.length === 0;
}

function outcomeOf(build: RemovedBuild): Removal['outcome'] {
  if (!build.outcome.passed) return 'fails';
  if (!hasNoEffect(build)) return 'differs';
  return build.isPartial === true ? 'untried' : 'same';
}
