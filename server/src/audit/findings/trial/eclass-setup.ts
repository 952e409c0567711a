import type { EbuildFacts } from '../../../ebuild/ebuild-facts.ts';
import type { TextEdit } from '../../../ebuild/text-edit.ts';
import { phaseFunction } from '../../../trace/phase-function.ts';
import { isSameSlot, nameOf, namesFor } from '../../declared-packages.ts';
import { asFix, type Finding } from '../../finding.ts';
import { toSentence } from '../../finding-sentence.ts';
import { RULES } from '../../rules.ts';
import type { TrialSubject } from '../../trial-subject.ts';
import { printUseStates } from '../../use-condition.ts';
import type { ConditionalReference } from './conditional-reference.ts';
import { whyNeeded } from './need-finding.ts';
import type { UndeclaredNeed } from './undeclared-need.ts';

/**
 * The finding for a package that an eclass's own function needs in every USE state, while its variable is in a conditional.
 *
 * @returns undefined if the text has been mended since
 */
export function explainConditionalReference(
  { facts, states, record }: TrialSubject,
  { need }: UndeclaredNeed,
  { condition, reference, range }: ConditionalReference,
): Finding | undefined {
  const [evidence] = need.evidence;
  const without = states.filter(({ use }) => use.includes(condition.flag) === condition.negated);
  const used = without.flatMap(({ uses }) => uses.filter((use) => isSameSlot(use, need)));
  const seen = [...need.evidence, ...used.flatMap(({ kinds }) => kinds.flatMap((kind) => kind.evidence))];
  const isOnlySetup = seen.every(({ phase }) => phase === 'setup');
  const off = printUseStates([[{ ...condition, negated: !condition.negated }]]);
  const eclass = chooseEclass(facts, reference);
  const isDefined = facts.functions.some(({ name }) => name === 'pkg_setup');
  // The function was written after the trial.
  if (isOnlySetup && isDefined && facts.text !== record.text) return undefined;
  const setup = isOnlySetup && !isDefined ? eclass : undefined;
  const call = `use ${condition.negated ? '!' : ''}${condition.flag} && ${setup}_pkg_setup`;
  const out = `take ${reference} out of the conditional`;
  const advice = setup === undefined ? out : `write pkg_setup() { ${call}; }, or ${out}`;
  const edits = setup === undefined ? [] : definePkgSetup(facts, call);
  const where = setup === undefined ? phaseFunction(evidence?.phase ?? 'setup') : `${setup}_pkg_setup`;
  return {
    code: 'missing-use-conditional',
    severity: 'warning',
    message: toSentence(
      advice,
      `${reference} brings ${nameOf(need)} only under ${condition.negated ? '!' : ''}${condition.flag}?, and ${where} needs it with ${off}, too`,
    ),
    range,
    evidence: need.evidence,
    // Another eclass may have a pkg_setup that the new function would hide.
    fix: asFix(`Call ${setup}_pkg_setup under the flag`, edits, facts.inherits.length === 1),
    about: namesFor(need),
    why: { ...whyNeeded(need), rule: RULES.declaredTooNarrowly },
  };
}

/** The inherited eclass after which a variable is named: python-any-r1 for `${PYTHON_DEPS}`. */
function chooseEclass({ inherits }: EbuildFacts, reference: string): string | undefined {
  const prefix = /^\$\{([A-Z0-9]+)_/.exec(reference)?.[1]?.toLowerCase();
  const named = inherits.filter(({ name }) => prefix !== undefined && name.startsWith(prefix));
  return named.length === 1 ? named[0]?.name : undefined;
}

function definePkgSetup({ text, functions }: EbuildFacts, call: string): TextEdit[] {
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const definition = ['pkg_setup() {', `\t${call}`, '}', ''].join(newline);
  const start = functions[0]?.start;
  return start === undefined
    ? [{ start: text.length, end: text.length, newText: newline + definition }]
    : [{ start, end: start, newText: definition + newline }];
}
