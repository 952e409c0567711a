import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEvaluator } from '../../server/src/evaluation/kept-evaluation.ts';
import { type FoundWorld, findTrialWorld } from '../../server/src/host/find-world.ts';
import { type RootState, readRootState } from '../../server/src/host/root-state.ts';
import { listWhiteouts } from '../../server/src/installed/hidden-paths.ts';
import { parseDependency } from '../../server/src/pms/dependency.ts';
import type { SandboxSpec } from '../../server/src/sandbox/sandbox.ts';
import { type Attribution, createAttribution } from '../../server/src/trace/attribution.ts';
import { type BuildView, drawBuildView } from '../../server/src/trial/builder/build-view.ts';
import { createRootKnowledge } from '../../server/src/trial/builder/root-knowledge.ts';
import { BUILD_PHASES } from './projects.ts';

/** The trial engine without a package manager, so that the cost of a command is that of the engine alone. */
export interface Engine {
  readonly world: FoundWorld;
  readonly root: RootState;
  /** The view of an ebuild with this BDEPEND. */
  view(bdepend: string): BuildView;
  /** The sandbox of a trial in this view; `work` is writable under its own name. */
  spec(
    view: BuildView,
    work: string,
    command: readonly string[],
    environment: Readonly<Record<string, string>>,
  ): SandboxSpec;
  /** The reader for the events of a run in this view, as in a trial. */
  attribution(view: BuildView): Attribution;
}

/**
 * Opens the engine in the state folder of this process.
 *
 * @param ebuild a file of the repository whose profile gives @system
 * @throws UserError or SandboxError with one sentence that says what is missing
 */
export async function openEngine(ebuild: string): Promise<Engine> {
  const world = await findTrialWorld({ root: '', packageManager: 'auto', buildJobs: 0, bwrap: '' });
  const root = await readRootState(world.rootPath, join(world.home, 'index'));
  const { system } = await createEvaluator(world)(ebuild, readFileSync(ebuild, 'utf8'));
  const { packageManager } = world;
  let count = 0;
  return {
    world,
    root,
    view: (bdepend) =>
      drawBuildView(root, {
        packageManager,
        declared: { depend: [], bdepend: parseDependency(bdepend).nodes },
        system,
        itself: 'app-misc/foo',
      }),
    spec(view, work, command, environment) {
      const staging = join(world.home, `staging-${++count}`);
      mkdirSync(staging);
      return {
        overlays: root.layout.folders
          .filter(({ target }) => target !== '/var')
          .map(({ target, source }) => ({ target, source, hidden: listWhiteouts(view.hidden, target) })),
        binds: [{ source: work, target: work, writable: true }],
        links: root.layout.links,
        scratch: ['/var/tmp'],
        staging,
        environment,
        workingDirectory: work,
        command,
        trace: true,
      };
    },
    attribution: (view) =>
      createAttribution({
        ownWork: packageManager.ownWork,
        // The build script runs each phase as `bash -ec TEXT PHASE`.
        phaseOf: (argv) => (argv[1] === '-ec' ? BUILD_PHASES.find((phase) => phase === argv[3]) : undefined),
        ...createRootKnowledge(root, view),
      }),
  };
}
