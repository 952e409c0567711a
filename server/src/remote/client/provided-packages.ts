import { join } from 'node:path';
import { makeWorkFolder } from '../../evaluation/work-folder.ts';
import { guardDiskOf } from '../../host/disk-room.ts';
import type { InstalledPackage } from '../../installed/vdb.ts';
import type { EvaluatedMetadata } from '../../package-manager/port.ts';
import { packageId } from '../../pms/package-id.ts';
import { withSignal } from '../../sandbox/bound-sandbox.ts';
import { drawBuildView } from '../../trial/builder/build-view.ts';
import { declaredForBuild } from '../../trial/builder/builds.ts';
import { type PreparedEbuild, prepareEbuild } from '../../trial/prepared-ebuild.ts';
import { configuredUse, type PlacedTrial } from '../../trial/trial-place.ts';

/**
 * Evaluates the ebuild of a trial on this machine, and opens the binary packages that it needs.
 *
 * @param onProgress told what is being done, in a word or two
 * @throws the errors of `prepareEbuild`
 */
export async function prepareHere(
  trial: PlacedTrial,
  onProgress: (step: string) => void,
): Promise<PreparedEbuild> {
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
    const use = configuredUse(trial.extent);
    return await prepareEbuild({ world, root, location, folder, use, signal }, onProgress);
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
