import { join } from 'node:path';
import { machineFiles } from '../installed/file-tree.ts';
import { readRootLayout } from '../installed/root-layout.ts';
import type { EvaluatedMetadata, RootSettings } from '../package-manager/port.ts';
import { guardDisk } from '../trial/disk-room.ts';
import { evaluateEbuild, type RootFrame, runUntraced } from '../trial/evaluate.ts';
import { TrialError } from '../trial/trial.ts';
import {
  locateForTrial,
  makeTrialFolder,
  type TrialFolder,
  type TrialFolderInput,
} from '../trial/trial-folder.ts';
import { readRepositories } from '../trial/world/root-state.ts';
import type { TrialWorld } from '../trial/world/world.ts';

/** What asking a package manager takes of the world. */
export type EvaluationWorld = Pick<
  TrialWorld,
  'root' | 'home' | 'packageManager' | 'sandbox' | 'buildsAsOther' | 'limits'
>;

/**
 * Evaluates a text of an ebuild by the package manager in the sandbox. It sees this text in place of the file, and everything else of
 * the repository as it is on disk.
 *
 * @throws TrialError with one sentence when the package manager refuses the ebuild; SandboxError when there can be no sandbox
 */
export function evaluateText(
  world: EvaluationWorld,
  file: string,
  text: string,
  signal?: AbortSignal,
): Promise<EvaluatedMetadata> {
  return withShadow(world, file, text, (root, folder) =>
    evaluateEbuild(world, root, folder, text, [], signal),
  );
}

/**
 * Asks the package manager for the settings of the root, with the repository of an ebuild among those that it knows. No ebuild's code
 * runs, but it happens in the sandbox all the same: there, the root's configuration lies where the package manager looks for it.
 *
 * @throws TrialError with one sentence when it cannot read its configuration; SandboxError when there can be no sandbox
 */
export function askSettings(
  world: EvaluationWorld,
  file: string,
  signal?: AbortSignal,
): Promise<RootSettings> {
  const { packageManager, sandbox, limits } = world;
  return withShadow(world, file, '', async (root, folder) => {
    const command = packageManager.settingsCommand(folder.paths);
    const { output } = await runUntraced(
      sandbox,
      packageManager.files,
      root,
      folder,
      command,
      signal,
      limits,
    );
    try {
      return packageManager.readSettings(output);
    } catch (error) {
      throw new TrialError((error as Error).message);
    }
  });
}

/** Gives `use` the view in which a text stands in place of its file; nothing of it is left afterwards. */
export async function withShadow<T>(
  world: EvaluationWorld,
  file: string,
  text: string,
  use: (root: RootFrame, folder: TrialFolder) => Promise<T>,
  options: Pick<TrialFolderInput, 'withOtherVersions'> = {},
): Promise<T> {
  const location = locateForTrial(file, world.buildsAsOther);
  const layout = await readRootLayout(machineFiles, world.root);
  const repositories = await readRepositories(world.root);
  const folder = guardDisk(() =>
    makeTrialFolder({ trials: join(world.home, 'trials'), location, layout, repositories, text, ...options }),
  );
  try {
    return await use({ layout, repositories }, folder);
  } finally {
    folder.remove();
  }
}
