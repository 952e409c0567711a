import type { EbuildFacts } from '../../../ebuild/ebuild-facts.ts';
import { addRequiredUse } from '../../../ebuild/edit/required-use.ts';
import { staticMetadata } from '../../../ebuild/static-metadata.ts';
import { isAllowed, parseRequiredUse } from '../../../pms/required-use.ts';
import type { TextRange } from '../../../pms/text-range.ts';
import { phaseFunction } from '../../../trace/phase-function.ts';
import { asFix, type Finding } from '../../finding.ts';
import { toSentence } from '../../finding-sentence.ts';
import type { FailedPhase, TrialRecord } from '../../record.ts';
import { RULES } from '../../rules.ts';
import type { TrialSubject } from '../../trial-subject.ts';
import { type DerivedCondition, deriveCondition, printUseStates } from '../../use-condition.ts';
import { flagRange } from './flag-range.ts';
import { phaseRange } from './phase-range.ts';

/** A USE state whose build failed. */
interface FailedState {
  readonly state: TrialRecord;
  readonly failure: FailedPhase;
}

/**
 * `failing-use-state`: REQUIRED_USE allows a USE state in which the build fails, and no dependency explains why. States that fail in the same
 * way are one finding.
 */
export function findFailingUseStates(subject: TrialSubject): Finding[] {
  const { facts, record } = subject;
  const isPossible = readPossible(facts);
  const failed = record.variants.flatMap((state): FailedState[] =>
    state.outcome === 'failed' && state.failure !== undefined && isPossible(state) && !isExplained(state)
      ? [{ state, failure: state.failure }]
      : [],
  );
  const alike = new Map<string, FailedState[]>();
  for (const found of failed) {
    const key = `${found.failure.phase} ${found.failure.firstError}`;
    alike.set(key, [...(alike.get(key) ?? []), found]);
  }
  return [...alike.values()].map((states) => explain(subject, states));
}

/** Whether the text's own REQUIRED_USE still allows a state. An unknown value, and what eclasses add, allows all. */
function readPossible(facts: EbuildFacts): (state: TrialRecord) => boolean {
  const { nodes } = parseRequiredUse(staticMetadata(facts).values.REQUIRED_USE.value ?? '');
  return ({ use }) => isAllowed(nodes, use, facts.eapi);
}

/** Whether other findings speak of the failure. */
function isExplained({ incidents, failure }: TrialRecord): boolean {
  return incidents.some(
    ({ kind, evidence }) => kind === 'network-access' && evidence.phase === failure?.phase,
  );
}

function explain(subject: TrialSubject, states: readonly FailedState[]): Finding {
  const { facts, record } = subject;
  const [{ state, failure }] = states as [FailedState];
  const passed = subject.states.filter(({ outcome }) => outcome === 'passed');
  const condition = deriveCondition(
    states.map((failed) => failed.state.use),
    passed.map(({ use }) => use),
    record.iuse,
  );
  const constraint = condition && toConstraint(condition, passed);
  const where = condition?.alternatives.every((flags) => flags.length > 0)
    ? printUseStates(condition.alternatives)
    : `USE="${differenceOf(state, record)}"`;
  const advice =
    constraint === undefined ? 'mend the build' : `add ${constraint} to REQUIRED_USE, or mend the build`;
  return {
    code: 'failing-use-state',
    severity: failure.phase === 'test' ? 'warning' : 'error',
    message: toSentence(
      advice,
      `${phaseFunction(failure.phase)} fails with ${where} (${failure.firstError})`,
    ),
    range: rangeOf(facts, condition) ?? phaseRange(facts, failure.phase),
    evidence: [],
    fix:
      constraint === undefined
        ? undefined
        : asFix(
            `Add ${constraint} to REQUIRED_USE`,
            addRequiredUse(facts, constraint),
            condition?.sure === true && failure.phase !== 'test',
          ),
    about: [],
    why: { rule: RULES['failing-use-state'], trials: describeTrials(states, passed, record) },
  };
}

function describeTrials(
  failed: readonly FailedState[],
  passed: readonly TrialRecord[],
  configured: TrialRecord,
): readonly string[] {
  const name = (state: TrialRecord) => `USE="${differenceOf(state, configured)}"`;
  return [
    ...failed.map(({ state, failure }) => `The ${failure.phase} phase fails with ${name(state)}.`),
    ...passed.filter((state) => state !== configured).map((state) => `The build passes with ${name(state)}.`),
  ];
}

/** The flags of a state that differ from the configured state, as a user would set them. */
function differenceOf({ use }: TrialRecord, configured: TrialRecord): string {
  return configured.iuse
    .filter((flag) => use.includes(flag) !== configured.use.includes(flag))
    .map((flag) => (use.includes(flag) ? flag : `-${flag}`))
    .join(' ');
}

/**
 * The constraint that forbids the states of a condition on two flags.
 *
 * @returns undefined for any other condition, or if no state that passed has the first flag: then it is not known that the constraint helps
 */
function toConstraint(
  { alternatives }: DerivedCondition,
  passed: readonly TrialRecord[],
): string | undefined {
  const [conditions] = alternatives;
  if (alternatives.length !== 1 || conditions?.length !== 2) return undefined;
  const [first, second] = conditions.toSorted((left, right) => Number(left.negated) - Number(right.negated));
  if (first === undefined || second === undefined) return undefined;
  if (first.negated) return `|| ( ${first.flag} ${second.flag} )`;
  if (!passed.some(({ use }) => use.includes(first.flag))) return undefined;
  return second.negated
    ? `${first.flag}? ( ${second.flag} )`
    : `?? ( ${[first.flag, second.flag].sort().join(' ')} )`;
}

/** The word of IUSE that names the first flag of a condition. */
function rangeOf(facts: EbuildFacts, condition: DerivedCondition | undefined): TextRange | undefined {
  const flag = condition?.alternatives[0]?.find(({ negated }) => !negated)?.flag;
  return flag === undefined ? undefined : flagRange(facts, flag);
}
