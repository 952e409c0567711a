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

/** Everything that the findings of a trial look at, read once for all of them. */
export interface TrialSubject {
  /** What the text says now, which may be a later one than was built. */
  readonly facts: EbuildFacts;
  /** Of the configured USE state; what holds for every state is in it too. */
  readonly record: TrialRecord;
  /** The records of all USE states that were tried, the configured one first. */
  readonly states: readonly TrialRecord[];
  /** Every atom that the text declares now, variable by variable. */
  readonly atoms: readonly PlacedAtom[];
  /** The same by `category/name`. */
  readonly atomsByName: ReadonlyMap<string, readonly PlacedAtom[]>;
  /** What eclasses add, as it was when the trial ran. */
  readonly inherited: readonly InheritedAtom[];
}

/** An atom that the text does not show. */
export interface InheritedAtom {
  readonly variable: DependencyVariable;
  readonly atom: Atom;
  readonly condition: Condition;
}

/** Puts a record and a text together. Total. */
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

/** Things by their names, of which each may have several. */
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
 * Whether an atom of the text holds in a USE state (PMS 8.2.2).
 *
 * @returns undefined where that cannot be known: the flag is one that the ebuild did not have when the trial ran, only bash knows its
 *   name, or the atom stands in a branch that bash may not take
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

/** Whether an eclass's atom holds in a USE state. */
export function isInheritedActive({ condition }: InheritedAtom, state: TrialRecord): boolean {
  return holdsFor(condition, new Set(state.use));
}

/** What became of the build without an atom of the text in a USE state; undefined where there was none. */
export function removalIn({ removals }: TrialRecord, place: PlacedAtom): Removal | undefined {
  const candidates = removals.filter(({ variable }) => variable === place.variable);
  if (candidates.length === 0) return undefined;
  const text = printAtom(place.atom);
  return candidates.find(({ atom }) => atom === text || printKnown(atom, place) === text);
}

/** An evaluated atom without the parts of which the text says only that bash knows them, such as `[${PYTHON_USEDEP}]`. */
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

/** The builds without the atom, one for each state in which it is active; undefined where not all of them are known to be the same. */
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
