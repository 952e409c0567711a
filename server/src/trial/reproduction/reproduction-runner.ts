import { existsSync } from 'node:fs';
import type { RunnerSettings } from '../../host/find-world.ts';
import type { TrialWorld } from '../../host/world.ts';
import { inWorld } from '../open-world.ts';
import type { TrialProgress, TrialRequest } from '../trial.ts';
import { DIFFOSCOPE } from './diffoscope.ts';
import { type ReproductionOutcome, reproduce } from './reproduce.ts';

/** Builds an ebuild several times; see {@link reproduce}. */
export type RunReproduction = (
  request: Pick<TrialRequest, 'file' | 'text'> & { readonly quick: boolean },
  onProgress: (progress: TrialProgress) => void,
  signal?: AbortSignal,
) => Promise<ReproductionOutcome>;

/** Makes the builds in the world that the settings describe. If a part of it is missing, the first call throws the error. */
export function createReproductionRunner(
  settings: RunnerSettings,
  readFacts: TrialWorld['readFacts'],
): RunReproduction {
  return ({ file, text, quick }, onProgress, signal) =>
    inWorld({ settings, readFacts, file, signal }, (open) =>
      reproduce({
        ...open,
        text,
        quick,
        ...(existsSync(DIFFOSCOPE) && { diffoscope: DIFFOSCOPE }),
        listener: { progress: onProgress },
        signal,
      }),
    );
}
