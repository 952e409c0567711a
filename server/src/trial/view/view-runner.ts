import { join } from 'node:path';
import { evaluateEbuild } from '../../evaluation/evaluate.ts';
import { makeWorkFolder, type WorkFolder } from '../../evaluation/work-folder.ts';
import { guardDiskOf } from '../../host/disk-room.ts';
import type { RunnerSettings } from '../../host/find-world.ts';
import type { TrialWorld } from '../../host/world.ts';
import type { EvaluatedMetadata } from '../../package-manager/port.ts';
import { packageId } from '../../pms/package-id.ts';
import { withSignal } from '../../sandbox/bound-sandbox.ts';
import { type BuildView, drawBuildView } from '../builder/build-view.ts';
import { declaredForBuild } from '../builder/builds.ts';
import { layOnRoot } from '../layered-root.ts';
import { inWorld, type OpenWorld } from '../open-world.ts';
import { startRecord } from '../start-record.ts';
import { exportView } from './export-view.ts';
import type { SeenPackage, SeenView, ViewRequest } from './seen-view.ts';
import { demandImagePrograms } from './view-image.ts';

/**
 * Finds out what the first build of a trial sees, and writes it as an image if the request wants that. Nothing is built.
 *
 * @throws UserError if the package manager refuses the ebuild or the image cannot be written, SandboxError, and the signal's reason
 */
export type SeeView = (
  request: ViewRequest,
  onProgress: (phase: 'evaluating' | 'writing the image') => void,
  signal?: AbortSignal,
) => Promise<SeenView>;

/**
 * Sees views in the world that the settings describe.
 *
 * @param log called with one sentence about each stored record that cannot be used
 */
export function createViewRunner(
  settings: RunnerSettings,
  readFacts: TrialWorld['readFacts'],
  log: (sentence: string) => void,
): SeeView {
  return (request, onProgress, signal) => {
    if (request.exportTo !== undefined) demandImagePrograms();
    return inWorld({ settings, readFacts, file: request.file, signal }, async (open) => {
      onProgress('evaluating');
      const sandbox = withSignal(open.world.sandbox, signal);
      const opened = { ...open, world: { ...open.world, sandbox } };
      const folder = await guardDiskOf(() => openFolder(opened, request.text));
      try {
        const { metadata } = await evaluateEbuild(opened.world, open.root, folder, request.use);
        const laid = { ...opened, folder, metadata, use: request.use, signal };
        const layering = await layOnRoot(laid, () => {});
        try {
          const root = layering?.root ?? open.root;
          const { seen, view } = see({ ...opened, root }, metadata, request.text);
          if (request.exportTo === undefined) return seen;
          onProgress('writing the image');
          const exported = { request, seen, hidden: view.hidden };
          return { ...seen, written: await exportView({ ...opened, root }, folder, exported, log) };
        } finally {
          layering?.release();
        }
      } finally {
        await folder.remove();
      }
    });
  };
}

function openFolder({ world, root, location }: OpenWorld, text: string): Promise<WorkFolder> {
  return makeWorkFolder({
    trials: join(world.home, 'trials'),
    location,
    layout: root.layout,
    repositories: root.repositories,
    text,
  });
}

function see(
  { world, root, location }: OpenWorld,
  metadata: EvaluatedMetadata,
  text: string,
): { readonly seen: SeenView; readonly view: BuildView } {
  const view = drawBuildView(root, {
    packageManager: world.packageManager,
    declared: declaredForBuild(metadata),
    itself: `${location.category}/${location.packageName}`,
    system: metadata.system,
  });
  const { packageManager, notInstalled } = startRecord(
    world,
    root,
    location,
    world.readFacts(text),
    metadata,
  );
  const visible = listSeen(view);
  return {
    view,
    seen: {
      ebuild: `${location.category}/${location.packageAndVersion}`,
      root: root.layout.path,
      packageManager,
      use: sortUse(metadata),
      visible,
      hidden: view.visible.size - visible.length,
      notInstalled,
    },
  };
}

const sortUse = ({ use }: EvaluatedMetadata): readonly string[] => [...use].sort();

function listSeen({ visible }: BuildView): SeenPackage[] {
  const seen = [...visible].flatMap(([installed, { visibility, reason, standIn }]): SeenPackage[] =>
    visibility === 'hidden' || reason === undefined
      ? []
      : [
          {
            id: packageId(installed),
            visibility,
            reason,
            ...(standIn !== undefined && { standIn: packageId(standIn) }),
          },
        ],
  );
  return seen.sort((left, right) => (left.id < right.id ? -1 : 1));
}
