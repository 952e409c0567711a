import { printAge } from './age.ts';
import type { Verdict } from './finding.ts';
import type { TrialRecord } from './record.ts';
import { isTextOf } from './silencing/ignore-comment.ts';

/** What a record and its verdict come to for the user. */
export interface Conclusion {
  readonly state: 'clean' | 'findings' | 'not-verified' | 'failed';
  /** One sentence. */
  readonly message: string;
}

/** What is known about a record besides what it says. */
export interface RecordState {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** What its trial rested on, besides the text, and is no longer as it was, e.g. `an eclass`. */
  readonly change?: string | undefined;
}

/** Puts a judged record into one word and a sentence or two. `text` is what was judged. */
export function conclude(
  record: TrialRecord,
  verdict: Verdict,
  text: string,
  state: RecordState,
): Conclusion {
  const age = record.storedAt === undefined ? '' : ` ${printAge(record.storedAt, state.now)}`;
  if (state.change !== undefined) {
    const count = countFindings(verdict);
    const sentence = `${count === '' ? '' : `${count}, but `}${state.change} has changed since the last trial${age}`;
    return {
      state: 'not-verified',
      message: `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}; another trial will verify the dependencies.`,
    };
  }
  const concluded = concludeNow(record, verdict, text);
  if (age === '' || !isTextOf(record, text) || concluded.state === 'not-verified') return concluded;
  return { ...concluded, message: `${concluded.message} Known from the trial${age}.` };
}

function countFindings({ findings: { length }, silenced }: Verdict): string {
  if (length === 0) return '';
  return `${length === 1 ? '1 finding' : `${length} findings`}${countSilenced(silenced?.length ?? 0)}`;
}

/** `, 2 silenced`; nothing where nothing is. */
export function countSilenced(count: number): string {
  return count === 0 ? '' : `, ${count} silenced`;
}

/** What a quick trial leaves open; where builds were made and did not suffice, the gaps say so. */
function countUntried({ probes }: TrialRecord): string {
  const { length } = probes.filter(({ effect }) => effect === 'untried');
  if (length === 0) return '';
  const packages = length === 1 ? '1 package' : `${length} packages`;
  return ` It looked for ${packages} and did without; what that would change was not tried.`;
}

function concludeNow(record: TrialRecord, verdict: Verdict, text: string): Conclusion {
  const failure = record.failure && `the ${record.failure.phase} phase failed: ${record.failure.firstError}`;
  const findings = countFindings(verdict);
  if (findings !== '')
    return { state: 'findings', message: failure ? `${findings}; ${failure}` : `${findings}.` };
  if (record.outcome === 'failed' && isTextOf(record, text)) {
    return {
      state: 'failed',
      message: failure
        ? `No dependency explains why ${failure}`
        : 'The build failed, and no dependency explains why.',
    };
  }
  if (record.outcome === 'passed' && verdict.state === 'verified') {
    const unseen = record.gaps.length === 0 ? '' : ` What could not be watched: ${record.gaps.join('; ')}.`;
    const untried = record.gaps.length > 0 ? '' : countUntried(record);
    const silenced = verdict.silenced?.length ?? 0;
    const ignored =
      silenced === 0 ? '' : ` ${silenced === 1 ? '1 finding is' : `${silenced} findings are`} silenced.`;
    return {
      state: 'clean',
      message: `The build used nothing that is not declared.${untried}${ignored}${unseen}`,
    };
  }
  if (record.outcome === 'running') {
    return { state: 'not-verified', message: 'The last trial did not reach its end.' };
  }
  return {
    state: 'not-verified',
    message: 'The dependencies have changed since the last trial; another trial will verify them.',
  };
}
