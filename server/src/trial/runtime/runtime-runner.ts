import { join } from 'node:path';
import { pruneLogs } from '../log-folder.ts';
import type { TrialProgress } from '../trial.ts';
import { locateForTrial } from '../trial-folder.ts';
import { DEFAULT_STORAGE, findTrialWorld, type RunnerSettings } from '../world/find-world.ts';
import { readRootState } from '../world/root-state.ts';
import type { TrialWorld } from '../world/world.ts';
import { type RuntimeOutcome, type RuntimeRequest, runInstalled } from './run-installed.ts';

/** Runs a command with what an ebuild installs; see {@link runInstalled}. */
export type RunInstalled = (
  request: RuntimeRequest,
  onProgress: (progress: TrialProgress) => void,
  signal?: AbortSignal,
) => Promise<RuntimeOutcome>;

/** Runs installed images in the world that the settings describe; what is missing of it is said when one is to run. */
export function createRuntimeRunner(
  settings: RunnerSettings,
  readFacts: TrialWorld['readFacts'],
): RunInstalled {
  return async (request, onProgress, signal) => {
    const { proveView, ...found } = await findTrialWorld(settings);
    const location = locateForTrial(request.file, found.buildsAsOther);
    await proveView();
    const root = await readRootState(found.root, join(found.home, 'index'));
    signal?.throwIfAborted();
    try {
      return await runInstalled({ ...found, readFacts }, root, location, request, onProgress, signal);
    } finally {
      pruneLogs(found.home, (settings.storage ?? DEFAULT_STORAGE).logs);
    }
  };
}
