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
import type { EclassCall, Need } from '../../record.ts';
import { ruleOf } from '../../rules.ts';
import type { TrialSubject } from '../../trial-subject.ts';
import { type DerivedCondition, printUnder, printUseStates } from '../../use-condition.ts';
import { findConditionalReference } from './conditional-reference.ts';
import { adviseInterpreter, type InterpreterAdvice } from './interpreter.ts';
import { type LibraryMove, moveToLibraries } from './misplaced-library.ts';
import { phaseRange } from './phase-range.ts';
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
    .map(({ need }) =>
      need.calledBy === undefined
        ? explain(code, subject, need, describe)
        : explainCall(code, subject, need, need.calledBy),
    );
}

function explain(code: TrialFindingCode, subject: TrialSubject, need: Need, describe: Describe): Finding {
  const { facts } = subject;
  const isOfTests = servesTests(need);
  const enabled = isOfTests ? enableDistutilsTests(facts, need.package.name) : [];
  if (enabled.length > 0 && RUNNERS.has(nameOf(need)))
    return explainRunner(code, subject, need, describe, enabled);
  const { alternatives, sure } = isOfTests ? UNDER_TEST : conditionOf(subject, need);
  const atom = atomForBoth(subject, need);
  const entry = printUnder(atom, alternatives);
  const { target, variables } = placeOf(subject, need, entry);
  const interpreter = need.deprecated
    ? undefined
    : adviseInterpreter(subject, need, { target, variables, condition: { alternatives, sure } });
  if (interpreter !== undefined) return explainInterpreter(code, subject, need, describe, interpreter);
  const isConditional = alternatives.some((conditions) => conditions.length > 0);
  const flag = isOfTests ? addTestFlag(facts) : [];
  const because = isOfTests
    ? `${flag.length === 0 ? '' : ', with the flag test in IUSE and RESTRICT="!test? ( test )"'}, because only src_test needs it`
    : isConditional
      ? `, because only ${printUseStates(alternatives)} needs it`
      : need.named?.isForVersion === true
        ? ', in $(python_gen_cond_dep …) with the versions of Python that need it'
        : '';
  const [eclass] = need.eclasses ?? [];
  const instead = eclass === undefined ? '' : `, or inherit ${eclass}, which brings it`;
  const move = need.deprecated ? undefined : moveToLibraries(subject, need);
  const added = [...flag, ...addAtomUnder(facts, variables, atom, alternatives)];
  const edits = need.deprecated ? [] : (move?.edits ?? added);
  const advice = adviceFor(need, atom, entry, target, move);
  const others = [
    sure || need.deprecated || move !== undefined
      ? undefined
      : asFix(`Add ${atom} to ${target}`, addAtomUnder(facts, variables, atom, [[]]), false),
    eclass === undefined
      ? undefined
      : asFix(`Inherit ${eclass}, which brings ${atom}`, addInherit(facts, eclass), false),
  ].filter((fix) => fix !== undefined);
  return {
    code,
    severity: severityOf(need),
    about: suggestedNames(need),
    message: `${describe(need, nameOf(need))}: ${advice}${because}${instead}${describeOthers(need)}${describeProviders(need)}.`,
    range: variableRange(
      facts,
      isDependencyVariable(target) ? target : writtenVariable(subject, need.variable),
    ),
    evidence: need.evidence,
    fix: asFix(
      move === undefined ? `Add ${entry} to ${target}` : `Move ${move.text} from BDEPEND to ${move.target}`,
      edits,
      (sure && !isArguable(need)) || move !== undefined,
    ),
    ...(others.length === 0 ? {} : { alternatives: others }),
    why: whyNeeded(need),
  };
}

/** An eclass declares what its functions run, so that there is nothing to add to the ebuild. */
function explainCall(
  code: TrialFindingCode,
  { facts }: TrialSubject,
  need: Need,
  { eclass, function: name }: EclassCall,
): Finding {
  const [evidence] = need.evidence;
  return {
    code,
    severity: 'information',
    about: suggestedNames(need),
    message: `${name} of ${eclass}.eclass runs ${evidence?.path ?? 'a program'} of ${nameOf(need)}, which the eclass does not declare: the ebuild needs no edit, so report it to the maintainer of the eclass.`,
    range: phaseRange(facts, evidence?.phase ?? ''),
    evidence: need.evidence,
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

function explainInterpreter(
  code: TrialFindingCode,
  { facts }: TrialSubject,
  need: Need,
  describe: Describe,
  { advice, fix }: InterpreterAdvice,
): Finding {
  return {
    code,
    severity: severityOf(need),
    about: suggestedNames(need),
    message: `${describe(need, nameOf(need))}: ${advice}.`,
    range: variableRange(facts, need.variable),
    evidence: need.evidence,
    fix,
    why: whyNeeded(need),
  };
}

/** Names the other packages that are enough. */
function describeOthers({ instead = [] }: Need): string {
  if (instead.length === 0) return '';
  return `; ${instead.map((other) => nameOf({ package: other })).join(' or ')} would be enough, too`;
}

function adviceFor(
  need: Need,
  atom: string,
  entry: string,
  target: string,
  move: LibraryMove | undefined,
): string {
  if (need.deprecated) return `${atom} is deprecated, so use what profiles/package.deprecated names instead`;
  if (move !== undefined) return `move ${move.text} from BDEPEND to ${move.target}`;
  return need.certainty === 'proven'
    ? `add ${entry} to ${target}`
    : `adding ${entry} to ${target} may fix it`;
}

/** Others may have the program too; the author chooses, or writes `|| ( )`. */
function describeProviders({ others = [] }: Need): string {
  return others.length === 0 ? '' : ` (others: ${others.join(', ')} may have the program too)`;
}

/** What an installed file only names is surely meant, but it may be able to do without, unless it says the opposite. */
function severityOf({ named }: Need): Finding['severity'] {
  return named === undefined || named.kind === 'dlopen-note' ? 'error' : 'warning';
}

/** Whether the author may mean another package, or must say for which versions of the interpreter. */
function isArguable({ named }: Need): boolean {
  return named?.kind === 'qml' || named?.isForVersion === true;
}

/** The condition of a package that only the tests need. */
const UNDER_TEST: DerivedCondition = { alternatives: [[{ flag: 'test', negated: false }]], sure: true };

/** Whether only src_test needs a package. */
function servesTests({ variable, evidence }: Need): boolean {
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
    trials.push(`${need.named ? 'Upstream' : 'The build'} asks for ${operator} ${version}: ${statedBy}.`);
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
