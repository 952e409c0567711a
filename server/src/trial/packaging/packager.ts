import type { RunnerSettings } from '../../host/find-world.ts';
import type { TrialWorld } from '../../host/world.ts';
import { inWorld } from '../open-world.ts';
import type { TrialProgress } from '../trial.ts';
import type { PackageRequest, WrittenPackage } from './package-request.ts';
import { writePackage } from './write-package.ts';

/** Writes a verified ebuild as a binary package; see {@link writePackage}. */
export type Packager = (
  request: PackageRequest,
  onProgress: (progress: TrialProgress) => void,
  signal?: AbortSignal,
) => Promise<WrittenPackage>;

/** Writes binary packages in the world that the settings describe. */
export function createPackager(settings: RunnerSettings, readFacts: TrialWorld['readFacts']): Packager {
  return (request, onProgress, signal) =>
    inWorld({ settings, readFacts, file: request.file, signal }, (open) =>
      writePackage({ ...open, listener: { progress: onProgress }, signal }, request),
    );
}
