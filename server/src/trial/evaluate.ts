import { basename } from 'node:path';
import type { HiddenPaths } from '../installed/hidden-paths.ts';
import type { EvaluatedMetadata } from '../package-manager/port.ts';
import { findFullDisk, stripEscapes } from './build-log.ts';
import { noRoom } from './disk-room.ts';
import { findRefusal } from './refusal.ts';
import type { RootState } from './root-state.ts';
import { TrialError } from './trial.ts';
import type { TrialFolder } from './trial-folder.ts';
import { describeView } from './view.ts';
import type { TrialWorld } from './world.ts';

const NOTHING_HIDDEN: HiddenPaths = { files: new Set(), folders: new Set() };

/**
 * Asks the package manager what the ebuild comes to after its eclasses, in the sandbox, because sourcing it runs its code.
 *
 * @throws TrialError with the package manager's reason as one sentence when it refuses the ebuild
 */
export async function evaluateEbuild(
  world: Pick<TrialWorld, 'packageManager' | 'sandbox'>,
  root: RootState,
  folder: TrialFolder,
  text: string,
  signal: AbortSignal | undefined,
): Promise<EvaluatedMetadata> {
  const { packageManager } = world;
  const chunks: Uint8Array[] = [];
  const spec = describeView({
    layout: root.layout,
    folder,
    files: packageManager.files,
    repositories: [...root.repositories, folder.paths.repository],
    hidden: NOTHING_HIDDEN,
    command: packageManager.metadataCommand(folder.paths),
    trace: false,
  });
  const { status } = await world.sandbox.run(
    spec,
    { event: () => {}, output: (chunk) => void chunks.push(chunk) },
    signal,
  );
  const output = Buffer.concat(chunks).toString('utf8');
  if (status !== 0) {
    const full = findFullDisk(output);
    if (full !== undefined) throw noRoom(full);
    throw cannotEvaluate(findRefusal(text, output));
  }
  try {
    return packageManager.readMetadata(output);
  } catch (error) {
    throw cannotEvaluate(stripEscapes((error as Error).message).replaceAll(/\s+/g, ' '));
  }

  function cannotEvaluate(reason: string): TrialError {
    const file = basename(folder.paths.ebuild);
    return new TrialError(
      `${packageManager.name} cannot evaluate ${file}: ${reason.replace(/[.:;\s]+$/, '')}; mend the ebuild and try again.`,
    );
  }
}
