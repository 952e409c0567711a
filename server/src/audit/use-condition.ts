/** Derives the USE flags under which an atom belongs from the USE states in which it was and was not needed. */
import type { UseCondition } from '../ebuild/declared.ts';
import { underConditions } from '../ebuild/edit/list-edit.ts';

/** The condition that explains the USE states. */
export interface DerivedCondition {
  /**
   * One entry of the atom for each element: the USE conditionals around it, outermost first; `[[]]` is no condition.
   */
  readonly alternatives: readonly (readonly UseCondition[])[];
  /** Whether no other condition of the same length explains the states. */
  readonly sure: boolean;
}

type State = ReadonlySet<string>;

/** A need under more conditions than this does not depend on flags. */
const MOST_ALTERNATIVES = 4;

/**
 * Finds the shortest condition that holds in every state in which something was needed, and in none of the others:
 * one flag, then one of several flags, then two flags together. An enabled flag is preferred to a disabled one.
 *
 * @param needed the enabled flags of each state in which it was needed
 * @param notNeeded the same for each state in which it was certainly not needed
 * @param flags those that a conditional may name: IUSE
 * @returns undefined if no such condition explains the states
 */
export function deriveCondition(
  needed: readonly (readonly string[])[],
  notNeeded: readonly (readonly string[])[],
  flags: readonly string[],
): DerivedCondition | undefined {
  if (notNeeded.length === 0) return { alternatives: [[]], sure: true };
  const wanted = needed.map((use) => new Set(use));
  const others = notNeeded.map((use) => new Set(use));
  const literals = [false, true]
    .flatMap((negated) => flags.map((flag) => ({ flag, negated })))
    .filter((literal) => wanted.some((state) => holds([literal], state)));
  const outside = (conditions: readonly UseCondition[]): boolean =>
    !others.some((state) => holds(conditions, state));
  const single = literals.map((literal) => [literal]).filter(outside);
  const exact = single.filter((conditions) => wanted.every((state) => holds(conditions, state)));
  const plainest = exact.filter((conditions) => rank(conditions) === rank(exact[0] ?? []));
  if (plainest[0] !== undefined) return { alternatives: [plainest[0]], sure: plainest.length === 1 };
  const several = cover(wanted, single);
  if (several !== undefined) return several;
  const pairs = literals.flatMap((first, index) =>
    literals
      .slice(index + 1)
      .filter((second) => second.flag !== first.flag)
      .map((second) => [first, second]),
  );
  return cover(wanted, [...single, ...pairs.filter(outside)]);
}

/** Whether the conditionals hold for a package with these flags enabled (PMS 8.2.2). */
function holds(conditions: readonly UseCondition[], enabled: State): boolean {
  return conditions.every(({ flag, negated }) => enabled.has(flag) !== negated);
}

/** The complexity of a condition: fewer flags rank first, and of as many flags, those with more enabled. */
function rank(conditions: readonly UseCondition[]): number {
  return 2 * conditions.length + conditions.filter(({ negated }) => negated).length;
}

/** A few conditions of which one holds in each state; the condition that holds in most states is taken first. */
function cover(
  wanted: readonly State[],
  candidates: readonly (readonly UseCondition[])[],
): DerivedCondition | undefined {
  const alternatives: (readonly UseCondition[])[] = [];
  let sure = true;
  for (let open = wanted; open.length > 0; ) {
    const counted = candidates.map((conditions) => ({
      conditions,
      count: open.filter((state) => holds(conditions, state)).length,
    }));
    const most = Math.max(0, ...counted.map(({ count }) => count));
    const ranks = counted.filter(({ count }) => count === most).map(({ conditions }) => rank(conditions));
    const best = counted.filter(
      ({ conditions, count }) => count === most && rank(conditions) === Math.min(...ranks),
    );
    const chosen = best[0]?.conditions;
    if (most === 0 || chosen === undefined || alternatives.length === MOST_ALTERNATIVES) return undefined;
    const rest = open.filter((state) => !holds(chosen, state));
    // Other conditions that hold in exactly the same states would explain them as well.
    sure &&= best.every(
      ({ conditions }) => conditions === chosen || rest.some((state) => holds(conditions, state)),
    );
    alternatives.push(chosen);
    open = rest;
  }
  return { alternatives, sure };
}

/** Writes alternatives as USE states are written: `USE=png`, `USE="png -jpeg"`, `USE=png or USE=-jpeg`. */
export function printUseStates(alternatives: readonly (readonly UseCondition[])[]): string {
  return alternatives
    .map((conditions) => {
      const flags = conditions.map(({ flag, negated }) => `${negated ? '-' : ''}${flag}`);
      return flags.length === 1 ? `USE=${flags[0]}` : `USE="${flags.join(' ')}"`;
    })
    .join(' or ');
}

/**
 * Prints the atom as an ebuild declares it under the conditions: `png? ( a/b ) jpeg? ( a/b )`; the atom alone if
 * there is no condition.
 */
export function printUnder(atom: string, alternatives: readonly (readonly UseCondition[])[]): string {
  return alternatives.map((conditions) => underConditions(atom, conditions)).join(' ');
}
