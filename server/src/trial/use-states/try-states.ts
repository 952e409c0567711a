import type { TrialRecord } from '../../audit/record.ts';
import { joinNamedPaths, type NamedPaths } from '../../host/named-paths.ts';
import type { SourceState } from '../../layers/source-state.ts';
import type { EvaluatedMetadata, UseSetting } from '../../package-manager/port.ts';
import type { TrialOutcome } from '../run-trial.ts';
import { endsOnlyThisBuild, type TrialListener } from '../trial.ts';
import { chooseStates } from './choose-states.ts';
import { chooseFurtherState, listUntriedPairs, type TriedStates } from './further-states.ts';

/** The outcome of the trials of an ebuild in several USE states. */
export interface StatesOutcome {
  /** The record of the configured state, with the records of the others as its variants. */
  readonly record: TrialRecord;
  /** The metadata in each state that was tried, the configured one first. */
  readonly metadata: readonly [EvaluatedMetadata, ...EvaluatedMetadata[]];
  /** Whether all chosen states could be tried, and the next trial would find the same. */
  readonly lasting: boolean;
  /** The paths of this machine that the trials have named; undefined if there were too many to keep. */
  readonly named: NamedPaths | undefined;
  /** See `InputBasis`. */
  readonly binaryPackages?: SourceState | undefined;
}

/** The USE states that are wanted besides the configured one; see `TrialRequest`. */
export interface WantedStates {
  readonly kind: 'single' | 'pairwise';
  readonly flags: readonly string[] | undefined;
}

/** The part of a trial's outcome that is kept of each state. */
type StateOutcome = Pick<TrialOutcome, 'record' | 'metadata' | 'named' | 'binaryPackages' | 'lasting'>;

/**
 * Tries the other USE states of an ebuild one after another; see {@link chooseStates}. If a state cannot be built or tried, for example
 * because a distfile is missing, the record's gaps say so and the next state is tried.
 *
 * @param first the outcome in the configured state
 * @param runState runs a trial in the state that a setting makes
 * @param listener gets the record after each state
 * @param now milliseconds of a clock that never goes back
 * @throws the errors of `runState`, except those that {@link endsOnlyThisBuild}
 */
export async function tryStates(
  first: StateOutcome,
  { kind, flags }: WantedStates,
  runState: (use: UseSetting, listener: TrialListener) => Promise<StateOutcome>,
  listener: TrialListener,
  now: () => number,
): Promise<StatesOutcome> {
  const { states, gaps, ...chosen } = chooseStates(first.metadata, kind, flags);
  const others: EvaluatedMetadata[] = [];
  let record: TrialRecord = { ...first.record, gaps: [...first.record.gaps, ...gaps] };
  const began = now();
  let { lasting, named, binaryPackages } = first;
  const planned = [...states];
  const tried: TriedStates = { tried: planned, chosen: states.length, ...chosen };
  // The iteration of an array also visits elements that are added during it.
  for (const [index, { setting, difference }] of planned.entries()) {
    const state = `USE="${difference}" (${index + 1} of ${planned.length})`;
    const stateListener: TrialListener = {
      progress: (progress) =>
        listener.progress({ ...progress, phase: `${progress.phase} with ${state}`, elapsed: now() - began }),
      record() {},
    };
    try {
      const outcome = await runState(setting, stateListener);
      others.push(outcome.metadata);
      lasting &&= outcome.lasting;
      binaryPackages ??= outcome.binaryPackages;
      named = named && outcome.named && joinNamedPaths([named, outcome.named]);
      record = {
        ...record,
        variants: [...record.variants, outcome.record],
        gaps: [...new Set([...record.gaps, ...outcome.record.gaps])],
      };
    } catch (error) {
      if (!endsOnlyThisBuild(error)) throw error;
      lasting = false;
      record = { ...record, gaps: [...record.gaps, `USE="${difference}": ${error.message}`] };
    }
    listener.record(record);
    const further = index + 1 === planned.length ? chooseFurtherState(record, tried) : undefined;
    if (further !== undefined) planned.push(further);
  }
  const untried = listUntriedPairs(record, tried);
  if (untried.length > 0)
    record = { ...record, gaps: [...record.gaps, `untried pairs of flags (${untried.join(', ')})`] };
  return { record, metadata: [first.metadata, ...others], lasting, named, binaryPackages };
}
