import { nameOf } from '../../declared-packages.ts';
import type { Finding, TrialFindingCode } from '../../finding.ts';
import type { EclassCall, Need } from '../../record.ts';
import type { TrialSubject } from '../../trial-subject.ts';
import { toNeedFinding } from './need-finding.ts';
import { phaseRange } from './phase-range.ts';

/** The finding about a program that an eclass's function runs. The eclass declares it, so that there is nothing to add to the ebuild. */
export function explainEclassCall(
  code: TrialFindingCode,
  { facts }: TrialSubject,
  need: Need,
  { eclass, function: name }: EclassCall,
): Finding {
  const [evidence] = need.evidence;
  return toNeedFinding(code, need, {
    severity: 'information',
    message: `Report this to the maintainer of ${eclass}.eclass, because the ebuild needs no edit: ${name} of the eclass runs ${evidence?.path ?? 'a program'} of ${nameOf(need)}, which the eclass does not declare.`,
    range: phaseRange(facts, evidence?.phase ?? ''),
    fix: undefined,
  });
}
