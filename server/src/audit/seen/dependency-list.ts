/** What a trial saw, dependency by dependency, for a reader who wants to know why a package is in an ebuild, or should be. */
import { showName } from '../../errors/visible-text.ts';
import { printAtom } from '../../pms/atom.ts';
import { DEPENDENCY_VARIABLES, type DependencyVariable } from '../../pms/dependency-variable.ts';
import { nameOf } from '../../pms/package-name.ts';
import type { TextRange } from '../../pms/text-range.ts';
import { namesPackage } from '../declared-packages.ts';
import type { Finding } from '../finding.ts';
import type { PlacedAtom } from '../subject.ts';
import { groupByName, isActive, isInheritedActive, type TrialSubject } from '../trial-subject.ts';
import { listSeenPackages, type SeenAccess, type SeenPackage } from './seen-packages.ts';

/**
 * A dependency variable that declares it; `undeclared` if nothing does; `closure` if only other declared packages bring it, and `system` if
 * @system does.
 */
export type DependencyGroup = 'undeclared' | DependencyVariable | 'closure' | 'system';

/** A declared atom, or a package that the trial saw and that no atom declares. */
export interface SeenDependency {
  /** Names it among those of the same record and text. */
  readonly id: string;
  readonly group: DependencyGroup;
  /** As the text or an eclass has it; for other packages, the atom that an author would write. */
  readonly atom: string;
  /**
   * `needed`: the build needs it. `used`: it was used. `named`: installed files only name it. `looked-for`: the build looked for it and passed
   * without. `not-used`: no use was seen that points to the variable. `not-installed`: no installed package satisfies the atom.
   */
  readonly state: 'needed' | 'used' | 'named' | 'looked-for' | 'not-used' | 'not-installed';
  /** The variable that declares it; for an undeclared package, those in which it would belong. */
  readonly variables: readonly DependencyVariable[];
  /** The place of the atom; for other packages that of its finding. Absent if there is none: an eclass declares it. */
  readonly range?: TextRange;
  readonly findings: readonly Finding[];
  /** The packages that were seen, with the accesses that count for the group. */
  readonly packages: readonly SeenPackage[];
}

/** The dependencies that a trial saw, and what the list leaves out. */
export interface DependencyList {
  /** Undeclared packages first, then each variable in the order of the text, then what others bring. */
  readonly dependencies: readonly SeenDependency[];
  /** The number of atoms of the text that no USE state of the trial has switched on. */
  readonly inactive: number;
}

/** An atom of the text or of an eclass that is active in a USE state that was tried. */
interface ActiveAtom {
  readonly variable: DependencyVariable;
  readonly atom: PlacedAtom['atom'];
  readonly place?: PlacedAtom;
}

/**
 * Lists what the trial saw by the dependencies of the current text. Total.
 *
 * @param findings those of the current text
 */
export function listDependencies(subject: TrialSubject, findings: readonly Finding[]): DependencyList {
  const { active, inactive } = listActive(subject);
  const seen = listSeenPackages(subject.states);
  const byName = groupByName(seen, ({ names }) => names);
  const declaredIn = new Map<SeenPackage, Set<DependencyVariable>>();
  const matches = new Map<ActiveAtom, readonly SeenPackage[]>();
  for (const declared of active) {
    const found = (byName.get(nameOf(declared.atom)) ?? []).filter((has) => namesPackage(declared.atom, has));
    matches.set(declared, found);
    for (const has of found) declaredIn.set(has, (declaredIn.get(has) ?? new Set()).add(declared.variable));
  }
  const atoms = groupByName(subject.atoms, ({ atom }) => [nameOf(atom)]);
  const about = groupByName(findings, (finding) => finding.about);
  const others = seen
    .filter((has) => !declaredIn.has(has))
    .map((has) => describeOther(has, [...new Set(has.names.flatMap((name) => about.get(name) ?? []))]));
  const nameOnce = createNames();
  const declared = active.map((atom): SeenDependency => {
    const name = nameOf(atom.atom);
    const found = findingsAt(atom, about.get(name) ?? [], atoms.get(name) ?? []);
    const packages = (matches.get(atom) ?? []).map((has) =>
      pointingTo(has, atom.variable, declaredIn.get(has)),
    );
    const described = describeDeclared(atom, packages, subject);
    const id = nameOnce(showName(`${atom.variable} ${described.atom}`));
    return { id, ...described, findings: found };
  });
  const ordered = [...others, ...declared];
  return { dependencies: GROUPS.flatMap((group) => ordered.filter((one) => one.group === group)), inactive };
}

/** Makes the function that gives a name as it is, and with a number if it was given before. */
function createNames(): (name: string) => string {
  const given = new Map<string, number>();
  return (name) => {
    const count = (given.get(name) ?? 0) + 1;
    given.set(name, count);
    return count === 1 ? name : `${name} ${count}`;
  };
}

/** In the order of the list. */
const GROUPS: readonly DependencyGroup[] = ['undeclared', ...DEPENDENCY_VARIABLES, 'closure', 'system'];

function listActive(subject: TrialSubject): {
  readonly active: readonly ActiveAtom[];
  readonly inactive: number;
} {
  const { atoms, inherited, states } = subject;
  const plain = atoms.filter(({ atom }) => atom.blocker === '');
  const on = plain.filter((place) => states.some((state) => isActive(place, state) !== false));
  const fromEclasses = inherited.filter(
    (found) => found.atom.blocker === '' && states.some((state) => isInheritedActive(found, state)),
  );
  return {
    active: [
      ...on.map((place): ActiveAtom => ({ variable: place.variable, atom: place.atom, place })),
      ...fromEclasses.map(({ variable, atom }): ActiveAtom => ({ variable, atom })),
    ],
    inactive: plain.length - on.length,
  };
}

/** The package with the accesses that point to a variable, or to none that declares it. */
function pointingTo(
  has: SeenPackage,
  variable: DependencyVariable,
  declaredIn: ReadonlySet<DependencyVariable> | undefined,
): SeenPackage {
  const counts = ({ wanted }: SeenAccess): boolean =>
    wanted === undefined || wanted === variable || declaredIn?.has(wanted) !== true;
  return { ...has, accesses: has.accesses.filter(counts) };
}

function describeDeclared(
  { variable, atom, place }: ActiveAtom,
  packages: readonly SeenPackage[],
  { facts, states }: TrialSubject,
): Omit<SeenDependency, 'id' | 'findings'> {
  const text = printAtom(atom);
  const used = packages.filter(({ accesses }) => accesses.length > 0);
  const isAbsent = states.some(({ notInstalled }) =>
    notInstalled.some((absent) => absent.variable === variable && absent.atom === text),
  );
  return {
    group: variable,
    atom: (place && writtenAtom(facts.text, place)) ?? text,
    state: isAbsent ? 'not-installed' : (used[0]?.state ?? 'not-used'),
    variables: [variable],
    ...(place !== undefined && { range: place.range }),
    packages: used,
  };
}

/** The atom as the text has it, with the parts that only bash knows; undefined if an expansion contains it. */
function writtenAtom(text: string, { range, atom }: PlacedAtom): string | undefined {
  const written = text.slice(range.start, range.end);
  return written.includes(nameOf(atom)) && !/^\$|\s/.test(written) ? written : undefined;
}

function describeOther(has: SeenPackage, findings: readonly Finding[]): SeenDependency {
  const { licence, state, package: own, names, atom, variables } = has;
  const isBrought = state === 'used' && (licence === 'closure' || licence === 'system');
  const [first] = findings;
  return {
    id: showName(`${names[0]}:${own.slot} ${own.version}`),
    group: isBrought ? licence : 'undeclared',
    atom,
    state,
    variables,
    ...(first !== undefined && { range: first.range }),
    findings,
    packages: [has],
  };
}

/**
 * Leaves out the findings that stand at another atom of the same package.
 *
 * @param findings those about the package
 * @param same the atoms of the package in the text
 */
function findingsAt(
  { place }: ActiveAtom,
  findings: readonly Finding[],
  same: readonly PlacedAtom[],
): readonly Finding[] {
  const touches = (finding: Finding, { range }: PlacedAtom): boolean =>
    finding.range.start < range.end && range.start < finding.range.end;
  return findings.filter(
    (finding) =>
      (place !== undefined && touches(finding, place)) || !same.some((other) => touches(finding, other)),
  );
}
