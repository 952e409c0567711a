import type { RootState } from '../host/root-state.ts';
import type { TrialWorld } from '../host/world.ts';
import type { UseSetting } from '../package-manager/port.ts';
import type { EbuildLocation } from '../repository/ebuild-location.ts';
import type { PreparedEbuild } from './prepared-ebuild.ts';
import type { TrialExtent } from './records/record-file.ts';
import { runTrial } from './run-trial.ts';
import type { TrialListener } from './trial.ts';
import { demandFlags } from './use-states/choose-states.ts';
import { type StatesOutcome, tryStates } from './use-states/try-states.ts';

/** A trial that no record answers, in all USE states that are asked for. */
export interface PlacedTrial {
  readonly world: TrialWorld;
  readonly root: RootState;
  readonly location: EbuildLocation;
  readonly text: string;
  readonly extent: TrialExtent;
  /** Whether the snapshots of earlier trials are ignored. */
  readonly fresh: boolean;
  /** What is known already of the ebuild in the first USE state. */
  readonly prepared?: PreparedEbuild;
  readonly listener: TrialListener;
  readonly signal: AbortSignal | undefined;
}

/**
 * Where trials are run: on this machine, or on another.
 *
 * @throws UserError if no trial can be run, and the signal's reason
 */
export type TrialPlace = (trial: PlacedTrial) => Promise<StatesOutcome>;

/** The setting of the first USE state of a trial. */
export function configuredUse({ tests }: TrialExtent): UseSetting {
  return tests === true ? ['test'] : [];
}

/** Runs a trial on this machine. */
export const runHere: TrialPlace = async ({ extent, listener, prepared, ...trial }) => {
  const { quick, tests = false, matrix, flags } = extent;
  const runState = (use: UseSetting, stateListener: TrialListener, known?: PreparedEbuild) =>
    runTrial({
      ...{ ...trial, quick, tests, use },
      ...(known !== undefined && { prepared: known }),
      listener: stateListener,
      inspect: (metadata) => demandFlags(metadata, flags),
    });
  const first = await runState(configuredUse(extent), listener, prepared);
  return matrix === 'none'
    ? { ...first, metadata: [first.metadata] }
    : tryStates(first, { kind: matrix, flags }, runState, listener, trial.world.now);
};
