import type { Evidence } from '../../../trace/evidence.ts';
import { describeEvidence } from '../../evidence-sentence.ts';
import type { Finding } from '../../finding.ts';
import { RULES } from '../../rules.ts';
import type { TrialSubject } from '../../trial-subject.ts';
import { phaseRange } from './phase-range.ts';

/** `unowned-file`: the build used a file of the system that no package owns, such as one in /usr/local, so no dependency can bring it. */
export function findUnownedFiles({ facts, states }: TrialSubject): Finding[] {
  const files = new Map<string, Evidence>();
  for (const { kind, evidence } of states.flatMap(({ incidents }) => incidents))
    if (kind === 'unowned-file' && !files.has(evidence.path)) files.set(evidence.path, evidence);
  return [...files.values()].map((evidence) => ({
    code: 'unowned-file',
    severity: 'information',
    message: `The build uses ${evidence.path}, which no package owns and no dependency can bring: ${describeEvidence(evidence)}.`,
    range: phaseRange(facts, evidence.phase),
    evidence: [evidence],
    about: [],
    why: { rule: RULES['unowned-file'], trials: [] },
  }));
}
