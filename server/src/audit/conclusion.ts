import type { Verdict } from './finding.ts';
import type { TrialRecord } from './record.ts';

/** What a record and its verdict come to for the user. */
export interface Conclusion {
  readonly state: 'clean' | 'findings' | 'not-verified' | 'failed';
  /** One sentence. */
  readonly message: string;
}

/** Puts a judged record into one word and one sentence. `text` is what was judged. */
export function conclude(record: TrialRecord, verdict: Verdict, text: string): Conclusion {
  const failure = record.failure && `the ${record.failure.phase} phase failed: ${record.failure.firstError}`;
  const count = verdict.findings.length;
  if (count > 0) {
    const findings = count === 1 ? '1 finding' : `${count} findings`;
    return { state: 'findings', message: failure ? `${findings}; ${failure}` : `${findings}.` };
  }
  if (record.outcome === 'failed' && record.text === text) {
    return {
      state: 'failed',
      message: failure
        ? `No dependency explains why ${failure}`
        : 'The build failed, and no dependency explains why.',
    };
  }
  if (record.outcome === 'passed' && verdict.state === 'verified') {
    const unseen = record.gaps.length === 0 ? '' : ` What could not be watched: ${record.gaps.join('; ')}.`;
    return { state: 'clean', message: `The build used nothing that is not declared.${unseen}` };
  }
  if (record.outcome === 'running') {
    return { state: 'not-verified', message: 'The last trial did not reach its end.' };
  }
  return {
    state: 'not-verified',
    message: 'The dependencies have changed since the last trial; another trial will verify them.',
  };
}
