import { printAtom } from '../../../pms/atom.ts';
import {
  BUILD_VARIABLES,
  type DependencyVariable,
  LIBRARY_VARIABLES,
  variableInEapi,
} from '../../../pms/dependency-variable.ts';
import { atomsFor, declares, isSameSlot, isUsedAs, type Sought } from '../../declared-packages.ts';
import type { Need, TrialRecord } from '../../record.ts';
import { isAlternative, type PlacedAtom } from '../../subject.ts';
import type { TrialSubject } from '../../trial-subject.ts';
import { type DerivedCondition, deriveCondition } from '../../use-condition.ts';
import { withSharedUse } from './shared-use.ts';

/** A package that is needed in USE states in which the text does not declare it. */
export interface UndeclaredNeed {
  /** As the first of those states has it. */
  readonly need: Need;
  readonly state: TrialRecord;
  /** Where its variable declares it under a condition that does not hold in that state. */
  readonly place: PlacedAtom | undefined;
}

/** What is needed in a variable and not declared, each package once. */
export function undeclaredNeeds(subject: TrialSubject, variable: DependencyVariable): UndeclaredNeed[] {
  const found: UndeclaredNeed[] = [];
  for (const state of subject.states) {
    for (const need of state.needs) {
      if (need.variable !== variable || found.some((other) => isSameSlot(other.need, need))) continue;
      const variables = variablesThatDo(subject, need);
      if (declares(subject, state, need, variables) || isInherited(subject, need)) continue;
      const [place] = atomsFor(subject, need, [writtenVariable(subject, variable)]);
      found.push({ need, state, place });
    }
  }
  return found;
}

/** Whether the text inherits an eclass by now that brings the package. */
function isInherited({ facts, record }: TrialSubject, { eclasses = [] }: Need): boolean {
  if (eclasses.length === 0 || facts.text === record.text) return false;
  return facts.inherits.some(({ name }) => eclasses.includes(name));
}

/**
 * A build-time need is met by DEPEND and BDEPEND alike, because on a native build both are visible (PMS 8.1); one for both reasons
 * only by both.
 */
function variablesThatDo(subject: TrialSubject, need: Need): readonly DependencyVariable[] {
  if (need.variable === 'RDEPEND') return ['RDEPEND'];
  const other = need.variable === 'DEPEND' ? 'BDEPEND' : 'DEPEND';
  return findNeed(subject, need, other) === undefined
    ? BUILD_VARIABLES
    : [writtenVariable(subject, need.variable)];
}

/** What any USE state needs of the same package in a variable. */
export function findNeed(subject: TrialSubject, need: Need, variable: DependencyVariable): Need | undefined {
  return subject.states
    .flatMap(({ needs }) => needs)
    .find((other) => other.variable === variable && isSameSlot(other, need));
}

/** Before EAPI 7 there is no BDEPEND. */
export function writtenVariable({ facts }: TrialSubject, variable: DependencyVariable): DependencyVariable {
  return variableInEapi(variable, facts.eapi);
}

/** Under which flags the package is needed in the need's variable; without condition where no flags explain the states. */
export function conditionOf({ states, record }: TrialSubject, need: Need): DerivedCondition {
  const needed: (readonly string[])[] = [];
  const notNeeded: (readonly string[])[] = [];
  for (const state of states) {
    const isNeeded =
      state.needs.some((other) => other.variable === need.variable && isSameSlot(other, need)) ||
      state.uses.some((use) => isSameSlot(use, need) && isUsedAs(use, need.variable));
    if (isNeeded) needed.push(state.use);
    // A build that failed may not have come to where it needs the package.
    else if (state.outcome === 'passed') notNeeded.push(state.use);
  }
  return deriveCondition(needed, notNeeded, record.iuse) ?? { alternatives: [[]], sure: true };
}

/**
 * The atom to add to some variables: as the text has it already in the other of DEPEND and RDEPEND, so that both ask for the same, else as
 * the trial proposes it.
 */
export function atomToAdd(
  subject: TrialSubject,
  sought: Sought,
  variables: readonly DependencyVariable[],
): string {
  const proposed = withSharedUse(subject, sought, variables);
  if (variables.includes('BDEPEND')) return proposed;
  const twin = atomsFor(subject, sought, LIBRARY_VARIABLES).find(
    (place) => place.exact && place.conditions.length === 0 && !isAlternative(place),
  );
  const text = twin && subject.facts.text.slice(twin.range.start, twin.range.end);
  return twin !== undefined && text === printAtom(twin.atom) ? text : proposed;
}
