import { addAtomUnder } from '../../../ebuild/edit/edit.ts';
import { addEclassWith, replaceInherit } from '../../../ebuild/edit/inherit.ts';
import { addRequiredUse } from '../../../ebuild/edit/required-use.ts';
import type { TextEdit } from '../../../ebuild/text-edit.ts';
import type { DependencyVariable } from '../../../pms/dependency-variable.ts';
import { asFix, type Fix } from '../../finding.ts';
import { eclassFor, inheritedFor, languageOf } from '../../language.ts';
import type { Need } from '../../record.ts';
import type { TrialSubject } from '../../trial-subject.ts';
import { type DerivedCondition, printUnder } from '../../use-condition.ts';
import { findNeed } from './undeclared-need.ts';

/** What to do about an interpreter that is missing, in the words of its eclass. */
export interface InterpreterAdvice {
  /** A clause such as `add ${PYTHON_DEPS} to BDEPEND`. */
  readonly advice: string;
  readonly fix: Fix | undefined;
}

/** Where the atoms of a need are to be written. */
export interface InterpreterPlace {
  readonly target: string;
  readonly variables: readonly DependencyVariable[];
  readonly condition: DerivedCondition;
}

/**
 * Gives the advice for an interpreter whose atoms an eclass of the repository makes.
 *
 * @returns undefined if the package is no such interpreter, or the repository has no eclass for it
 */
export function adviseInterpreter(
  subject: TrialSubject,
  need: Need,
  place: InterpreterPlace,
): InterpreterAdvice | undefined {
  const language = languageOf(need);
  if (language === undefined) return undefined;
  const { facts } = subject;
  const present = inheritedFor(facts, language);
  if (present === undefined && need.languageEclass === undefined) return undefined;
  const runs = findNeed(subject, need, 'RDEPEND') !== undefined;
  // What is needed to run decides the eclass, because an ebuild inherits only one of them.
  const wanted = eclassFor(language, runs ? 'RDEPEND' : need.variable);
  const isTooLittle = present === language.forBuild && wanted !== present;
  const eclass = present === undefined || isTooLittle ? wanted : present;
  const isOfUser = eclass !== language.forBuild || language.forBuild === language.forRun;
  const { alternatives, sure } = place.condition;
  const words = printUnder(`\${${language.dependencies}}`, alternatives);
  const constraint =
    isOfUser && language.requiredUse !== undefined
      ? printUnder(`\${${language.requiredUse}}`, alternatives)
      : undefined;
  const isConstrained = constraint === undefined || facts.text.includes(`{${language.requiredUse}}`);
  const advice = [
    ...(isTooLittle ? [`inherit ${eclass} instead of ${present}`] : []),
    ...(present === undefined ? [`set ${language.supported}, inherit ${eclass}`] : []),
    `add ${words} to ${place.target}`,
    ...(isConstrained ? [] : [`add ${constraint} to REQUIRED_USE`]),
  ];
  const edits: TextEdit[] = [
    ...(present === undefined
      ? addEclassWith(facts, eclass, language.supported, language.supports(need.package.slot))
      : isTooLittle
        ? replaceInherit(facts, present, eclass)
        : []),
    // Both may be written below IUSE, REQUIRED_USE first.
    ...(isConstrained ? [] : addRequiredUse(facts, constraint ?? '')),
    ...addAtomUnder(facts, place.variables, `\${${language.dependencies}}`, alternatives),
  ];
  const isSure = present === eclass && sure && need.certainty === 'proven';
  return {
    advice: joinSteps(advice),
    fix: asFix(titleOf(present === eclass ? undefined : eclass, words, place), edits, isSure),
  };
}

function titleOf(inherited: string | undefined, words: string, { target }: InterpreterPlace): string {
  return inherited === undefined
    ? `Add ${words} to ${target}`
    : `Inherit ${inherited} and add ${words} to ${target}`;
}

const joinSteps = (steps: readonly string[]): string =>
  steps.length < 2 ? steps.join('') : `${steps.slice(0, -1).join(', ')} and ${steps.at(-1)}`;
