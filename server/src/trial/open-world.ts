import { join } from 'node:path';
import { locateForTrial } from '../evaluation/work-folder.ts';
import { DEFAULT_STORAGE, findTrialWorld, type RunnerSettings } from '../host/find-world.ts';
import { pruneLogs } from '../host/log-folder.ts';
import { type RootState, readRootState } from '../host/root-state.ts';
import type { TrialWorld } from '../host/world.ts';
import type { EbuildLocation } from '../repository/ebuild-location.ts';

/** The world of the settings, its root as it is now, and where the ebuild is. */
export interface OpenWorld {
  readonly world: TrialWorld;
  readonly root: RootState;
  readonly location: EbuildLocation;
}

/** How the world of an ebuild is found. */
export interface WorldInput {
  readonly settings: RunnerSettings;
  readonly readFacts: TrialWorld['readFacts'];
  /** Absolute path of the ebuild. */
  readonly file: string;
  readonly signal: AbortSignal | undefined;
}

/**
 * Does something with an ebuild in the world that the settings describe, and then removes the oldest logs.
 *
 * @throws UserError if the file is no ebuild, or a part of the world is missing; SandboxError if the sandbox does not work; the signal's reason;
 *   what `use` throws
 */
export async function inWorld<T>(
  { settings, readFacts, file, signal }: WorldInput,
  use: (open: OpenWorld) => Promise<T>,
): Promise<T> {
  const { proveView, ...found } = await findTrialWorld(settings);
  const location = locateForTrial(file, found.buildsAsOther);
  await proveView();
  const root = await readRootState(found.rootPath, join(found.home, 'index'));
  signal?.throwIfAborted();
  try {
    return await use({ world: { ...found, readFacts }, root, location });
  } finally {
    pruneLogs(found.home, (settings.storage ?? DEFAULT_STORAGE).logs);
  }
}
