import type { Attribution, Denial, UnlicensedRun } from '../../../audit/attribution.ts';
import { packageId } from '../../../installed/vdb.ts';
import type { Step } from './step.ts';

/** What was seen of a step that went through, as plain data. */
export interface Observations {
  /** Phase by phase; of one phase the likeliest cause of a failure first. */
  readonly denials: readonly Denial[];
  readonly unlicensedRuns: readonly UnlicensedRun[];
  /** What the tracer could not see. */
  readonly gaps: readonly string[];
}

/** Takes down what an attribution knows at the end of a step. */
export function takeObservations(attribution: Attribution, step: Step): Observations {
  return {
    denials: step.flatMap((phase) => attribution.denials(phase)),
    unlicensedRuns: attribution.unlicensedRuns(),
    gaps: attribution.gaps,
  };
}

/** As much evidence of one package as one step keeps. */
const EVIDENCE_KEPT = 4;

/** What several steps saw, one after another. A package that more than one of them ran is named once. */
export function joinObservations(steps: readonly Observations[]): Observations {
  const runs = new Map<string, UnlicensedRun>();
  for (const run of steps.flatMap((one) => one.unlicensedRuns)) {
    const id = packageId(run.package);
    const evidence = [...(runs.get(id)?.evidence ?? []), ...run.evidence].slice(0, EVIDENCE_KEPT);
    runs.set(id, { ...run, evidence });
  }
  return {
    denials: steps.flatMap((one) => one.denials),
    unlicensedRuns: [...runs.values()],
    gaps: [...new Set(steps.flatMap((one) => one.gaps))],
  };
}
