import { showLine } from '../errors/visible-text.ts';
import { printAge } from './age.ts';
import type { Verdict } from './finding.ts';
import type { TrialRecord } from './record.ts';

/** The summary of a record and its verdict for the user. */
export interface Conclusion {
  readonly state: 'clean' | 'findings' | 'not-verified' | 'failed';
  /** One sentence. */
  readonly message: string;
}

/** Facts about a record that are not in it. */
export interface RecordState {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** An input of its trial, besides the text, that has changed since, e.g. `an eclass`. */
  readonly change?: string | undefined;
}

/** Summarises a judged record in a state and a sentence or two. */
export function conclude(record: TrialRecord, verdict: Verdict, state: RecordState): Conclusion {
  const concluded = concludeStored(record, verdict, state);
  return { ...concluded, message: showLine([concluded.message, ...(record.disputes ?? [])].join(' ')) };
}

function concludeStored(record: TrialRecord, verdict: Verdict, state: RecordState): Conclusion {
  const age = record.storedAt === undefined ? '' : ` ${printAge(record.storedAt, state.now)}`;
  if (state.change !== undefined) {
    const count = countFindings(verdict);
    const sentence = `${count === '' ? '' : `${count}, but `}${state.change} has changed since the last trial${age}`;
    return {
      state: 'not-verified',
      message: `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}: run another trial to verify the dependencies.`,
    };
  }
  const concluded = concludeNow(record, verdict);
  if (record.sharedBy !== undefined)
    return {
      ...concluded,
      message: `${concluded.message} (Result of a record by ${listNames(record.sharedBy)}.)`,
    };
  if (age === '' || !verdict.isBuilt || concluded.state === 'not-verified') return concluded;
  return { ...concluded, message: `${concluded.message} (Result of the trial${age}.)` };
}

function countFindings({ findings: { length }, silenced }: Verdict): string {
  if (length === 0) return '';
  return `${length === 1 ? '1 finding' : `${length} findings`}${countSilenced(silenced?.length ?? 0)}`;
}

/** `, 2 silenced`; empty if nothing is silenced. */
export function countSilenced(count: number): string {
  return count === 0 ? '' : `, ${count} silenced`;
}

/** The probes that a quick trial did not try. If builds were made and were not enough, the gaps say so. */
function countUntried({ probes }: TrialRecord): string {
  const { length } = probes.filter(({ effect }) => effect === 'untried');
  if (length === 0) return '';
  const packages = length === 1 ? '1 package' : `${length} packages`;
  return ` It also looked for ${packages} that it does not need; their effect was not tried.`;
}

/** Says which packages were not installed but lay on the root as binary packages. */
function describeLayers({ layers = [] }: TrialRecord): string {
  const [first] = layers;
  if (first === undefined) return '';
  const others = layers.length - 1;
  const more = others === 0 ? '' : others === 1 ? ' and 1 other' : ` and ${others} others`;
  return ` ${first.id}${more} came from ${others === 0 ? 'a binary package' : 'binary packages'}.`;
}

/** Says so if no USE state that was tried has run the tests. */
function describeUntested({ untested, variants }: TrialRecord): string {
  if (untested === 'restricted') return ' src_test was not run: RESTRICT forbids it.';
  const isTested = variants.some((state) => state.untested === undefined && state.use.includes('test'));
  return untested !== undefined && !isTested ? ' src_test was not run: --tests runs it.' : '';
}

function concludeNow(record: TrialRecord, verdict: Verdict): Conclusion {
  const failure = record.failure && `the ${record.failure.phase} phase failed: ${record.failure.firstError}`;
  const findings = countFindings(verdict);
  if (findings !== '')
    return {
      state: 'findings',
      message: failure
        ? `${findings}; ${failure}`
        : `${findings}.${describeLayers(record)}${describeUntested(record)}`,
    };
  if (record.outcome === 'failed' && verdict.isBuilt) {
    const reason = failure ?? 'the build failed';
    const count = verdict.silenced?.length ?? 0;
    if (verdict.state === 'verified' && count > 0)
      return {
        state: 'failed',
        message: `${count === 1 ? '1 silenced finding explains' : `${count} silenced findings explain`} the failure: ${reason}`,
      };
    return {
      state: 'failed',
      message: failure
        ? `No missing dependency explains the failure: ${failure}`
        : 'The build failed, and no missing dependency explains the failure.',
    };
  }
  if (record.outcome === 'passed' && verdict.state === 'verified') {
    const unseen = record.gaps.length === 0 ? '' : ` Not observed: ${record.gaps.join('; ')}.`;
    const untried = record.gaps.length > 0 ? '' : countUntried(record);
    const silenced = verdict.silenced?.length ?? 0;
    const ignored =
      silenced === 0 ? '' : ` ${silenced === 1 ? '1 finding is' : `${silenced} findings are`} silenced.`;
    return {
      state: 'clean',
      message: `The build used only declared packages.${describeLayers(record)}${untried}${ignored}${unseen}${describeUntested(record)}`,
    };
  }
  if (record.outcome === 'running') {
    return { state: 'not-verified', message: 'The last trial was not finished.' };
  }
  return {
    state: 'not-verified',
    message: 'The dependencies have changed since the last trial: run another trial to verify them.',
  };
}

/** `alice`, `alice and bob`, `alice, bob and carol` */
export function listNames(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? 'nobody') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
