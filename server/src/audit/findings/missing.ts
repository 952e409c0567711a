import { variableRange } from '../../ebuild/anchor.ts';
import { addAtom } from '../../ebuild/edit.ts';
import type { EbuildFacts } from '../../ebuild/facts.ts';
import { declares } from '../declared-packages.ts';
import type { Finding, FindingCode } from '../finding.ts';
import type { DependencyVariable, Need, TrialRecord } from '../record.ts';

/** Says in one sentence what was touched and what to add where; each missing-* code has its own. */
export type Describe = (need: Need, packageName: string, target: DependencyVariable) => string;

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
      const target = chooseVariable(need, record, facts);
      return {
        code,
        severity: 'error',
        message: describe(need, `${need.package.category}/${need.package.name}`, target),
        range: variableRange(facts, target),
        evidence: need.evidence,
        fix: { title: `Add ${need.atom} to ${target}`, edits: addAtom(facts, target, need.atom) },
      };
    });
}

/**
 * Where `DEPEND="${RDEPEND}"` and the package is needed in both, one atom in the referenced variable says it all; the
 * same holds for `RDEPEND="${DEPEND}"`.
 */
function chooseVariable(need: Need, record: TrialRecord, facts: EbuildFacts): DependencyVariable {
  const other: DependencyVariable | undefined =
    need.variable === 'DEPEND' ? 'RDEPEND' : need.variable === 'RDEPEND' ? 'DEPEND' : undefined;
  if (other === undefined) return need.variable;
  const neededThere = record.needs.some(
    (one) =>
      one.variable === other &&
      one.package.category === need.package.category &&
      one.package.name === need.package.name,
  );
  return neededThere && refersTo(facts, need.variable, other) ? other : need.variable;
}

function refersTo(facts: EbuildFacts, from: DependencyVariable, to: DependencyVariable): boolean {
  const reference = new RegExp(`\\$\\{?${to}\\b`);
  return facts.assignments.some(
    (assignment) =>
      assignment.name === from &&
      reference.test(facts.text.slice(assignment.valueRange.start, assignment.valueRange.end)),
  );
}
