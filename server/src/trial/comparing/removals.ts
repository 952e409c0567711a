import type { ImageDifference, Removal } from '../../audit/record.ts';
import type { RootState } from '../../host/root-state.ts';
import type { InstalledPackage } from '../../installed/vdb.ts';
import { parseAtom, printAtom } from '../../pms/atom.ts';
import { type AtomNode, collectAtoms, type DependencyNode } from '../../pms/dependency.ts';
import { BUILD_VARIABLES, type BuildVariable } from '../../pms/dependency-variable.ts';
import { hasChildren, isItem } from '../../pms/specification.ts';
import type { BuildOutcome } from '../builder/build-plan.ts';
import { packagesOf } from '../builder/build-view.ts';

/** The variables whose atoms a build is made without: what is declared for run time, no build can prove to be of no use. */

/** A declared atom that is active in the USE state of the trial. */
interface DeclaredAtom {
  readonly variable: BuildVariable;
  readonly node: AtomNode;
  /** As `printAtom` prints what stands in the ebuild. */
  readonly printed: string;
}

/** Declared atoms that only make a difference together, because one of their packages would stay for another's sake. */
export interface RemovalCandidate {
  readonly atoms: readonly DeclaredAtom[];
  readonly packages: ReadonlySet<InstalledPackage>;
}

/** These make users and groups (GLEP 81), which no build names as files of theirs. */
const ACCOUNT_CATEGORIES = ['acct-group', 'acct-user'];

/**
 * Lists the declared atoms that may be of no use: no package that they stand for was used. The alternatives of a `|| ( )` are one
 * candidate, and so are atoms that name the same package, or whose virtuals do.
 *
 * Never one: an atom of an eclass, which the author cannot remove; a blocker; one whose packages own no file, because no build can tell
 * whether they are there; and users and groups.
 *
 * @param declared the nodes that are active in the USE state of the trial
 * @param inherited the atoms of eclasses, as `printAtom` prints them
 * @param isUsed whether the ebuild's own processes or the image used a package
 */
export function listRemovalCandidates(
  declared: Readonly<Record<BuildVariable, readonly DependencyNode[]>>,
  inherited: Readonly<Record<BuildVariable, readonly string[]>>,
  isUsed: (one: InstalledPackage) => boolean,
  root: Pick<RootState, 'lookup' | 'index'>,
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
    const ownsFiles = [...packages].some((one) => !root.index.filesOf(one)[Symbol.iterator]().next().done);
    return ownsFiles && !atoms.some(isFixed) && ![...packages].some(isUsed);
  });
}

/** The atoms that can be removed one by one, and of each any-of group all of its atoms. */
function listRemovable(nodes: readonly DependencyNode[]): AtomNode[][] {
  return nodes.flatMap((node) => {
    if (isItem(node)) return [[node]];
    if (!hasChildren(node)) return [];
    return node.kind === 'all-of' ? listRemovable(node.children) : [collectAtoms([node])];
  });
}

/** USE dependencies as they are written, not as they come to in this USE state. */
function printWritten({ atom, text }: AtomNode): string {
  return printAtom(parseAtom(text).atom ?? atom);
}

function joinByPackage(candidates: readonly RemovalCandidate[]): RemovalCandidate[] {
  const joined: RemovalCandidate[] = [];
  for (const candidate of candidates) {
    const isSame = ({ packages }: RemovalCandidate) =>
      [...packages].some((one) => candidate.packages.has(one));
    const same = joined.filter(isSame);
    for (const one of same) joined.splice(joined.indexOf(one), 1);
    const all = [...same, candidate];
    joined.push({
      atoms: all.flatMap(({ atoms }) => atoms),
      packages: new Set(all.flatMap(({ packages }) => [...packages])),
    });
  }
  return joined;
}

/** A build without some atoms, beside the build with them. */
export interface RemovedBuild {
  readonly outcome: BuildOutcome;
  /** Empty where it failed. */
  readonly differences: readonly ImageDifference[];
}

export interface RemovalBuilds {
  /** Whether src_test was run, and passed, in the build with the atoms; if so it is run in those without. */
  readonly tested: boolean;
  /** Whether it may be there for tests of which nobody knows how they would go without it. */
  mayServeTests(candidate: RemovalCandidate): boolean;
  /** @param withheld texts of atoms */
  without(withheld: readonly string[]): Promise<RemovedBuild>;
}

/**
 * Finds out what becomes of the build without each candidate. What none of the candidates is missed in needs no more than one build; the
 * others are then left out one by one. What may serve tests that nobody could run is `untried`.
 *
 * @param mostBuilds what is not known after so many is `untried`
 */
export async function tryRemovals(
  candidates: readonly RemovalCandidate[],
  { tested, mayServeTests, without }: RemovalBuilds,
  mostBuilds: number,
): Promise<Removal[]> {
  let left = mostBuilds;
  const build = async (some: readonly RemovalCandidate[]): Promise<RemovedBuild | undefined> => {
    if (left === 0 || some.length === 0) return undefined;
    left -= 1;
    return without(some.flatMap(({ atoms }) => atoms.map(({ node }) => node.text)));
  };
  const tryable = candidates.filter((one) => !mayServeTests(one));
  const whole = await build(tryable);
  const results = new Map<RemovalCandidate, RemovedBuild | undefined>();
  for (const one of tryable) {
    const needsNoBuild = tryable.length === 1 || (whole !== undefined && outcomeOf(whole) === 'same');
    results.set(one, needsNoBuild ? whole : await build([one]));
  }
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

function outcomeOf({ outcome, differences }: RemovedBuild): 'same' | 'differs' | 'fails' {
  if (!outcome.passed) return 'fails';
  return differences.length === 0 ? 'same' : 'differs';
}
