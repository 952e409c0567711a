import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { locateForTrial } from '../../evaluation/work-folder.ts';
import { DEFAULT_STORAGE, findTrialWorld, type RunnerSettings } from '../../host/find-world.ts';
import { pruneLogs } from '../../host/log-folder.ts';
import { readRootState } from '../../host/root-state.ts';
import type { TrialWorld } from '../../host/world.ts';
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
  return async ({ file, text, quick }, onProgress, signal) => {
    const { proveView, ...found } = await findTrialWorld(settings);
    const location = locateForTrial(file, found.buildsAsOther);
    await proveView();
    const root = await readRootState(found.rootPath, join(found.home, 'index'));
    signal?.throwIfAborted();
    try {
      return await reproduce({
        world: { ...found, readFacts },
        root,
        location,
        text,
        quick,
        ...(existsSync(DIFFOSCOPE) && { diffoscope: DIFFOSCOPE }),
        listener: { progress: onProgress },
        signal,
      });
    } finally {
      pruneLogs(found.home, (settings.storage ?? DEFAULT_STORAGE).logs);
    }
  };
}
