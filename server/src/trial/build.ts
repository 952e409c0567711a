import { type Attribution, createAttribution, type Denial } from '../audit/attribution.ts';
import type { FailedPhase } from '../audit/record.ts';
import { type HiddenPaths, listHiddenPaths } from '../installed/hidden-paths.ts';
import type { InstalledPackage } from '../installed/vdb.ts';
import { computeVisibleSet, type VisiblePackage } from '../installed/visible-set.ts';
import type { EvaluatedMetadata, PackageManager } from '../package-manager/port.ts';
import type { DependencyNode } from '../pms/dependency.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { type BuildLog, findFirstError } from './build-log.ts';
import type { RootState } from './root-state.ts';
import { createNeedsToRun, createTouch } from './touch.ts';
import type { TrialFolder } from './trial-folder.ts';
import { describeView } from './view.ts';

/** What stays the same over all builds of one trial. */
export interface BuildPlan {
  readonly root: RootState;
  readonly folder: TrialFolder;
  readonly packageManager: PackageManager;
  readonly sandbox: Sandbox;
  readonly metadata: EvaluatedMetadata;
  readonly declared: readonly DependencyNode[];
  readonly jobs: number;
  readonly log: BuildLog;
  /** Called after each event, for progress. */
  onEvent(attribution: Attribution): void;
}

/** One build in one view. */
export interface BuildOutcome {
  readonly passed: boolean;
  readonly failure: FailedPhase | undefined;
  /** Packages denied in the phase that failed, likeliest first; empty when the build passed. */
  readonly denials: readonly Denial[];
  readonly attribution: Attribution;
  readonly visible: ReadonlyMap<InstalledPackage, VisiblePackage>;
}

/** Builds the ebuild in the view of what it declares and of what is revealed on top. */
export async function runBuild(
  plan: BuildPlan,
  revealed: readonly InstalledPackage[],
  signal: AbortSignal | undefined,
): Promise<BuildOutcome> {
  const { root, folder, packageManager } = plan;
  const visible = computeVisibleSet({
    packages: root.packages,
    declared: plan.declared,
    system: plan.metadata.system,
    packageManager: ownersOf(root, packageManager.files.programs),
    revealed,
  });
  const hidden = listHiddenPaths(root.index, visible, root.listFolder);
  const attribution = createAttribution({
    ownWork: packageManager.ownWork,
    phaseOf: (executable, argv) => packageManager.phaseOf(executable, argv),
    touch: createTouch(root, visible, hidden),
    needsToRun: createNeedsToRun(root),
  });
  plan.log.startBuild(
    revealed.length === 0
      ? 'trial build'
      : `trial build with ${revealed.map((one) => `${one.category}/${one.name}`).join(', ')} shown`,
  );
  const spec = describeView({
    layout: root.layout,
    folder,
    files: packageManager.files,
    repositories: [...root.repositories, folder.paths.repository],
    hidden: hideRecords(hidden, visible),
    command: packageManager.buildCommand(folder.paths, {
      test: plan.metadata.use.includes('test'),
      jobs: plan.jobs,
    }),
    trace: true,
  });
  const { status } = await plan.sandbox.run(
    spec,
    {
      event(event) {
        attribution.observe(event);
        plan.onEvent(attribution);
      },
      output: (chunk) => plan.log.write(chunk),
    },
    signal,
  );
  if (status === 0) return { passed: true, failure: undefined, denials: [], attribution, visible };
  const phase = attribution.phase ?? 'setup';
  return {
    passed: false,
    failure: { phase, firstError: findFirstError(plan.log.tail()) },
    denials: attribution.denials(phase),
    attribution,
    visible,
  };
}

/** A hidden package is not installed as far as `has_version` can tell: its record is hidden with its files. */
function hideRecords(
  hidden: HiddenPaths,
  visible: ReadonlyMap<InstalledPackage, VisiblePackage>,
): HiddenPaths {
  const folders = new Set(hidden.folders);
  for (const [one, { visibility }] of visible) {
    if (visibility === 'hidden') folders.add(`/var/db/pkg/${one.category}/${one.name}-${one.version}`);
  }
  return { files: hidden.files, folders };
}

/** The packages that own some paths of the root, through links. */
export function ownersOf(root: RootState, paths: readonly string[]): InstalledPackage[] {
  const owners = new Set<InstalledPackage>();
  for (const path of paths) {
    const resolved = root.resolver.resolve(path);
    for (const step of [...resolved.links, resolved.path]) {
      for (const owner of root.index.ownersOf(step)) owners.add(owner.package);
    }
  }
  return [...owners];
}
