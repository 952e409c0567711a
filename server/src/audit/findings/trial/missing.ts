import { variableRange } from '../../../ebuild/anchor.ts';
import type { EbuildFacts } from '../../../ebuild/ebuild-facts.ts';
import { addAnyOf, addAtomUnder, chooseCarriers } from '../../../ebuild/edit/edit.ts';
import { addInherit } from '../../../ebuild/edit/inherit.ts';
import { addTestFlag } from '../../../ebuild/edit/test-flag.ts';
import {
  type DependencyVariable,
  isDependencyVariable,
  LIBRARY_VARIABLES,
} from '../../../pms/dependency-variable.ts';
import { atomsFor, nameOf } from '../../declared-packages.ts';
import { asFix, type Finding, type Fix, type TrialFindingCode } from '../../finding.ts';
import { isInDependencies } from '../../flag-effects.ts';
import type { Need } from '../../record.ts';
import type { TrialSubject } from '../../trial-subject.ts';
import { type DerivedCondition, printUnder, printUseStates } from '../../use-condition.ts';
import { featureOf } from './build-switch.ts';
import { findConditionalReference } from './conditional-reference.ts';
import { explainEclassCall } from './eclass-call.ts';
import { adviseInterpreter } from './interpreter.ts';
import { type LibraryMove, moveToLibraries } from './misplaced-library.ts';
import { toNeedFinding } from './need-finding.ts';
import { withSharedUse } from './shared-use.ts';
import { adviseRunner, servesTests, UNDER_TEST } from './test-need.ts';
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
        : explainEclassCall(code, subject, need, need.calledBy),
    );
}

function explain(code: TrialFindingCode, subject: TrialSubject, need: Need, describe: Describe): Finding {
  const { facts } = subject;
  const found = describe(need, nameOf(need));
  const runner = adviseRunner(facts, need);
  if (runner !== undefined)
    return toNeedFinding(code, need, {
      severity: 'error',
      message: `${found}: ${runner.advice}.`,
      range: variableRange(facts, 'BDEPEND'),
      fix: runner.fix,
    });
  const isOfTests = servesTests(need);
  const condition = isOfTests ? UNDER_TEST : conditionOf(subject, need);
  const { alternatives, sure } = condition;
  const atom = atomForBoth(subject, need);
  const entry = printUnder(atom, alternatives);
  const { target, variables } = placeOf(subject, need, entry);
  const interpreter = need.deprecated
    ? undefined
    : adviseInterpreter(subject, need, { target, variables, condition });
  if (interpreter !== undefined)
    return toNeedFinding(code, need, {
      message: `${found}: ${interpreter.advice}.`,
      range: variableRange(facts, need.variable),
      fix: interpreter.fix,
    });
  const flag = isOfTests ? addTestFlag(facts) : [];
  const move = need.deprecated ? undefined : moveToLibraries(subject, need);
  const added = [...flag, ...addAtomUnder(facts, variables, atom, alternatives)];
  const edits = need.deprecated ? [] : (move?.edits ?? added);
  const advice = adviceFor(need, atom, entry, target, move);
  const untried = move === undefined && !isOfTests ? findUntriedFlag(subject, need) : undefined;
  const others = listOthers(facts, need, { atom, target, variables, condition, untried, move });
  return toNeedFinding(code, need, {
    message: `${found}: ${advice}${describeCondition(need, condition, flag.length > 0)}${describeEclass(need)}${describeOthers(need)}${describeProviders(need)}${describeUntried(untried)}.`,
    range: variableRange(
      facts,
      isDependencyVariable(target) ? target : writtenVariable(subject, need.variable),
    ),
    fix: asFix(
      move === undefined ? `Add ${entry} to ${target}` : `Move ${move.text} from BDEPEND to ${move.target}`,
      edits,
      (sure && !isArguable(need)) || move !== undefined,
    ),
    alternatives: others,
  });
}

/** What the other edits are made of. */
interface Written {
  readonly atom: string;
  readonly target: string;
  readonly variables: readonly DependencyVariable[];
  readonly condition: DerivedCondition;
  readonly untried: string | undefined;
  readonly move: LibraryMove | undefined;
}

/** The edits that an author may prefer: without a condition that is not sure, under a flag, another package that is enough, an eclass. */
function listOthers(facts: EbuildFacts, need: Need, written: Written): Fix[] {
  const { atom, target, variables, condition, untried, move } = written;
  const [eclass] = need.eclasses ?? [];
  const providers = [atom, ...(need.others ?? [])];
  const offered = need.deprecated || move !== undefined ? undefined : need;
  return [
    offered && !condition.sure
      ? asFix(`Add ${atom} to ${target}`, addAtomUnder(facts, variables, atom, [[]]), false)
      : undefined,
    offered && untried !== undefined
      ? asFix(
          `Add ${untried}? ( ${atom} ) to ${target}`,
          addAtomUnder(facts, variables, atom, [[{ flag: untried, negated: false }]]),
          false,
        )
      : undefined,
    offered && providers.length > 1 && condition.alternatives.every(({ length }) => length === 0)
      ? asFix(`Add || ( ${providers.join(' ')} ) to ${target}`, addAnyOf(facts, variables, providers), false)
      : undefined,
    eclass === undefined
      ? undefined
      : asFix(`Inherit ${eclass}, which brings ${atom}`, addInherit(facts, eclass), false),
  ].filter((fix) => fix !== undefined);
}

/**
 * The enabled flag of the same name as the package, which no dependency names, if no other USE state was tried: the package may be needed under
 * it only.
 */
function findUntriedFlag({ record }: TrialSubject, need: Need): string | undefined {
  if (record.variants.length > 0) return undefined;
  const name = need.package.name.toLowerCase();
  const names = [name, featureOf(need), name.replace(/[-\d.]+$/, '')];
  return names.find(
    (flag) => record.iuse.includes(flag) && record.use.includes(flag) && !isInDependencies(record, flag),
  );
}

function describeUntried(flag: string | undefined): string {
  return flag === undefined ? '' : `; if only USE=${flag} needs it, a trial of every USE state shows that`;
}

function describeCondition(need: Need, { alternatives }: DerivedCondition, addsFlag: boolean): string {
  if (servesTests(need))
    return `${addsFlag ? ', with the flag test in IUSE and RESTRICT="!test? ( test )"' : ''}, because only src_test needs it`;
  const isConditional = alternatives.some((conditions) => conditions.length > 0);
  if (isConditional) return `, because only ${printUseStates(alternatives)} needs it`;
  return need.named?.isForVersion === true
    ? ', in $(python_gen_cond_dep …) with the versions of Python that need it'
    : '';
}

function describeEclass({ eclasses = [] }: Need): string {
  const [eclass] = eclasses;
  return eclass === undefined ? '' : `, or inherit ${eclass}, which brings it`;
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

/** Whether the author may mean another package, or must say for which versions of the interpreter. */
function isArguable({ named }: Need): boolean {
  return named?.kind === 'qml' || named?.isForVersion === true;
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
