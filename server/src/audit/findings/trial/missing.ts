import { variableRange } from '../../../ebuild/anchor.ts';
import { addAtomUnder, chooseCarriers } from '../../../ebuild/edit/edit.ts';
import { enableDistutilsTests } from '../../../ebuild/edit/enable-tests.ts';
import { addInherit } from '../../../ebuild/edit/inherit.ts';
import { addTestFlag } from '../../../ebuild/edit/test-flag.ts';
import type { TextEdit } from '../../../ebuild/text-edit.ts';
import {
  type DependencyVariable,
  isDependencyVariable,
  LIBRARY_VARIABLES,
} from '../../../pms/dependency-variable.ts';
import { phaseFunction } from '../../../trace/phase-function.ts';
import { atomsFor, nameOf, ownerOf, suggestedNames } from '../../declared-packages.ts';
import { asFix, type Finding, type TrialFindingCode } from '../../finding.ts';
import type { Need } from '../../record.ts';
import { ruleOf } from '../../rules.ts';
import type { TrialSubject } from '../../trial-subject.ts';
import { type DerivedCondition, printUnder, printUseStates } from '../../use-condition.ts';
import { findConditionalReference } from './conditional-reference.ts';
import { withSharedUse } from './shared-use.ts';
import { atomToAdd, conditionOf, findNeed, undeclaredNeeds, writtenVariable } from './undeclared-need.ts';

/** Describes in one clause which file was touched; {@link findMissing} adds which atom to write where. */
export type Describe = (need: Need, packageName: string) => string;

/**
 * Gives the findings of one missing-* code: one for each package that is needed in `variable` and that the text does
 * not name there.
 */
export function findMissing(
  code: TrialFindingCode,
  variable: DependencyVariable,
  subject: TrialSubject,
  describe: Describe,
): Finding[] {
  return undeclaredNeeds(subject, variable)
    .filter((found) => found.place === undefined && findConditionalReference(subject, found) === undefined)
    .map(({ need }) => explain(code, subject, need, describe));
}

function explain(code: TrialFindingCode, subject: TrialSubject, need: Need, describe: Describe): Finding {
  const { facts } = subject;
  const isOfTests = serveTests(need);
  const enabled = isOfTests ? enableDistutilsTests(facts, need.package.name) : [];
  if (enabled.length > 0 && RUNNERS.has(nameOf(need)))
    return explainRunner(code, subject, need, describe, enabled);
  const { alternatives, sure } = isOfTests ? UNDER_TEST : conditionOf(subject, need);
  const atom = atomForBoth(subject, need);
  const entry = printUnder(atom, alternatives);
  const { target, variables } = placeOf(subject, need, entry);
  const isConditional = alternatives.some((conditions) => conditions.length > 0);
  const flag = isOfTests ? addTestFlag(facts) : [];
  const because = isOfTests
    ? `${flag.length === 0 ? '' : ', with the flag test in IUSE and RESTRICT="!test? ( test )"'}, because only src_test needs it`
    : isConditional
      ? `, because only ${printUseStates(alternatives)} needs it`
      : '';
  const [eclass] = need.eclasses ?? [];
  const instead = eclass === undefined ? '' : `, or inherit ${eclass}, which brings it`;
  const edits = [...flag, ...addAtomUnder(facts, variables, atom, alternatives)];
  const advice =
    need.certainty === 'proven' ? `add ${entry} to ${target}` : `adding ${entry} to ${target} may fix it`;
  const others = [
    sure ? undefined : asFix(`Add ${atom} to ${target}`, addAtomUnder(facts, variables, atom, [[]]), false),
    eclass === undefined
      ? undefined
      : asFix(`Inherit ${eclass}, which brings ${atom}`, addInherit(facts, eclass), false),
  ].filter((fix) => fix !== undefined);
  return {
    code,
    severity: 'error',
    about: suggestedNames(need),
    message: `${describe(need, nameOf(need))}: ${advice}${because}${instead}.`,
    range: variableRange(
      facts,
      isDependencyVariable(target) ? target : writtenVariable(subject, need.variable),
    ),
    evidence: need.evidence,
    fix: asFix(`Add ${entry} to ${target}`, edits, sure),
    ...(others.length === 0 ? {} : { alternatives: others }),
    why: whyNeeded(need),
  };
}

/** The test runners that distutils_enable_tests of distutils-r1.eclass declares. */
const RUNNERS: ReadonlySet<string> = new Set(['dev-python/pytest']);

function explainRunner(
  code: TrialFindingCode,
  { facts }: TrialSubject,
  need: Need,
  describe: Describe,
  edits: readonly TextEdit[],
): Finding {
  const call = `distutils_enable_tests ${need.package.name}`;
  return {
    code,
    severity: 'error',
    about: suggestedNames(need),
    message: `${describe(need, nameOf(need))}: call ${call}, which declares it under the flag test, because only src_test needs it.`,
    range: variableRange(facts, 'BDEPEND'),
    evidence: need.evidence,
    fix: asFix(`Call ${call}`, edits, need.certainty === 'proven'),
    why: whyNeeded(need),
  };
}

/** The condition of a package that only the tests need. */
const UNDER_TEST: DerivedCondition = { alternatives: [[{ flag: 'test', negated: false }]], sure: true };

/** Whether only src_test needs a package. */
function serveTests({ variable, evidence }: Need): boolean {
  return variable !== 'RDEPEND' && evidence.length > 0 && evidence.every(({ phase }) => phase === 'test');
}

/** A package that is needed to build and to run gets the same atom in both variables, the more specific one. */
function atomForBoth(subject: TrialSubject, need: Need): string {
  const atom = atomToAdd(subject, need, [need.variable]);
  if (need.variable === 'BDEPEND') return atom;
  const twin = findNeed(subject, need, need.variable === 'DEPEND' ? 'RDEPEND' : 'DEPEND');
  const isOwn = atom === withSharedUse(subject, need, [need.variable]);
  return twin !== undefined && isOwn && twin.atom.length > need.atom.length
    ? withSharedUse(subject, twin, [twin.variable])
    : atom;
}

/** The reason for a finding about a need. */
export function whyNeeded(need: Need): NonNullable<Finding['why']> {
  const [evidence] = need.evidence;
  const trials: string[] = [];
  if (evidence?.result === 'denied') {
    trials.push(
      need.certainty === 'proven'
        ? `The build fails without ${nameOf(need)} and passes with it.`
        : `${phaseFunction(evidence.phase)} failed without ${nameOf(need)}; no build with it was made.`,
    );
  }
  for (const { operator, version, statedBy } of need.bounds ?? [])
    trials.push(`The build asks for ${operator} ${version}: ${statedBy}.`);
  return { owner: ownerOf(need), rule: ruleOf(evidence, need.variable), trials };
}

/**
 * The variable in which the atom is to be written, and the dependency variables that then have it. If the package is
 * needed both to build and to run, one atom in a variable that both hold is enough: `DEPEND="${RDEPEND}"`, or a
 * helper variable.
 */
function placeOf(
  subject: TrialSubject,
  need: Need,
  entry: string,
): { readonly target: string; readonly variables: readonly DependencyVariable[] } {
  const variable = writtenVariable(subject, need.variable);
  const alone = { target: variable, variables: [variable] };
  if (need.variable === 'BDEPEND') return alone;
  const twin = findNeed(subject, need, need.variable === 'DEPEND' ? 'RDEPEND' : 'DEPEND');
  if (twin === undefined || atomsFor(subject, need, LIBRARY_VARIABLES).length > 0) return alone;
  const twinEntry = printUnder(atomForBoth(subject, twin), conditionOf(subject, twin).alternatives);
  if (twinEntry !== entry) return alone;
  const [target, ...others] = chooseCarriers(subject.facts, LIBRARY_VARIABLES);
  return target !== undefined && others.length === 0 ? { target, variables: LIBRARY_VARIABLES } : alone;
}
