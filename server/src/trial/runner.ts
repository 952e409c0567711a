import { join } from 'node:path';
import { findTrialWorld, type RunnerSettings } from './find-world.ts';
import { readRootState } from './root-state.ts';
import { runTrial } from './run.ts';
import type { TrialRunner } from './trial.ts';
import { locateForTrial } from './trial-folder.ts';
import type { TrialWorld } from './world.ts';

export type { RunnerSettings } from './find-world.ts';

/** Runs trials in the world that the settings describe; what is missing of it is said when a trial is to run. */
export function createTrialRunner(settings: RunnerSettings, readFacts: TrialWorld['readFacts']): TrialRunner {
  return {
    async run(request, listener, signal) {
      const world: TrialWorld = { ...(await findTrialWorld(settings)), readFacts };
      const location = locateForTrial(request.file, world.buildsAsOther);
      const root = await readRootState(world.root, join(world.home, 'index'));
      signal?.throwIfAborted();
      return (await runTrial(world, root, location, request, listener, signal)).record;
    },
  };
}
