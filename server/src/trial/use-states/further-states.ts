import { isInDependencies, readFlagEffects } from '../../audit/flag-effects.ts';
import type { TrialRecord } from '../../audit/record.ts';
import { printAtom } from '../../pms/atom.ts';
import { activeWhen } from '../../pms/condition.ts';
import { collectAtoms, parseDependency } from '../../pms/dependency.ts';
import {
  BUILD_VARIABLES,
  DEPENDENCY_VARIABLES,
  type DependencyVariable,
} from '../../pms/dependency-variable.ts';
import type { ChosenStates, UseState } from './choose-states.ts';

/** Limit in states that are tried because of what others have shown. */
const MOST_FURTHER = 6;

/** The states that have been tried or are about to be, and how to make others. */
export interface TriedStates extends Pick<ChosenStates, 'free' | 'stateWith'> {
  readonly tried: readonly UseState[];
  /** How many of them were chosen before anything was built. */
  readonly chosen: number;
}

/**
 * Chooses one more USE state, in which a pair of flags is on, where states with each of them alone leave a question open: an atom is declared
 * under both; the build fails with one of them, and may pass beside another; an atom that is declared under one of them seems unused; one of
 * them changes nothing that is installed.
 *
 * @param record of the configured state, with those of all states that were tried
 * @returns undefined if nothing is open, or the limit is reached
 */
export function chooseFurtherState(record: TrialRecord, states: TriedStates): UseState | undefined {
  return states.tried.length - states.chosen >= MOST_FURTHER ? undefined : listOpen(record, states)[0]?.state;
}

/** Names the pairs of flags that stay untried because the limit is reached. */
export function listUntriedPairs(record: TrialRecord, states: TriedStates): string[] {
  return listOpen(record, states).map(({ on }) => on.join(' with '));
}

/** A state that would answer an open question. */
interface OpenState {
  readonly on: readonly string[];
  readonly state: UseState;
}

function listOpen(record: TrialRecord, { tried, free, stateWith }: TriedStates): OpenState[] {
  const known = new Set(['', ...tried.map(({ difference }) => difference)]);
  const wanted = [
    ...pairsOfAtoms(record),
    ...companions(record, free),
    ...pairsOfUnused(record, free),
    ...pairsOfIneffective(record, free),
  ];
  const open = new Map<string, OpenState>();
  for (const on of wanted) {
    if (!on.every((flag) => free.includes(flag))) continue;
    const state = stateWith(on);
    if (state !== undefined && !known.has(state.difference) && !open.has(state.difference))
      open.set(state.difference, { on, state });
  }
  return [...open.values()];
}

const statesOf = (record: TrialRecord): readonly TrialRecord[] => [record, ...record.variants];

/** The flags under which each atom is declared. */
function flagsOfAtoms(
  { evaluated }: TrialRecord,
  variables: readonly DependencyVariable[],
): { readonly variable: DependencyVariable; readonly atom: string; readonly flags: readonly string[] }[] {
  return variables.flatMap((variable) => {
    const { nodes } = parseDependency(evaluated[variable]);
    const texts = new Set(collectAtoms(nodes).map((node) => node.text));
    return [...texts].flatMap((text) =>
      activeWhen(nodes, (leaf) => leaf.text === text).alternatives.map((alternative) => ({
        variable,
        atom: text,
        flags: [...alternative].filter(([, enabled]) => enabled).map(([flag]) => flag),
      })),
    );
  });
}

/** The flags of atoms that are declared under several. */
function pairsOfAtoms(record: TrialRecord): (readonly string[])[] {
  return flagsOfAtoms(record, DEPENDENCY_VARIABLES)
    .map(({ flags }) => flags)
    .filter((flags) => flags.length > 1 && !isOnIn(statesOf(record), flags));
}

function isOnIn(states: readonly TrialRecord[], flags: readonly string[]): boolean {
  return states.some(({ use }) => flags.every((flag) => use.includes(flag)));
}

/** Each flag with which the build fails, with each of the others, as long as no build has passed with it. */
function companions(record: TrialRecord, free: readonly string[]): (readonly string[])[] {
  const states = statesOf(record);
  const passed = states.filter(({ outcome }) => outcome === 'passed');
  return states.flatMap(({ failure, use }) => {
    if (failure === undefined || failure.phase === 'test') return [];
    const on = free.filter((flag) => use.includes(flag));
    if (on.length !== 1 || isOnIn(passed, on)) return [];
    return pairedWith(on[0] as string, free);
  });
}

/** The flag of each atom that no build has used, with each of the other flags. */
function pairsOfUnused(record: TrialRecord, free: readonly string[]): (readonly string[])[] {
  const passed = statesOf(record).filter(({ outcome }) => outcome === 'passed');
  return flagsOfAtoms(record, BUILD_VARIABLES).flatMap(({ variable, atom, flags }) => {
    const [flag] = flags;
    if (flag === undefined || flags.length > 1) return [];
    const active = passed.filter(({ use }) => use.includes(flag));
    const isUnused = ({ removals }: TrialRecord) =>
      removals.some(
        (removal) =>
          removal.variable === variable && removal.atom === printText(atom) && removal.outcome === 'same',
      );
    return active.length > 0 && active.every(isUnused) ? pairedWith(flag, free) : [];
  });
}

/** Each flag that changes nothing in the states so far, with each of the other flags. */
function pairsOfIneffective(record: TrialRecord, free: readonly string[]): (readonly string[])[] {
  return readFlagEffects(record)
    .filter(({ flag, differs }) => differs.length === 0 && !isInDependencies(record, flag))
    .flatMap(({ flag }) => pairedWith(flag, free));
}

function pairedWith(flag: string, free: readonly string[]): (readonly string[])[] {
  return free.filter((other) => other !== flag && other !== 'test').map((other) => [flag, other]);
}

/** A removal has the atom as it is printed. */
function printText(text: string): string {
  const [node] = collectAtoms(parseDependency(text).nodes);
  return node === undefined ? text : printAtom(node.atom);
}
