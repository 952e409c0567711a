import { type DeclaredAtom, declaredAtoms } from '../ebuild/declared.ts';
import type { EbuildFacts } from '../ebuild/ebuild-facts.ts';
import { packageVariables } from '../ebuild/package-variables.ts';
import type { Atom } from '../pms/atom.ts';
import { parseAtom, printAtom } from '../pms/atom.ts';
import { ALWAYS, activeWhen, type Condition, holdsFor, isNever } from '../pms/condition.ts';
import { collectAtoms, parseDependency } from '../pms/dependency.ts';
import { DEPENDENCY_VARIABLES, type DependencyVariable } from '../pms/dependency-variable.ts';
import type { Removal, TrialRecord } from './record.ts';
import type { PlacedAtom } from './subject.ts';

/** Everything that the findings of a trial need, read once for all of them. */
export interface TrialSubject {
  /** The current text, which may be later than the text that was built. */
  readonly facts: EbuildFacts;
  /** The record of the configured USE state; it also has what holds for all states. */
  readonly record: TrialRecord;
  /** The records of all USE states that were tried, the configured one first. */
  readonly states: readonly TrialRecord[];
  /** Every atom that the current text declares, variable by variable. */
  readonly atoms: readonly PlacedAtom[];
  /** The same atoms by `category/name`. */
  readonly atomsByName: ReadonlyMap<string, readonly PlacedAtom[]>;
  /** The atoms that eclasses added when the trial ran. */
  readonly inherited: readonly InheritedAtom[];
}

/** An atom that an eclass adds, so that the text does not show it. */
export interface InheritedAtom {
  readonly variable: DependencyVariable;
  readonly atom: Atom;
  readonly condition: Condition;
}

/** Reads a record and a text for the findings of a trial. Total. */
export function readTrial(record: TrialRecord, facts: EbuildFacts): TrialSubject {
  const predefined = packageVariables(record.category, record.packageAndVersion);
  const atoms = DEPENDENCY_VARIABLES.flatMap((variable) => declaredAtoms(facts, variable, predefined));
  return {
    facts,
    record,
    states: [record, ...record.variants],
    atoms,
    atomsByName: groupByName(atoms, ({ atom }) => [`${atom.category}/${atom.name}`]),
    inherited: DEPENDENCY_VARIABLES.flatMap((variable) => inheritedAtoms(record, variable)),
  };
}

/** Groups things by name; a thing may have several names, and a name several things. */
export function groupByName<Thing>(
  things: readonly Thing[],
  namesOf: (thing: Thing) => readonly string[],
): ReadonlyMap<string, readonly Thing[]> {
  const groups = new Map<string, Thing[]>();
  for (const thing of things) {
    for (const name of namesOf(thing)) {
      const group = groups.get(name);
      if (group === undefined) groups.set(name, [thing]);
      else group.push(thing);
    }
  }
  return groups;
}

function inheritedAtoms(record: TrialRecord, variable: DependencyVariable): InheritedAtom[] {
  const texts = record.inherited[variable];
  if (texts.length === 0) return [];
  const { nodes } = parseDependency(record.evaluated[variable]);
  return collectAtoms(parseDependency(texts.join(' ')).nodes).map(({ atom }) => {
    const text = printAtom(atom);
    const condition = activeWhen(nodes, (leaf) => printAtom(leaf.atom) === text);
    return { variable, atom, condition: isNever(condition) ? ALWAYS : condition };
  });
}

/**
 * Whether an atom of the text is active in a USE state (PMS 8.2.2).
 *
 * @returns undefined if that cannot be known: the ebuild did not have the flag when the trial ran, only bash knows
 *   the flag's name, or the atom is in a branch that bash may skip
 */
export function isActive(atom: DeclaredAtom, state: TrialRecord): boolean | undefined {
  let known = atom.exact || atom.unknown.length > 0 || atom.generator !== undefined;
  for (const { flag, negated } of atom.conditions) {
    const enabled = state.use.includes(flag);
    if (!enabled && !state.iuse.includes(flag)) known = false;
    else if (enabled === negated) return false;
  }
  return known ? true : undefined;
}

/** Whether an eclass's atom is active in a USE state. */
export function isInheritedActive({ condition }: InheritedAtom, state: TrialRecord): boolean {
  return holdsFor(condition, new Set(state.use));
}

/** The outcome of the build without an atom of the text in a USE state; undefined if there was none. */
export function removalIn({ removals }: TrialRecord, place: PlacedAtom): Removal | undefined {
  const candidates = removals.filter(({ variable }) => variable === place.variable);
  if (candidates.length === 0) return undefined;
  const text = printAtom(place.atom);
  return candidates.find(({ atom }) => atom === text || printKnown(atom, place) === text);
}

/** Prints an evaluated atom without the parts that the text leaves to bash, such as `[${PYTHON_USEDEP}]`. */
function printKnown(evaluated: string, { atom: written, unknown }: PlacedAtom): string | undefined {
  const { atom } = parseAtom(evaluated);
  if (atom === undefined || unknown.length === 0) return undefined;
  const { operator, version, glob, slot, subslot, slotOperator, use } = written;
  return printAtom({
    ...atom,
    ...(unknown.includes('version') && { operator, version, glob }),
    ...(unknown.includes('slot') && { slot, subslot, slotOperator }),
    ...(unknown.includes('use') && { use }),
  });
}

/**
 * The builds without the atom, one for each state in which it is active; undefined unless all of them gave the same
 * result.
 */
export function needlessBuilds({ states }: TrialSubject, place: PlacedAtom): readonly Removal[] | undefined {
  const inBranch = !place.exact && place.generator === undefined && place.unknown.length === 0;
  if (place.atom.blocker !== '' || inBranch) return undefined;
  const builds: Removal[] = [];
  for (const state of states) {
    const active = isActive(place, state);
    if (active === false) continue;
    const removal = removalIn(state, place);
    if (active === undefined || state.outcome !== 'passed' || removal?.outcome !== 'same') return undefined;
    builds.push(removal);
  }
  return builds.length === 0 ? undefined : builds;
}
