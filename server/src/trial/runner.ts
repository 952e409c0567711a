import { findTrialWorld, type RunnerSettings } from './find-world.ts';
import { runTrial } from './run.ts';
import type { TrialRunner } from './trial.ts';
import type { TrialWorld } from './world.ts';

export type { RunnerSettings } from './find-world.ts';

/** Runs trials in the world that the settings describe; what is missing of it is said when a trial is to run. */
export function createTrialRunner(settings: RunnerSettings, readFacts: TrialWorld['readFacts']): TrialRunner {
  return {
    async run(request, listener, signal) {
      return runTrial({ ...(await findTrialWorld(settings)), readFacts }, request, listener, signal);
    },
  };
}
