import type { RunnerSettings } from '../../host/find-world.ts';
import type { TrialWorld } from '../../host/world.ts';
import { inWorld } from '../open-world.ts';
import type { TrialProgress } from '../trial.ts';
import { runShell } from './run-shell.ts';
import type { ShellRequest, ShellTerminal } from './shell-request.ts';

/** Runs a shell or a command where a build stopped; see {@link runShell}. */
export type RunShell = (
  request: ShellRequest,
  terminal: ShellTerminal,
  onProgress: (progress: TrialProgress) => void,
  signal?: AbortSignal,
) => Promise<number>;

/** Runs shells in the world that the settings describe, with no limit of time or output: a user ends them. */
export function createShellRunner(settings: RunnerSettings, readFacts: TrialWorld['readFacts']): RunShell {
  const unhurried = { ...settings, limits: { ...settings.limits, time: 0, output: 0 } };
  return (request, terminal, onProgress, signal) =>
    inWorld({ settings: unhurried, readFacts, file: request.file, signal }, (open) =>
      runShell({ ...open, listener: { progress: onProgress }, signal }, request, terminal),
    );
}
