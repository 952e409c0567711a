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
import { type Addition, asFix, type Finding, type Fix, type TrialFindingCode } from '../../finding.ts';
import { toSentence } from '../../finding-sentence.ts';
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

/** Describes in one clause what the package was needed for; {@link findMissing} says before it which atom to write where. */
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

/** Says what a build without the package showed. @param touched a file of it, e.g. `/usr/include/png.h of media-libs/libpng` */
export function describeFailure({ certainty }: Need, touched: string): string {
  return certainty === 'proven'
    ? `the build fails without ${touched}, and passes with it`
    : `the build failed after it looked for ${touched}`;
}

function explain(code: TrialFindingCode, subject: TrialSubject, need: Need, describe: Describe): Finding {
  const { facts } = subject;
  const found = describe(need, nameOf(need));
  const runner = adviseRunner(facts, need);
  if (runner !== undefined)
    return toNeedFinding(code, need, {
      severity: 'error',
      message: toSentence(runner.advice, `${found}${describeCondition(need, UNDER_TEST)}`),
      range: variableRange(facts, 'BDEPEND'),
      fix: runner.fix,
    });
  const isOfTests = servesTests(need);
  const condition = isOfTests ? UNDER_TEST : conditionOf(subject, need);
  const { alternatives, sure } = condition;
  const atom = atomForBoth(subject, need);
  const entry = printUnder(atom, alternatives);
  const { target, variables, isShared } = placeOf(subject, need, entry);
  const interpreter = need.deprecated
    ? undefined
    : adviseInterpreter(subject, need, { target, variables, condition });
  if (interpreter !== undefined)
    return toNeedFinding(code, need, {
      message: toSentence(interpreter.advice, found),
      range: variableRange(facts, need.variable),
      fix: interpreter.fix,
    });
  const flag = isOfTests ? addTestFlag(facts) : [];
  const move = need.deprecated ? undefined : moveToLibraries(subject, need);
  const added = [...flag, ...addAtomUnder(facts, variables, atom, alternatives)];
  const edits = need.deprecated ? [] : (move?.edits ?? added);
  const untried = move === undefined && !isOfTests ? findUntriedFlag(subject, need) : undefined;
  const advice = adviceFor(need, atom, entry, target, move);
  const remedy = `${advice}${describeGenerator(need)}${describeTestFlag(flag.length > 0)}${describeEclass(need)}`;
  const notes = `${describeCondition(need, condition)}${describeOthers(need)}${describeProviders(need)}${describeUntried(untried)}`;
  const others = listOthers(facts, need, { atom, target, variables, condition, untried, move });
  return toNeedFinding(code, need, {
    message: toSentence(remedy, `${found}${notes}`),
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
    addition:
      isShared && edits.length > 0 && move === undefined && need.certainty === 'proven'
        ? addToBoth(facts, need, { atom, condition, untried, entry, reason: found, notes })
        : undefined,
  });
}

/** Describes the atom for both DEPEND and RDEPEND. */
function addToBoth(
  facts: EbuildFacts,
  need: Need,
  added: Pick<Written, 'atom' | 'condition' | 'untried'> & Pick<Addition, 'entry' | 'reason' | 'notes'>,
): Addition {
  const { atom, condition, untried, ...said } = added;
  const variables = LIBRARY_VARIABLES;
  const targets = chooseCarriers(facts, variables);
  const written = { atom, condition, untried, target: targets.join(' and '), variables, move: undefined };
  return {
    ...said,
    targets,
    edits: addAtomUnder(facts, variables, atom, condition.alternatives),
    alternatives: listOthers(facts, need, written),
    addendum: `${describeGenerator(need)}${describeEclass(need)}`,
  };
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

const describeTestFlag = (isAdded: boolean): string =>
  isAdded ? ', with the flag test in IUSE and RESTRICT="!test? ( test )"' : '';

function describeCondition(need: Need, { alternatives }: DerivedCondition): string {
  if (servesTests(need)) return '; only src_test needs it';
  const isConditional = alternatives.some((conditions) => conditions.length > 0);
  return isConditional ? `; only ${printUseStates(alternatives)} needs it` : '';
}

const describeGenerator = ({ named }: Need): string =>
  named?.isForVersion === true
    ? ', in $(python_gen_cond_dep …) with the versions of Python that need it'
    : '';

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
  if (need.deprecated)
    return `use what profiles/package.deprecated names instead of ${atom}, which is deprecated`;
  if (move !== undefined) return `move ${move.text} from BDEPEND to ${move.target}`;
  return need.certainty === 'proven' ? `add ${entry} to ${target}` : `perhaps add ${entry} to ${target}`;
}

/** Others may have the program too; the author chooses, or writes `|| ( )`. */
function describeProviders({ others = [] }: Need): string {
  return others.length === 0 ? '' : `; ${others.join(' or ')} may have the program, too`;
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

/** Where an atom is written. */
interface WritingPlace {
  /** The variable in which it is to be written. */
  readonly target: string;
  /** The dependency variables that then have it. */
  readonly variables: readonly DependencyVariable[];
  /** Whether DEPEND and RDEPEND both lack the same atom. */
  readonly isShared: boolean;
}

/**
 * If a package is needed both to build and to run, one atom in a variable that both hold is enough: `DEPEND="${RDEPEND}"`, or a helper
 * variable.
 */
function placeOf(subject: TrialSubject, need: Need, entry: string): WritingPlace {
  const variable = writtenVariable(subject, need.variable);
  const alone = { target: variable, variables: [variable], isShared: false };
  if (need.variable === 'BDEPEND') return alone;
  const twin = findNeed(subject, need, need.variable === 'DEPEND' ? 'RDEPEND' : 'DEPEND');
  if (twin === undefined || atomsFor(subject, need, LIBRARY_VARIABLES).length > 0) return alone;
  const twinEntry = printUnder(atomForBoth(subject, twin), conditionOf(subject, twin).alternatives);
  if (twinEntry !== entry) return alone;
  const [target, ...others] = chooseCarriers(subject.facts, LIBRARY_VARIABLES);
  return target !== undefined && others.length === 0
    ? { target, variables: LIBRARY_VARIABLES, isShared: true }
    : { ...alone, isShared: true };
}
