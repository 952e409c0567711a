import { type Attribution, createAttribution, type Denial } from '../audit/attribution.ts';
import type { FailedPhase } from '../audit/record.ts';
import type { Licence, TouchedFile } from '../audit/traced.ts';
import { type HiddenPaths, isHidden, listHiddenPaths } from '../installed/hidden-paths.ts';
import type { Owner } from '../installed/owner-index/owner-index.ts';
import { locateOnMachine } from '../installed/root-layout.ts';
import type { InstalledPackage } from '../installed/vdb.ts';
import { closeOverRuntime, computeVisibleSet, type VisiblePackage } from '../installed/visible-set.ts';
import type { EvaluatedMetadata, PackageManager } from '../package-manager/port.ts';
import type { DependencyNode } from '../pms/dependency.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { type BuildLog, findFirstError } from './build-log.ts';
import { type RootState, toRecorded } from './root-state.ts';
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

const NOTHING: readonly TouchedFile[] = [];

function createTouch(
  root: RootState,
  visible: ReadonlyMap<InstalledPackage, VisiblePackage>,
  hidden: HiddenPaths,
): (path: string) => readonly TouchedFile[] {
  const cache = new Map<string, readonly TouchedFile[]>();
  const describe = (path: string): readonly TouchedFile[] => {
    if (
      locateOnMachine(root.layout, path) === undefined &&
      !root.layout.links.some((link) => path.startsWith(`${link.path}/`))
    ) {
      return NOTHING;
    }
    const resolved = root.resolver.resolve(path);
    const touched: TouchedFile[] = [];
    for (const step of [...resolved.links, resolved.path]) {
      const owner = mostLicensed(root.index.ownersOf(step), visible);
      if (owner === undefined) continue;
      touched.push({
        package: toRecorded(owner),
        path: step,
        hidden: isHidden(hidden, step),
        licence: licenceOf(visible.get(owner)),
      });
      // The kernel's walk ends at a link that the view hides.
      if (isHidden(hidden, step)) break;
    }
    return touched.length === 0 ? NOTHING : touched;
  };
  return (path) => {
    const known = cache.get(path);
    if (known !== undefined) return known;
    const touched = describe(path);
    cache.set(path, touched);
    return touched;
  };
}

/** Whoever may use one of the packages that record a path may use the path. */
function mostLicensed(
  owners: readonly Owner[],
  visible: ReadonlyMap<InstalledPackage, VisiblePackage>,
): InstalledPackage | undefined {
  const rank = (one: Owner) => LICENCES.indexOf(licenceOf(visible.get(one.package)));
  return owners.reduce((best: Owner | undefined, one) => {
    return best === undefined || rank(one) > rank(best) ? one : best;
  }, undefined)?.package;
}

/** From the least to the most. */
const LICENCES: readonly Licence[] = ['hidden', 'package-manager-only', 'closure', 'licensed'];

function licenceOf(visible: VisiblePackage | undefined): Licence {
  switch (visible?.reason) {
    case 'declared':
    case 'system':
    case 'revealed':
      return 'licensed';
    case 'declared-closure':
    case 'system-closure':
      return 'closure';
    case 'package-manager':
      return 'package-manager-only';
    default:
      return 'hidden';
  }
}

function createNeedsToRun(root: RootState) {
  const closures = new Map<string, Set<string>>();
  const key = (one: { category: string; name: string; version: string }) =>
    `${one.category}/${one.name}-${one.version}`;
  return (program: Parameters<typeof key>[0], other: Parameters<typeof key>[0]): boolean => {
    const name = key(program);
    let closure = closures.get(name);
    if (closure === undefined) {
      const start = (root.lookup.get(`${program.category}/${program.name}`) ?? []).filter(
        (one) => key(one) === name,
      );
      closure = new Set([...closeOverRuntime(start, root.lookup)].map(key));
      closures.set(name, closure);
    }
    return closure.has(key(other));
  };
}
