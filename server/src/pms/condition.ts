/** Under which USE flags a part of a specification holds. */
import { hasChildren, type Item, isItem, type SpecificationNode } from './specification.ts';

/** Flags that are enabled (true) or disabled (false); nothing is said about others. */
export type FlagStates = ReadonlyMap<string, boolean>;

/**
 * A condition on the USE flags of a package: it holds when the flags are as one of the alternatives says. No alternative
 * means never, an empty one means always.
 */
export interface Condition {
  readonly alternatives: readonly FlagStates[];
}

export const ALWAYS: Condition = { alternatives: [new Map()] };

/** More alternatives than this are kept as they are: simplifying compares each with each. */
const MOST_SIMPLIFIED = 50;
/** `implies` looks at most at so many alternatives; no ebuild needs a hundredth of them, but it could take forever. */
const MOST_WORK = 100_000;

/**
 * Solves a specification for some of its leaves: under which USE flags at least one of them is active (PMS 8.2.2).
 *
 * A leaf in an any-of group counts as active when the group is: that another alternative may be chosen is not the flags'
 * matter. A flag whose name bash has not expanded is taken by its text, so the same text is the same flag.
 *
 * @param wanted which leaves are meant
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

/** The states with one more; undefined where they contradict it. */
function assume(states: FlagStates, flag: string, enabled: boolean): FlagStates | undefined {
  const known = states.get(flag);
  if (known !== undefined) return known === enabled ? states : undefined;
  return new Map(states).set(flag, enabled);
}

/** The condition that holds when either does. */
export function either(left: Condition, right: Condition): Condition {
  return { alternatives: simplify([...left.alternatives, ...right.alternatives]) };
}

/** Whether the condition holds with exactly these flags enabled. */
export function holdsFor(condition: Condition, enabled: ReadonlySet<string>): boolean {
  return condition.alternatives.some((states) => {
    for (const [flag, state] of states) if (enabled.has(flag) !== state) return false;
    return true;
  });
}

/** Whether the condition holds whatever the flags are. */
export function isAlways(condition: Condition): boolean {
  return implies(ALWAYS, condition);
}

/** Whether no flags make the condition hold, as in `foo? ( !foo? ( … ) )`. */
export function isNever(condition: Condition): boolean {
  return condition.alternatives.length === 0;
}

/**
 * Whether `conclusion` holds whenever `condition` does. The answer is exact except for hostile text: where dozens of flags
 * are entangled, the search ends after 100,000 steps with no.
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
    // Where each flag has one state only, the opposite state of all of them is a case that no alternative covers.
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

/** What is left of the alternatives when these states are known: those that contradict them go, and what they say. */
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
 * Takes away what another alternative says already: of `ssl` and `ssl and static` the second, and from `not ssl and static`
 * beside `ssl` the `not ssl`.
 */
function simplify(written: readonly FlagStates[]): readonly FlagStates[] {
  const distinct = new Map(written.map((states) => [keyOf(states), states]));
  const alternatives = [...distinct.values()];
  if (alternatives.length > MOST_SIMPLIFIED) return alternatives;
  for (let changed = true; changed; ) {
    changed = false;
    for (let index = 0; index < alternatives.length && !changed; index++) {
      const states = alternatives[index];
      const others = alternatives.filter((_, other) => other !== index);
      if (states === undefined) continue;
      if (others.some((other) => saysLess(other, states))) {
        alternatives.splice(index, 1);
        changed = true;
        continue;
      }
      for (const [flag, enabled] of states) {
        const rest = new Map(states);
        rest.delete(flag);
        const opposite = new Map(rest).set(flag, !enabled);
        if (!others.some((other) => saysLess(other, opposite))) continue;
        alternatives[index] = rest;
        changed = true;
        break;
      }
    }
  }
  return alternatives;
}

/** Whether all that `states` says `more` says as well. */
function saysLess(states: FlagStates, more: FlagStates): boolean {
  for (const [flag, enabled] of states) if (more.get(flag) !== enabled) return false;
  return true;
}

function keyOf(states: FlagStates): string {
  return [...states]
    .map(([flag, enabled]) => (enabled ? flag : `!${flag}`))
    .sort()
    .join(' ');
}

/** Writes the condition for people: `ssl and not static, or gnutls`; `always` and `never` where it is one of them. */
export function printCondition(condition: Condition): string {
  if (isNever(condition)) return 'never';
  if (isAlways(condition)) return 'always';
  return condition.alternatives
    .map((states) => [...states].map(([flag, enabled]) => (enabled ? flag : `not ${flag}`)).join(' and '))
    .join(', or ');
}
