import { variableRange } from '../../ebuild/anchor.ts';
import { isDependencyVariable } from '../../ebuild/dependency-variable.ts';
import { addAtom, chooseCarriers } from '../../ebuild/edit/edit.ts';
import type { EbuildFacts } from '../../ebuild/facts.ts';
import { declares } from '../declared-packages.ts';
import type { Finding, FindingCode } from '../finding.ts';
import type { DependencyVariable, Need, TrialRecord } from '../record.ts';

/** Says in one sentence what was touched and what to add where; each missing-* code has its own. */
export type Describe = (need: Need, packageName: string, target: string) => string;

/** The findings of one missing-* code: every need in `variable` that the text does not declare. */
export function findMissing(
  code: FindingCode,
  variable: DependencyVariable,
  record: TrialRecord,
  facts: EbuildFacts,
  describe: Describe,
): Finding[] {
  return record.needs
    .filter((need) => need.variable === variable && !declares(facts, record, need))
    .map((need) => {
      const { target, variables } = placeOf(need, record, facts);
      return {
        code,
        severity: 'error',
        message: describe(need, `${need.package.category}/${need.package.name}`, target),
        range: variableRange(facts, isDependencyVariable(target) ? target : variable),
        evidence: need.evidence,
        fix: { title: `Add ${need.atom} to ${target}`, edits: addAtom(facts, variables, need.atom) },
      };
    });
}

/**
 * The variable that the atom is to be written in, and the dependency variables that have it then. Where the package is needed both
 * to build and to run, one atom in a variable that both hold says it all: `DEPEND="${RDEPEND}"`, or a helper variable of the two.
 */
function placeOf(
  need: Need,
  record: TrialRecord,
  facts: EbuildFacts,
): { readonly target: string; readonly variables: readonly DependencyVariable[] } {
  const both = ['DEPEND', 'RDEPEND'] as const;
  const isNeededIn = (variable: DependencyVariable): boolean =>
    record.needs.some(
      (one) =>
        one.variable === variable &&
        one.package.category === need.package.category &&
        one.package.name === need.package.name,
    );
  if (need.variable !== 'BDEPEND' && both.every(isNeededIn)) {
    const [target, ...others] = chooseCarriers(facts, both);
    if (target !== undefined && others.length === 0) return { target, variables: both };
  }
  return { target: need.variable, variables: [need.variable] };
}
