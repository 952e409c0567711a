import type { TrialRecord } from '../../audit/record.ts';
import type { EvaluatedMetadata, UseSetting } from '../../package-manager/port.ts';
import type { TrialOutcome } from '../run-trial.ts';
import { endsOnlyThisBuild, type TrialListener } from '../trial.ts';
import { chooseStates } from './choose-states.ts';

/** What the trials of an ebuild in several USE states came to. */
export interface StatesOutcome {
  /** Of the configured state, with the records of the others as its variants. */
  readonly record: TrialRecord;
  /** As evaluated for each state that was tried, the configured one first. */
  readonly metadata: readonly [EvaluatedMetadata, ...EvaluatedMetadata[]];
  /** Whether all that were chosen could be tried. */
  readonly complete: boolean;
}

/**
 * Tries the other USE states of an ebuild one after another; see {@link chooseStates}. A state whose build fails, or that cannot be
 * tried, because a distfile that only it needs is not there, say, is named in the record's gaps with what could not be seen in any of them,
 * and the others are tried all the same. Rejects with what `runState` rejects with, unless it {@link endsOnlyThisBuild}.
 *
 * @param first of the configured state
 * @param runState runs a trial in the state that a setting makes
 * @param listener told of the record whenever a state is done
 * @param now milliseconds of a clock that never goes back
 */
export async function tryStates(
  first: Pick<TrialOutcome, 'record' | 'metadata'>,
  kind: 'single' | 'pairwise',
  runState: (use: UseSetting, listener: TrialListener) => Promise<Pick<TrialOutcome, 'record' | 'metadata'>>,
  listener: TrialListener,
  now: () => number,
): Promise<StatesOutcome> {
  const { states, gaps } = chooseStates(first.metadata, kind);
  const others: EvaluatedMetadata[] = [];
  let record: TrialRecord = { ...first.record, gaps: [...first.record.gaps, ...gaps] };
  const began = now();
  let complete = true;
  for (const [index, { setting, difference }] of states.entries()) {
    const state = `USE="${difference}" (${index + 1} of ${states.length})`;
    const stateListener: TrialListener = {
      progress: (one) =>
        listener.progress({ ...one, phase: `${one.phase} with ${state}`, elapsed: now() - began }),
      record() {},
    };
    try {
      const outcome = await runState(setting, stateListener);
      others.push(outcome.metadata);
      const { failure, gaps: itsGaps } = outcome.record;
      record = {
        ...record,
        variants: [...record.variants, outcome.record],
        gaps: [
          ...new Set([...record.gaps, ...itsGaps]),
          ...(failure === undefined
            ? []
            : [`USE="${difference}": the ${failure.phase} phase failed: ${failure.firstError}`]),
        ],
      };
    } catch (error) {
      if (!endsOnlyThisBuild(error)) throw error;
      complete = false;
      record = { ...record, gaps: [...record.gaps, `USE="${difference}": ${error.message}`] };
    }
    listener.record(record);
  }
  return { record, metadata: [first.metadata, ...others], complete };
}
