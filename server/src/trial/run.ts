import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Denial } from '../audit/attribution.ts';
import type { DependencyVariable, Need, TrialRecord } from '../audit/record.ts';
import { traceAtoms } from '../ebuild/atom-origin.ts';
import { packageVariables } from '../ebuild/package-variables.ts';
import type { InstalledPackage } from '../installed/vdb.ts';
import type { VisiblePackage } from '../installed/visible-set.ts';
import type { EvaluatedMetadata } from '../package-manager/port.ts';
import { printAtom } from '../pms/atom.ts';
import { type DependencyNode, parseDependency } from '../pms/dependency.ts';
import { isSatisfied, unsatisfiedAtoms } from '../pms/match.ts';
import { evaluateUse } from '../pms/use.ts';
import type { EbuildLocation } from '../repository/ebuild-location.ts';
import { type BuildPlan, runBuild } from './build.ts';
import { openBuildLog } from './build-log.ts';
import { confirmDenials } from './confirm.ts';
import { diskError, findFullDiskOf, guardDisk, noRoom } from './disk-room.ts';
import { evaluateEbuild } from './evaluate.ts';
import { readImageNeeds } from './image.ts';
import { findInstalledPackage, runToNeed, toNeed } from './need.ts';
import type { RootState } from './root-state.ts';
import { findRuntimeNeeds } from './runtime-needs.ts';
import type { TrialListener, TrialProgress, TrialRequest } from './trial.ts';
import { distfileFolders, findDistfiles, makeTrialFolder, type TrialFolder } from './trial-folder.ts';
import type { TrialWorld } from './world.ts';

const VARIABLES = ['DEPEND', 'BDEPEND', 'RDEPEND'] as const;

/** What a trial came to, with what its record rests on. */
export interface TrialOutcome {
  readonly record: TrialRecord;
  readonly metadata: EvaluatedMetadata;
  /** What was visible in the first build, before anything was revealed; undefined when none was run. */
  readonly visible: ReadonlyMap<InstalledPackage, VisiblePackage> | undefined;
}

/**
 * Runs one trial; see {@link TrialRunner.run} for what it promises.
 *
 * @param root as it is now
 * @param location where the ebuild is
 */
export async function runTrial(
  world: TrialWorld,
  root: RootState,
  location: EbuildLocation,
  request: TrialRequest,
  listener: TrialListener,
  signal?: AbortSignal,
): Promise<TrialOutcome> {
  const began = world.now();
  let confirming = false;
  let told: TrialProgress | undefined;
  let mostSeen = 0;
  const progress = (phase: string, seenInThisBuild: number) => {
    const elapsed = world.now() - began;
    mostSeen = Math.max(mostSeen, seenInThisBuild);
    const packagesSeen = mostSeen;
    const shown = confirming ? `confirming ${phase}` : phase;
    // A build makes thousands of accesses a second; a person reads a few lines.
    if (told !== undefined && told.phase === shown && elapsed - told.elapsed < 200) return;
    told = { phase: shown, elapsed, packagesSeen };
    listener.progress(told);
  };
  progress('preparing', 0);

  const trials = join(world.home, 'trials');
  const folder = guardDisk(() =>
    makeTrialFolder({
      trials,
      location,
      layout: root.layout,
      repositories: root.repositories,
      text: request.text,
    }),
  );
  try {
    const metadata = await evaluateEbuild(world, root, folder, request.text, signal);
    const distfiles = findDistfiles(metadata.distfiles, distfileFolders(root.layout, world.home));
    return await build({ ...folder, distfiles }, metadata);
  } finally {
    folder.remove();
  }

  async function build(ready: TrialFolder, metadata: EvaluatedMetadata): Promise<TrialOutcome> {
    const active = (text: string) => evaluateUse(parseDependency(text).nodes, metadata.use);
    const buildTime = [...active(metadata.depend), ...active(metadata.bdepend)];
    let record = startRecord(world, root, location, request.text, metadata, active);
    const update = (change: Partial<TrialRecord>) => {
      record = { ...record, ...change };
      listener.record(record);
    };
    update({});
    if (record.notInstalled.some(({ variable }) => variable !== 'RDEPEND')) {
      update({ outcome: 'failed' });
      return { record, metadata, visible: undefined };
    }

    let writeError: NodeJS.ErrnoException | undefined;
    const log = openBuildLog(record.log, (error) => {
      writeError = error;
    });
    try {
      const plan: BuildPlan = {
        root,
        folder: ready,
        packageManager: world.packageManager,
        sandbox: world.sandbox,
        metadata,
        declared: buildTime,
        jobs: world.jobs,
        log,
        onEvent: (attribution) => progress(attribution.phase ?? 'preparing', attribution.packagesSeen),
      };
      const attempt = async (denials: readonly Denial[]) => {
        const outcome = await runBuild(
          plan,
          denials.map((denial) => findInstalledPackage(root, denial.package)),
          signal,
        );
        if (writeError !== undefined) throw diskError(writeError);
        // No dependency explains a build that had no room, and none is to be looked for.
        const full = findFullDiskOf(outcome, log.tail(), ready.work);
        if (full !== undefined) throw noRoom(full);
        return outcome;
      };
      const first = await attempt([]);
      confirming = !first.passed;
      const toNeeds = (denials: readonly Denial[], certainty: Need['certainty']) =>
        denials.map((denial) => toNeed(denial, certainty, root));
      let required: readonly Denial[] = [];
      const confirmation = await confirmDenials(
        first,
        attempt,
        (suspect) => update({ needs: [...toNeeds(required, 'proven'), ...toNeeds([suspect], 'denied')] }),
        (proven) => {
          required = proven;
          update({ needs: toNeeds(required, 'proven') });
        },
      );
      const { outcome } = confirmation;
      const runs = outcome.attribution.unlicensedRuns().map((run) => runToNeed(run, root));
      const runtime = outcome.passed
        ? findRuntimeNeeds(
            readImageNeeds(onMachine(ready, world.packageManager.imageFolder(ready.paths))),
            root,
            [...active(metadata.rdepend), ...active(metadata.pdepend), ...active(metadata.idepend)],
            metadata.system,
          )
        : [];
      update({
        outcome: outcome.passed ? 'passed' : 'failed',
        ...(outcome.failure === undefined ? {} : { failure: outcome.failure }),
        needs: [...toNeeds(confirmation.required, 'proven'), ...runs, ...runtime],
        gaps: [...record.gaps, ...outcome.attribution.gaps],
      });
      return { record, metadata, visible: first.visible };
    } finally {
      await log.close();
    }
  }
}

function startRecord(
  world: TrialWorld,
  root: RootState,
  location: EbuildLocation,
  text: string,
  metadata: EvaluatedMetadata,
  active: (text: string) => DependencyNode[],
): TrialRecord {
  const evaluated = { DEPEND: metadata.depend, BDEPEND: metadata.bdepend, RDEPEND: metadata.rdepend };
  const all = { ...evaluated, PDEPEND: metadata.pdepend, IDEPEND: metadata.idepend };
  const predefined = packageVariables(location.category, location.packageAndVersion);
  // Which eclass brings an atom is of no interest here, so none is read.
  const traced = traceAtoms(all, world.readFacts(text), predefined, metadata.inherited, () => undefined);
  const inherited = (variable: DependencyVariable) =>
    traced
      .filter((one) => one.variable === variable && one.origin.kind !== 'text')
      .map(({ atom }) => printAtom(atom));
  const lookup = (category: string, name: string) => root.lookup.get(`${category}/${name}`) ?? [];
  const notInstalled = VARIABLES.flatMap((variable) => {
    const nodes = active(evaluated[variable]);
    if (isSatisfied(nodes, lookup)) return [];
    return unsatisfiedAtoms(nodes, lookup).map((node) => ({ variable, atom: node.text }));
  });
  const logs = join(world.home, 'logs');
  guardDisk(() => mkdirSync(logs, { recursive: true }));
  return {
    format: 1,
    category: location.category,
    packageAndVersion: location.packageAndVersion,
    packageManager: `${world.packageManager.name} ${world.packageManager.version}`,
    text,
    evaluated,
    inherited: {
      DEPEND: inherited('DEPEND'),
      BDEPEND: inherited('BDEPEND'),
      RDEPEND: inherited('RDEPEND'),
    },
    use: metadata.use,
    outcome: 'running',
    needs: [],
    notInstalled,
    gaps: metadata.approximations,
    log: join(logs, `${location.category}-${location.packageAndVersion}.log`),
  };
}

/** Where a path below the sandbox's work folder lies on this machine. */
function onMachine(folder: TrialFolder, path: string): string {
  return folder.work + path.slice(folder.paths.work.length);
}
