import { mkdirSync, statfsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Denial } from '../audit/attribution.ts';
import type { Need, RecordedPackage, TrialRecord } from '../audit/record.ts';
import type { HiddenPaths } from '../installed/hidden-paths.ts';
import type { InstalledPackage } from '../installed/vdb.ts';
import type { EvaluatedMetadata, PackageManager } from '../package-manager/port.ts';
import { collectAtoms, type DependencyNode, parseDependency } from '../pms/dependency.ts';
import { isSatisfied, unsatisfiedAtoms } from '../pms/match.ts';
import { evaluateUse } from '../pms/use.ts';
import { parseVersion } from '../pms/version.ts';
import { type EbuildLocation, findClosedFolder, locateEbuild } from '../repository/ebuild-location.ts';
import { type Sandbox, SandboxError } from '../sandbox/sandbox.ts';
import { type BuildOutcome, type BuildPlan, runBuild } from './build.ts';
import { findFullDisk, openBuildLog, stripEscapes } from './build-log.ts';
import { confirmDenials } from './confirm.ts';
import { readImageNeeds } from './image.ts';
import { findRefusal } from './refusal.ts';
import { type RootState, readRootState } from './root-state.ts';
import { findRuntimeNeeds } from './runtime-needs.ts';
import { suggestAtom } from './suggestion.ts';
import { TrialError, type TrialListener, type TrialProgress, type TrialRequest } from './trial.ts';
import { distfileFolders, findDistfiles, makeTrialFolder, type TrialFolder } from './trial-folder.ts';
import { describeView } from './view.ts';

/** What a trial reaches the world through. */
export interface TrialWorld {
  readonly root: string;
  /** The product's own state folder. */
  readonly home: string;
  readonly packageManager: PackageManager;
  readonly sandbox: Sandbox;
  /** Whether the build has another user than this process, as when root starts it; files must then be open to others. */
  readonly buildsAsOther: boolean;
  readonly jobs: number;
  /** Milliseconds of a clock that never goes back. */
  now(): number;
}

const NOTHING_HIDDEN: HiddenPaths = { files: new Set(), folders: new Set() };
const VARIABLES = ['DEPEND', 'BDEPEND', 'RDEPEND'] as const;

/** Runs one trial; see {@link TrialRunner.run} for what it promises. */
export async function runTrial(
  world: TrialWorld,
  request: TrialRequest,
  listener: TrialListener,
  signal?: AbortSignal,
): Promise<TrialRecord> {
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

  const location = locate(request.file);
  const closed = world.buildsAsOther ? findClosedFolder(location) : undefined;
  if (closed !== undefined) {
    throw new TrialError(
      `${closed} is closed to other users, and root's trials build as an unprivileged one: run "chmod -R o+rX ${location.repository}", or run Ebuild Audit as the user who owns it.`,
    );
  }
  const root = await readRootState(world.root);
  signal?.throwIfAborted();
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
    const metadata = await evaluate(world, root, folder, request.text, signal);
    const distfiles = findDistfiles(metadata.distfiles, distfileFolders(root.layout, world.home));
    return await build({ ...folder, distfiles }, metadata);
  } finally {
    folder.remove();
  }

  async function build(ready: TrialFolder, metadata: EvaluatedMetadata): Promise<TrialRecord> {
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
      return record;
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
      const find = (one: RecordedPackage) => findInstalledPackage(root, one);
      const attempt = async (denials: readonly Denial[]) => {
        const outcome = await runBuild(
          plan,
          denials.map((denial) => find(denial.package)),
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
        gaps: outcome.attribution.gaps,
      });
      return record;
    } finally {
      await log.close();
    }
  }
}

function locate(file: string): EbuildLocation {
  let location: EbuildLocation;
  try {
    location = locateEbuild(file);
  } catch (error) {
    throw new TrialError((error as Error).message);
  }
  const version = location.packageAndVersion.slice(location.packageName.length + 1);
  if (parseVersion(version) === undefined) {
    throw new TrialError(
      `${file} is misnamed: "${version}" is no version; call it ${location.packageName}-VERSION.ebuild, such as ${location.packageName}-1.0.ebuild.`,
    );
  }
  return location;
}

/** Asks the package manager, in the sandbox, what the ebuild comes to after its eclasses: sourcing it runs its code. */
async function evaluate(
  world: TrialWorld,
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

function startRecord(
  world: TrialWorld,
  root: RootState,
  location: EbuildLocation,
  text: string,
  metadata: EvaluatedMetadata,
  active: (text: string) => DependencyNode[],
): TrialRecord {
  const evaluated = { DEPEND: metadata.depend, BDEPEND: metadata.bdepend, RDEPEND: metadata.rdepend };
  const inherited = (value: string) =>
    collectAtoms(parseDependency(value).nodes)
      .map((node) => node.text)
      .filter((atom) => !text.includes(atom));
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
      DEPEND: inherited(evaluated.DEPEND),
      BDEPEND: inherited(evaluated.BDEPEND),
      RDEPEND: inherited(evaluated.RDEPEND),
    },
    use: metadata.use,
    outcome: 'running',
    needs: [],
    notInstalled,
    gaps: metadata.approximations,
    log: join(logs, `${location.category}-${location.packageAndVersion}.log`),
  };
}

function findInstalledPackage(root: RootState, wanted: RecordedPackage): InstalledPackage {
  const found = root.lookup
    .get(`${wanted.category}/${wanted.name}`)
    ?.find((one) => one.version === wanted.version);
  if (found === undefined)
    throw new Error(
      `${wanted.category}/${wanted.name}-${wanted.version} is not in the VDB that it was read from.`,
    );
  return found;
}

function toNeed(denial: Denial, certainty: Need['certainty'], root: RootState): Need {
  return {
    variable: denial.variable,
    package: denial.package,
    atom: suggestAtom(findInstalledPackage(root, denial.package), root),
    certainty,
    evidence: denial.evidence,
  };
}

function runToNeed(
  run: { readonly package: RecordedPackage; readonly evidence: Need['evidence'] },
  root: RootState,
): Need {
  return { ...toNeed({ ...run, variable: 'BDEPEND', phase: '', last: 0 }, 'proven', root) };
}

/** Where a path below the sandbox's work folder lies on this machine. */
function onMachine(folder: TrialFolder, path: string): string {
  return folder.work + path.slice(folder.paths.work.length);
}

function guardDisk<T>(write: () => T): T {
  try {
    return write();
  } catch (error) {
    throw diskError(error as NodeJS.ErrnoException);
  }
}

/** Below this a build that failed has failed for want of room, whatever it says. */
const NO_ROOM_BYTES = 128 * 1024;
/** Tests provoke full disks; below this it is believed that one was real. */
const LITTLE_ROOM_BYTES = 64 * 1024 * 1024;

/** How a failed build met a full disk, or undefined when it did not. */
function findFullDiskOf(outcome: BuildOutcome, output: string, work: string): string | undefined {
  if (outcome.passed) return undefined;
  const { bavail, bsize } = statfsSync(work);
  const room = bavail * bsize;
  const words = findFullDisk(output);
  if (room < NO_ROOM_BYTES) return words ?? outcome.failure?.firstError;
  return outcome.failure?.phase === 'test' && room > LITTLE_ROOM_BYTES ? undefined : words;
}

/** @param where what met the full disk, in its own words or as a path */
function noRoom(where: string, cause?: unknown): SandboxError {
  return new SandboxError(
    'disk-full',
    `There is no room left for the trial (${where}): free some, or set EBUILD_AUDIT_HOME to a folder on a larger disk.`,
    { cause },
  );
}

function diskError(error: NodeJS.ErrnoException): Error {
  if (error.code === 'ENOSPC' || error.code === 'EDQUOT') {
    return noRoom(error.path ?? 'build log', error);
  }
  if (error.code === 'EACCES' || error.code === 'EROFS') {
    return new TrialError(
      `${error.path ?? 'The state folder'} cannot be written: set EBUILD_AUDIT_HOME to a folder that you may write to.`,
      { cause: error },
    );
  }
  return error;
}
