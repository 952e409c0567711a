import type { TextRange } from '../../../pms/text-range.ts';
import { phaseFunction } from '../../../trace/phase-function.ts';
import { nameOf, ownerOf, suggestedNames } from '../../declared-packages.ts';
import type { Addition, Finding, Fix, TrialFindingCode } from '../../finding.ts';
import type { Need } from '../../record.ts';
import { ruleOf } from '../../rules.ts';

/** What a finding about a need says and changes. */
export interface NeedAdvice {
  readonly message: string;
  readonly range: TextRange;
  readonly fix: Fix | undefined;
  readonly alternatives?: readonly Fix[];
  readonly addition?: Addition | undefined;
  /** By default what {@link severityOf} says. */
  readonly severity?: Finding['severity'];
}

/** Makes the finding about a need with its evidence and reasons. */
export function toNeedFinding(code: TrialFindingCode, need: Need, advice: NeedAdvice): Finding {
  const { message, range, fix, alternatives = [], addition, severity = severityOf(need) } = advice;
  return {
    code,
    severity,
    about: suggestedNames(need),
    message,
    range,
    evidence: need.evidence,
    fix,
    ...(alternatives.length === 0 ? {} : { alternatives }),
    ...(addition === undefined ? {} : { addition }),
    why: whyNeeded(need),
  };
}

/** What an installed file only names is surely meant, but it may be able to do without, unless it says the opposite. */
function severityOf({ named }: Need): Finding['severity'] {
  return named === undefined || named.kind === 'dlopen-note' ? 'error' : 'warning';
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
