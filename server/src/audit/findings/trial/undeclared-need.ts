import { changeAtomText } from '../../../ebuild/edit/atom-text.ts';
import { parseAtom, printAtom } from '../../../pms/atom.ts';
import {
  BUILD_VARIABLES,
  type DependencyVariable,
  LIBRARY_VARIABLES,
  variableInEapi,
} from '../../../pms/dependency-variable.ts';
import {
  atomsFor,
  declares,
  isSameSlot,
  isUsedAs,
  namesPackage,
  type Sought,
} from '../../declared-packages.ts';
import { printerFor, referenceFor, refersTo } from '../../language.ts';
import type { Need, TrialRecord } from '../../record.ts';
import { isAlternative, type PlacedAtom } from '../../subject.ts';
import type { TrialSubject } from '../../trial-subject.ts';
import { type DerivedCondition, deriveCondition } from '../../use-condition.ts';
import { withSharedUse } from './shared-use.ts';

/** A package that is needed in at least one USE state in which the text does not declare it. */
export interface UndeclaredNeed {
  /** The need in the first of those states. */
  readonly need: Need;
  readonly state: TrialRecord;
  /** The atom of its variable, under a condition that does not hold in that state; undefined if there is none. */
  readonly place: PlacedAtom | undefined;
}

/** The needs of a variable that the text does not declare, each package once. */
export function undeclaredNeeds(subject: TrialSubject, variable: DependencyVariable): UndeclaredNeed[] {
  const found: UndeclaredNeed[] = [];
  for (const state of subject.states) {
    for (const need of state.needs) {
      if (need.variable !== variable || found.some((known) => isSameSlot(known.need, need))) continue;
      const variables = satisfyingVariables(subject, need);
      if (declares(subject, state, need, variables) || isInherited(subject, need)) continue;
      if (isReferredTo(subject, need)) continue;
      const [place] = atomsFor(subject, need, [writtenVariable(subject, variable)]);
      found.push({ need, state, place });
    }
  }
  return found;
}

/** Whether the text now inherits an eclass that brings the package. */
function isInherited({ facts, record }: TrialSubject, { eclasses = [] }: Need): boolean {
  if (eclasses.length === 0 || facts.text === record.text) return false;
  return facts.inherits.some(({ name }) => eclasses.includes(name));
}

/** Whether the text now takes over the atoms of the interpreter from its eclass. Which ones they are, only another trial shows. */
export function isReferredTo(
  { facts, record }: TrialSubject,
  need: Pick<Need, 'package' | 'variable'>,
): boolean {
  if (facts.text === record.text) return false;
  const words = referenceFor(facts, need, [need.variable]) ?? printerFor(facts, need, [need.variable]);
  return words !== undefined && refersTo(facts, variableInEapi(need.variable, facts.eapi), words);
}

/**
 * The variables that can satisfy a need. DEPEND and BDEPEND both satisfy a build-time need, because both are visible
 * in a native build (PMS 8.1). If the package is needed for both reasons, each of them must have it.
 */
function satisfyingVariables(subject: TrialSubject, need: Need): readonly DependencyVariable[] {
  if (need.variable === 'RDEPEND') return ['RDEPEND'];
  const otherVariable = need.variable === 'DEPEND' ? 'BDEPEND' : 'DEPEND';
  return findNeed(subject, need, otherVariable) === undefined
    ? BUILD_VARIABLES
    : [writtenVariable(subject, need.variable)];
}

/** The need for the same package in a variable, in any USE state. */
export function findNeed(
  subject: TrialSubject,
  need: Sought,
  variable: DependencyVariable,
): Need | undefined {
  return subject.states
    .flatMap(({ needs }) => needs)
    .find((candidate) => candidate.variable === variable && isSameSlot(candidate, need));
}

/** The variable as the ebuild's EAPI has it: before EAPI 7 there is no BDEPEND. */
export function writtenVariable({ facts }: TrialSubject, variable: DependencyVariable): DependencyVariable {
  return variableInEapi(variable, facts.eapi);
}

/**
 * The USE condition under which the need's variable needs the package; no condition if no flags explain the states.
 */
export function conditionOf(
  { states, record }: TrialSubject,
  need: Sought & Pick<Need, 'variable'>,
): DerivedCondition {
  const needed: (readonly string[])[] = [];
  const notNeeded: (readonly string[])[] = [];
  for (const state of states) {
    const isNeeded =
      state.needs.some((candidate) => candidate.variable === need.variable && isSameSlot(candidate, need)) ||
      (state.uses.some((use) => isSameSlot(use, need) && isUsedAs(use, need.variable)) &&
        !isNeedlessIn(state, need)) ||
      (need.variable === 'RDEPEND' &&
        state.named.some((named) => !named.isOptional && isSameSlot(named, need)));
    if (isNeeded) needed.push(state.use);
    // A failed build may not have reached the step that needs the package.
    else if (state.outcome === 'passed') notNeeded.push(state.use);
  }
  return deriveCondition(needed, notNeeded, record.iuse) ?? { alternatives: [[]], sure: true };
}

/** Whether the build without the package installed the same image, so that what used it was only a check. */
export function isNeedlessIn({ removals }: TrialRecord, sought: Sought): boolean {
  return removals.some(({ outcome, atom: printed }) => {
    const { atom } = parseAtom(printed);
    return outcome === 'same' && atom !== undefined && namesPackage(atom, sought);
  });
}

/**
 * The atom to add to the variables. An atom that DEPEND or RDEPEND already has for the package is repeated, so that
 * both ask for the same; otherwise it is the one that the trial proposes.
 */
export function atomToAdd(
  subject: TrialSubject,
  sought: Sought,
  variables: readonly DependencyVariable[],
): string {
  const printer = printerFor(subject.facts, sought, variables);
  if (printer !== undefined) return printer;
  const proposed = withSharedUse(subject, sought, variables);
  // In BDEPEND it would have no effect: nothing is built again for a tool (PMS 8.3.3).
  if (variables.includes('BDEPEND')) return changeAtomText(proposed, { slotOperator: '' }) ?? proposed;
  const twin = atomsFor(subject, sought, LIBRARY_VARIABLES).find(
    (place) => place.exact && place.conditions.length === 0 && !isAlternative(place),
  );
  const text = twin && subject.facts.text.slice(twin.range.start, twin.range.end);
  return twin !== undefined && text === printAtom(twin.atom) ? text : proposed;
}
