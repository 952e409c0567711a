import { join } from 'node:path';
import { type Evaluation, evaluateEbuild } from '../../evaluation/evaluate.ts';
import { makeWorkFolder } from '../../evaluation/work-folder.ts';
import { guardDiskOf } from '../../host/disk-room.ts';
import type { InstalledPackage } from '../../installed/vdb.ts';
import type { EvaluatedMetadata } from '../../package-manager/port.ts';
import { packageId } from '../../pms/package-id.ts';
import { withSignal } from '../../sandbox/bound-sandbox.ts';
import { drawBuildView } from '../../trial/builder/build-view.ts';
import { declaredForBuild } from '../../trial/builder/builds.ts';
import { configuredUse, type PlacedTrial } from '../../trial/trial-place.ts';

/** Evaluates the ebuild of a trial on this machine. @throws UserError if the package manager refuses it; SandboxError; the signal's reason */
export async function evaluateForTrial(trial: PlacedTrial): Promise<Evaluation> {
  const { root, location, text, signal } = trial;
  const world = { ...trial.world, sandbox: withSignal(trial.world.sandbox, signal) };
  const folder = await guardDiskOf(() =>
    makeWorkFolder({
      trials: join(world.home, 'trials'),
      location,
      layout: root.layout,
      repositories: root.repositories,
      text,
    }),
  );
  try {
    return await evaluateEbuild(world, root, folder, configuredUse(trial.extent));
  } finally {
    await folder.remove();
  }
}

/**
 * The installed packages that the builds of a trial can see: those of the first build, and what further packages bring.
 *
 * @param wanted ids of packages that are shown although nothing declares them
 */
export function listProvided(
  { world, root, location }: Pick<PlacedTrial, 'world' | 'root' | 'location'>,
  metadata: EvaluatedMetadata,
  wanted: ReadonlySet<string>,
): ReadonlySet<InstalledPackage> {
  const { visible } = drawBuildView(root, {
    packageManager: world.packageManager,
    declared: declaredForBuild(metadata),
    itself: `${location.category}/${location.packageName}`,
    system: metadata.system,
    revealed: root.packages
      .filter((installed) => wanted.has(packageId(installed)))
      .map((installed) => ({ package: installed, isBuiltAgainst: true })),
  });
  return new Set(
    [...visible].filter(([, { visibility }]) => visibility !== 'hidden').map(([found]) => found),
  );
}
