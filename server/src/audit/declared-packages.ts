import type { Atom } from '../pms/atom.ts';
import type { DependencyVariable } from '../pms/dependency-variable.ts';
import { packageId } from '../pms/package-id.ts';
import { nameInAtom, nameOf as nameOfPackage, type PackageName } from '../pms/package-name.ts';
import type { Evidence, RecordedPackage } from '../trace/evidence.ts';
import { variableFor } from '../trace/use-kind.ts';
import type { PackageUse, TrialRecord } from './record.ts';
import type { PlacedAtom } from './subject.ts';
import { groupByName, isActive, isInheritedActive, type TrialSubject } from './trial-subject.ts';

/** A package of the record, and the atom that an author would write for it, which may be that of a virtual. */
export interface Sought {
  readonly package: RecordedPackage;
  readonly atom: string;
}

/**
 * Records are judged again at every keystroke, so results that depend on a record alone are cached as long as it
 * lives.
 */
const namesKept = new WeakMap<Sought, readonly PackageName[]>();
const usesKept = new WeakMap<TrialRecord, ReadonlyMap<string, readonly PackageUse[]>>();

/**
 * The names by which an atom may declare the package: its own name first, then that of the virtual that stands for
 * it.
 */
export function namesFor(sought: Sought): readonly PackageName[] {
  const known = namesKept.get(sought);
  if (known !== undefined) return known;
  const own = nameOf(sought);
  const names = [...new Set([own, nameInAtom(sought.atom) ?? own])];
  namesKept.set(sought, names);
  return names;
}

/**
 * Whether an atom declares the package, by its name or by that of the virtual that stands for it. A slot must be the
 * package's own. Versions and flags are not compared: an atom that asks for others is not a missing atom.
 */
export function namesPackage(atom: Atom, sought: Sought): boolean {
  if (atom.blocker !== '') return false;
  const has = sought.package;
  if (atom.category === has.category && atom.name === has.name)
    return atom.slot === undefined || atom.slot === has.slot;
  return namesFor(sought).includes(nameOfPackage(atom));
}

/** The uses, in a USE state, of the packages that an atom declares. */
export function usesOf(state: TrialRecord, atom: Atom): PackageUse[] {
  let byName = usesKept.get(state);
  if (byName === undefined) {
    byName = groupByName(state.uses, namesFor);
    usesKept.set(state, byName);
  }
  const uses = byName.get(nameOfPackage(atom)) ?? [];
  return uses.filter((use) => namesPackage(atom, use));
}

/** The atoms of the text that declare the package in one of the variables, under any conditions. */
export function atomsFor(
  { atomsByName }: TrialSubject,
  sought: Sought,
  variables: readonly DependencyVariable[],
): PlacedAtom[] {
  return namesFor(sought)
    .flatMap((name) => atomsByName.get(name) ?? [])
    .filter(
      ({ variable, atom }) =>
        (variables as readonly string[]).includes(variable) && namesPackage(atom, sought),
    );
}

/** Those of {@link atomsFor} that name the package itself, and not a virtual that stands for it. */
export function ownAtomsFor(
  subject: TrialSubject,
  sought: Sought,
  variables: readonly DependencyVariable[],
): PlacedAtom[] {
  const { category, name } = sought.package;
  return atomsFor(subject, sought, variables).filter(
    ({ atom }) => atom.category === category && atom.name === name,
  );
}

/**
 * Whether the current text, or an eclass, declares the package in one of the variables in a USE state. An atom whose
 * condition cannot be decided counts as declared.
 */
export function declares(
  subject: TrialSubject,
  state: TrialRecord,
  sought: Sought,
  variables: readonly DependencyVariable[],
): boolean {
  return (
    atomsFor(subject, sought, variables).some((atom) => isActive(atom, state) !== false) ||
    subject.inherited.some(
      (inherited) =>
        variables.includes(inherited.variable) &&
        namesPackage(inherited.atom, sought) &&
        isInheritedActive(inherited, state),
    )
  );
}

/** Whether an eclass declares the package in one of the variables in any USE state. */
export function isInherited(
  { inherited }: TrialSubject,
  sought: Sought,
  variables: readonly DependencyVariable[],
): boolean {
  return inherited.some(({ variable, atom }) => variables.includes(variable) && namesPackage(atom, sought));
}

/** Whether the package was used in a way that points to the variable. */
export function isUsedAs({ kinds }: PackageUse, variable: DependencyVariable): boolean {
  return kinds.some(({ kind }) => variableFor(kind) === variable);
}

/** Whether both are the same package. Slots make different packages, versions do not. */
export function isSameSlot({ package: left }: Sought, { package: right }: Sought): boolean {
  return left.category === right.category && left.name === right.name && left.slot === right.slot;
}

/** The key that two packages share if {@link isSameSlot} is true for them. */
export function keyOf(sought: Pick<Sought, 'package'>): string {
  return `${nameOf(sought)}:${sought.package.slot}`;
}

/** The names of {@link namesFor}, but first the one in the atom that an author would write. */
export function suggestedNames(sought: Sought): readonly PackageName[] {
  return namesFor(sought).toReversed();
}

/** `category/name`. */
export function nameOf(sought: Pick<Sought, 'package'>): PackageName {
  return nameOfPackage(sought.package);
}

/** `category/name-version`, the folder of the package in the VDB. */
export function ownerOf(sought: Sought): string {
  return packageId(sought.package);
}

/** One piece of evidence for each kind of use: more would hide the important ones. */
export function evidenceOf(uses: readonly PackageUse[]): Evidence[] {
  return uses.flatMap(({ kinds }) => kinds.flatMap(({ evidence }) => evidence.slice(0, 1)));
}
