import { join } from 'node:path';
import { guardDiskOf } from '../host/disk-room.ts';
import { readRepositories } from '../host/root-state.ts';
import type { TrialWorld } from '../host/world.ts';
import { machineFiles } from '../installed/file-tree.ts';
import { readRootLayout } from '../installed/root-layout.ts';
import { withSignal } from '../sandbox/bound-sandbox.ts';
import { type Evaluation, evaluateEbuild } from './evaluate.ts';
import type { RootFrame } from './root-run.ts';
import { locateForTrial, makeWorkFolder, type WorkFolder, type WorkFolderInput } from './work-folder.ts';

/** The part of the world that an evaluation needs. */
export type EvaluationWorld = Pick<
  TrialWorld,
  'rootPath' | 'home' | 'packageManager' | 'sandbox' | 'buildsAsOther'
>;

/**
 * Lets the package manager evaluate a text of an ebuild in the sandbox. It reads this text in place of the file, and everything else of the
 * repository from disk.
 *
 * @throws UserError with one sentence if the package manager refuses the ebuild, and SandboxError if the sandbox cannot run
 */
export function evaluateText(
  world: EvaluationWorld,
  file: string,
  text: string,
  signal?: AbortSignal,
): Promise<Evaluation> {
  const sandbox = withSignal(world.sandbox, signal);
  return withShadow(world, file, text, (root, folder) =>
    evaluateEbuild({ ...world, sandbox }, root, folder, []),
  );
}

/** Calls `use` with a trial folder in which a text replaces its file, and removes the folder afterwards. */
export async function withShadow<T>(
  world: EvaluationWorld,
  file: string,
  text: string,
  use: (root: RootFrame, folder: WorkFolder) => Promise<T>,
  options: Pick<WorkFolderInput, 'withOtherVersions'> = {},
): Promise<T> {
  const location = locateForTrial(file, world.buildsAsOther);
  const layout = await readRootLayout(machineFiles, world.rootPath);
  const repositories = await readRepositories(world.rootPath);
  const folder = await guardDiskOf(() =>
    makeWorkFolder({ trials: join(world.home, 'trials'), location, layout, repositories, text, ...options }),
  );
  try {
    return await use({ layout, repositories }, folder);
  } finally {
    await folder.remove();
  }
}
