import type { RunnerSettings } from '../../host/find-world.ts';
import type { TrialWorld } from '../../host/world.ts';
import { inWorld } from '../open-world.ts';
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
  return (request, onProgress, signal) =>
    inWorld({ settings, readFacts, file: request.file, signal }, (open) =>
      runInstalled({ ...open, listener: { progress: onProgress }, signal }, request),
    );
}
