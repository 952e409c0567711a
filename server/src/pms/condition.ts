/** The USE flags under which a part of a specification is active. */
import { hasChildren, type Item, isItem, type SpecificationNode } from './specification.ts';

/** Flags that are enabled (true) or disabled (false). The state of other flags is open. */
export type FlagStates = ReadonlyMap<string, boolean>;

/**
 * A condition on the USE flags of a package. It holds if the flags match one of the alternatives. A list without
 * alternatives never holds, an empty alternative always holds.
 */
export interface Condition {
  readonly alternatives: readonly FlagStates[];
}

export const ALWAYS: Condition = { alternatives: [new Map()] };

/** A longer list of alternatives is not simplified, because simplifying compares each with each. */
const MOST_SIMPLIFIED = 50;
/** The number of alternatives that `implies` compares at most. Ebuilds need less than a hundredth, hostile text any number. */
const MOST_WORK = 100_000;

/**
 * Computes the USE flags under which at least one of the wanted leaves is active (PMS 8.2.2).
 *
 * A leaf in an any-of group is active if the group is, because USE flags do not choose the alternative. A flag whose name
 * bash still has to expand is identified by its text, so the same text is the same flag.
 */
export function activeWhen<Leaf extends Item>(
  nodes: readonly SpecificationNode<Leaf>[],
  wanted: (leaf: Leaf) => boolean,
): Condition {
  const alternatives: FlagStates[] = [];
  const visit = (node: SpecificationNode<Leaf>, states: FlagStates): void => {
    if (isItem(node)) {
      if (wanted(node)) alternatives.push(states);
    } else if (hasChildren(node)) {
      const inside = node.kind === 'use-conditional' ? assume(states, node.flag, !node.negated) : states;
      if (inside !== undefined) for (const child of node.children) visit(child, inside);
    }
  };
  for (const node of nodes) visit(node, new Map());
  return { alternatives: simplify(alternatives) };
}

/** Adds one flag to the states; undefined if they contradict it. */
function assume(states: FlagStates, flag: string, enabled: boolean): FlagStates | undefined {
  const known = states.get(flag);
  if (known !== undefined) return known === enabled ? states : undefined;
  return new Map(states).set(flag, enabled);
}

/** Whether the condition holds with exactly these flags enabled. */
export function holdsFor(condition: Condition, enabled: ReadonlySet<string>): boolean {
  return condition.alternatives.some((states) => {
    for (const [flag, state] of states) if (enabled.has(flag) !== state) return false;
    return true;
  });
}

/** Whether the condition holds for every set of flags. */
export function isAlways(condition: Condition): boolean {
  return implies(ALWAYS, condition);
}

/** Whether the condition holds for no set of flags, as in `foo? ( !foo? ( … ) )`. */
export function isNever(condition: Condition): boolean {
  return condition.alternatives.length === 0;
}

/**
 * Whether `conclusion` holds whenever `condition` does. The answer is exact except for hostile text: if dozens of flags
 * are entangled, the search stops after 100,000 steps and answers no.
 */
export function implies(condition: Condition, conclusion: Condition): boolean {
  let work = 0;
  const covers = (alternatives: readonly FlagStates[]): boolean => {
    work += alternatives.length;
    if (work > MOST_WORK) return false;
    const [first] = alternatives;
    if (first === undefined) return false;
    if (alternatives.some((states) => states.size === 0)) return true;
    const flag = findMixedFlag(alternatives);
    // If each flag has only one state, no alternative covers the case in which all of them have the opposite state.
    if (flag === undefined) return false;
    return [true, false].every((enabled) => covers(given(alternatives, new Map([[flag, enabled]]))));
  };
  return condition.alternatives.every((states) => covers(given(conclusion.alternatives, states)));
}

/** A flag that is enabled in one alternative and disabled in another. */
function findMixedFlag(alternatives: readonly FlagStates[]): string | undefined {
  const seen = new Map<string, boolean>();
  for (const states of alternatives) {
    for (const [flag, enabled] of states) {
      if ((seen.get(flag) ?? enabled) !== enabled) return flag;
      seen.set(flag, enabled);
    }
  }
  return undefined;
}

/** The alternatives under known states: without those that contradict the states, and without the known flags. */
function given(alternatives: readonly FlagStates[], known: FlagStates): FlagStates[] {
  return alternatives.flatMap((states) => {
    const rest = new Map<string, boolean>();
    for (const [flag, enabled] of states) {
      const state = known.get(flag);
      if (state === undefined) rest.set(flag, enabled);
      else if (state !== enabled) return [];
    }
    return [rest];
  });
}

/**
 * Removes what is redundant: of `ssl` and `ssl and static` the second alternative; of `ssl` and `not ssl and static` the
 * flag `not ssl` in the second.
 */
function simplify(written: readonly FlagStates[]): readonly FlagStates[] {
  const distinct = new Map(written.map((states) => [keyOf(states), states]));
  const alternatives = [...distinct.values()];
  if (alternatives.length > MOST_SIMPLIFIED) return alternatives;
  for (let changed = true; changed; ) {
    changed = false;
    for (let index = 0; index < alternatives.length && !changed; index++) {
      const states = alternatives[index];
      const others = alternatives.filter((_, otherIndex) => otherIndex !== index);
      if (states === undefined) continue;
      if (others.some((weaker) => isSubset(weaker, states))) {
        alternatives.splice(index, 1);
        changed = true;
        continue;
      }
      for (const [flag, enabled] of states) {
        const rest = new Map(states);
        rest.delete(flag);
        const opposite = new Map(rest).set(flag, !enabled);
        if (!others.some((weaker) => isSubset(weaker, opposite))) continue;
        alternatives[index] = rest;
        changed = true;
        break;
      }
    }
  }
  return alternatives;
}

/** Whether `superset` has every flag of `states` in the same state. */
function isSubset(states: FlagStates, superset: FlagStates): boolean {
  for (const [flag, enabled] of states) if (superset.get(flag) !== enabled) return false;
  return true;
}

function keyOf(states: FlagStates): string {
  return [...states]
    .map(([flag, enabled]) => (enabled ? flag : `!${flag}`))
    .sort()
    .join(' ');
}

/** Writes the condition for people: `ssl and not static, or gnutls`, `always` or `never`. */
export function printCondition(condition: Condition): string {
  if (isNever(condition)) return 'never';
  if (isAlways(condition)) return 'always';
  return condition.alternatives
    .map((states) => [...states].map(([flag, enabled]) => (enabled ? flag : `not ${flag}`)).join(' and '))
    .join(', or ');
}
