import { join } from 'node:path';
import { locateForTrial } from '../../evaluation/work-folder.ts';
import { DEFAULT_STORAGE, findTrialWorld, type RunnerSettings } from '../../host/find-world.ts';
import { pruneLogs } from '../../host/log-folder.ts';
import { readRootState } from '../../host/root-state.ts';
import type { TrialWorld } from '../../host/world.ts';
import type { TrialProgress } from '../trial.ts';
import { runInstalled } from './run-installed.ts';
import type { RuntimeOutcome, RuntimeRequest } from './runtime-request.ts';

/** Runs a command with what an ebuild installs; see {@link runInstalled}. */
export type RunInstalled = (
  request: RuntimeRequest,
  onProgress: (progress: TrialProgress) => void,
  signal?: AbortSignal,
) => Promise<RuntimeOutcome>;

/** Runs installed images in the world that the settings describe. If a part of it is missing, the first run throws the error. */
export function createRuntimeRunner(
  settings: RunnerSettings,
  readFacts: TrialWorld['readFacts'],
): RunInstalled {
  return async (request, onProgress, signal) => {
    const { proveView, ...found } = await findTrialWorld(settings);
    const location = locateForTrial(request.file, found.buildsAsOther);
    await proveView();
    const root = await readRootState(found.rootPath, join(found.home, 'index'));
    signal?.throwIfAborted();
    try {
      const listener = { progress: onProgress };
      return await runInstalled(
        { world: { ...found, readFacts }, root, location, listener, signal },
        request,
      );
    } finally {
      pruneLogs(found.home, (settings.storage ?? DEFAULT_STORAGE).logs);
    }
  };
}
