import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Need, TrialRecord } from '../../audit/record.ts';
import { UserError } from '../../errors/user-error.ts';
import { evaluateEbuild } from '../../evaluation/evaluate.ts';
import { runLimited } from '../../evaluation/run-limited.ts';
import { describeView } from '../../evaluation/sandbox-view.ts';
import {
  distfileFolders,
  findDistfiles,
  makeTrialFolder,
  type TrialFolder,
} from '../../evaluation/work-folder.ts';
import { diskError, guardDisk } from '../../host/disk-room.ts';
import { stripEscapes } from '../../host/output-text.ts';
import type { RootState } from '../../host/root-state.ts';
import type { TrialWorld } from '../../host/world.ts';
import { type MountedImage, mountImage } from '../../image/mounted-image.ts';
import { locateOnMachine } from '../../installed/root-layout.ts';
import type { EvaluatedMetadata, PackageManager } from '../../package-manager/port.ts';
import { RUNTIME_VARIABLES } from '../../pms/dependency-variable.ts';
import { packageId } from '../../pms/package-id.ts';
import type { EbuildLocation } from '../../repository/ebuild-location.ts';
import type { Denial } from '../../trace/attribution.ts';
import type { Evidence, RecordedPackage } from '../../trace/evidence.ts';
import type { Licence } from '../../trace/trace-context.ts';
import { type BuildLog, openBuildLog } from '../builder/build-log.ts';
import type { BuildOutcome } from '../builder/build-plan.ts';
import { type BuildView, drawBuildView } from '../builder/build-view.ts';
import { activeNodes, openBuilds } from '../builder/builds.ts';
import { type Attempt, confirmDenials, rankByOutput } from '../builder/confirm.ts';
import { findFirstError } from '../builder/first-error.ts';
import { createRootKnowledge } from '../builder/root-knowledge.ts';
import { pruneSnapshots } from '../builder/snapshots/prune-snapshots.ts';
import { openSnapshotStore } from '../builder/snapshots/snapshot-store.ts';
import { suggestAtom } from '../needs/atoms/suggested-atom.ts';
import { findInstalledPackage } from '../needs/need.ts';
import { createProgress } from '../progress.ts';
import { startRecord } from '../start-record.ts';
import type { TrialProgress } from '../trial.ts';
import { createRunObserver, type LoadedLibrary, type ObservedRun, RUNTIME_PHASE } from './run-observer.ts';

export interface RuntimeRequest {
  /** Absolute path of the ebuild. */
  readonly file: string;
  /** The text to build. */
  readonly text: string;
  /** A program and its arguments, looked up in the view. */
  readonly command: readonly string[];
  /** Folders of this machine that the command may read, absolute. */
  readonly shown: readonly string[];
}

/** A package that the command asked for something of. */
export interface RuntimePackage {
  readonly package: RecordedPackage;
  readonly atom: string;
  /** By what right it was visible; `hidden` where it was not. */
  readonly licence: Licence;
  readonly evidence: readonly Evidence[];
}

/** What running an installed image showed. */
export interface RuntimeOutcome {
  /** Its needs are the packages without which the command fails; it passed when the command ends with 0, with those shown. */
  readonly record: TrialRecord;
  /** How the command ended in the view of what RDEPEND declares: its exit code, or 128 + the signal that killed it. */
  readonly status: number;
  /** What it looked for, did not find and did without. */
  readonly doneWithout: readonly RuntimePackage[];
  /** What it loaded without being linked to it, by dlopen(3) or the like. */
  readonly loaded: readonly RuntimePackage[];
  /** What the command wrote with everything that it needs shown, without escapes; its beginning is left out when it is long. */
  readonly output: string;
}

/** A program, a library or a module; anything else that a command did without is hardly worth telling. */
const WORTH_TELLING = /\/s?bin\/[^/]+$|\.so(?:\.[\w.]+)?$|\/(?:site|dist)-packages\/[^/]+$|\.pm$/;

/**
 * Builds an ebuild, from snapshots where there are some, and runs a command with what it installs, in a view that holds nothing else than
 * @system and what RDEPEND brings. What was hidden and looked for is shown in further runs until it is known without which of it the
 * command fails.
 *
 * @throws UserError where the ebuild cannot be built in the view of what it declares, and what a trial throws
 */
export async function runInstalled(
  world: TrialWorld,
  root: RootState,
  location: EbuildLocation,
  request: RuntimeRequest,
  onProgress: (progress: TrialProgress) => void,
  signal?: AbortSignal,
): Promise<RuntimeOutcome> {
  checkShown(request.shown, root);
  const progress = createProgress(world.now, { progress: onProgress, record: () => {} });
  progress.show('preparing', 0);
  const folder = guardDisk(() =>
    makeTrialFolder({
      trials: join(world.home, 'trials'),
      location,
      layout: root.layout,
      repositories: root.repositories,
      text: request.text,
    }),
  );
  try {
    const metadata = await evaluateEbuild(world, root, folder, request.text, [], signal);
    const distfiles = findDistfiles(metadata.distfiles, distfileFolders(root.layout, world.home));
    return await buildAndRun({ ...folder, distfiles }, metadata);
  } finally {
    folder.remove();
  }

  async function buildAndRun(ready: TrialFolder, metadata: EvaluatedMetadata): Promise<RuntimeOutcome> {
    const facts = world.readFacts(request.text);
    const record = startRecord(world, root, location, facts, metadata);
    let writeError: NodeJS.ErrnoException | undefined;
    const log = openBuildLog(record.log, (error) => {
      writeError = error;
    });
    const snapshots = openSnapshotStore(world.snapshotBytes === 0 ? undefined : world.home, false);
    try {
      const builds = await openBuilds({
        world,
        root,
        location,
        facts,
        metadata,
        use: [],
        folder: ready,
        log,
        findWriteError: () => writeError,
        snapshots,
        onProgress: progress.show,
        signal,
      });
      const built = await builds.build({});
      if (built.image === undefined) throw notBuilt(built, request.file);
      const outcome = await runCommand(ready, metadata, built.image, log);
      if (writeError !== undefined) throw diskError(writeError);
      const { gaps, ...told } = outcome.record;
      return { ...outcome, record: { ...record, ...told, gaps: [...record.gaps, ...gaps] } };
    } finally {
      snapshots.close();
      if (world.snapshotBytes !== 0) pruneSnapshots(world.home, world.snapshotBytes);
      await log.close();
    }
  }

  async function runCommand(
    ready: TrialFolder,
    metadata: EvaluatedMetadata,
    image: string,
    log: BuildLog,
  ): Promise<Omit<RuntimeOutcome, 'record'> & { readonly record: ToldOfRun }> {
    const runs = createRuns({ world, root, location, folder: ready, metadata, image, log, request, signal });
    progress.show(RUNTIME_PHASE, 0);
    const first = await runs([]);
    const { required, outcome: last } = await confirmDenials(
      first,
      (shown) => {
        progress.confirm();
        progress.show(RUNTIME_PHASE, 0);
        return runs(shown);
      },
      () => {},
      () => {},
    );
    const atomOf = (one: RecordedPackage) => suggestAtom(findInstalledPackage(root, one), root);
    const needs = required.map(
      (denial): Need => ({
        variable: 'RDEPEND',
        package: denial.package,
        atom: atomOf(denial.package),
        certainty: 'proven',
        evidence: denial.evidence,
      }),
    );
    const { denials, loaded } = last;
    const known = new Set(required.map((one) => packageId(one.package)));
    return {
      record: {
        outcome: last.passed ? 'passed' : 'failed',
        ...(last.failure !== undefined && { failure: last.failure }),
        needs,
        gaps: last.gaps,
      },
      status: first.status,
      doneWithout: denials
        .filter((one) => !one.weak && !known.has(packageId(one.package)))
        .map((one) => ({
          package: one.package,
          atom: atomOf(one.package),
          licence: 'hidden' as const,
          evidence: one.evidence.filter(({ path }) => WORTH_TELLING.test(path)),
        }))
        .filter(({ evidence }) => evidence.length > 0),
      loaded: groupLoaded(loaded.filter((one) => !known.has(packageId(one.package)))).map((one) => ({
        ...one,
        atom: atomOf(one.package),
      })),
      output: last.output,
    };
  }
}

/** What running the command adds to the record of a trial. */
type ToldOfRun = Pick<TrialRecord, 'outcome' | 'failure' | 'needs' | 'gaps'>;

/** One run of the command, in the form in which builds are confirmed. */
interface CommandRun extends Attempt {
  readonly status: number;
  readonly loaded: readonly LoadedLibrary[];
  readonly gaps: readonly string[];
  readonly output: string;
}

interface RunsInput {
  readonly world: TrialWorld;
  readonly root: RootState;
  readonly location: EbuildLocation;
  readonly folder: TrialFolder;
  readonly metadata: EvaluatedMetadata;
  readonly image: string;
  readonly log: BuildLog;
  readonly request: RuntimeRequest;
  readonly signal: AbortSignal | undefined;
}

/** Runs the command with the packages of some denials shown on top of what RDEPEND declares. */
function createRuns(input: RunsInput): (shown: readonly Denial[]) => Promise<CommandRun> {
  const { world, root, metadata, request, log } = input;
  const declared = activeNodes(metadata, RUNTIME_VARIABLES);
  const withoutFiles: PackageManager = { ...world.packageManager, files: { binds: [], programs: [] } };
  let count = 0;
  return async (shown) => {
    const revealed = shown.map((denial) => findInstalledPackage(root, denial.package));
    const view = drawBuildView(root, withoutFiles, declared, metadata.system, revealed);
    const image = mountImage(input.image, root, view.hidden);
    const names = revealed.map(({ category, name }) => `${category}/${name}`);
    log.startBuild(
      `${request.command.join(' ')}${names.length === 0 ? '' : ` with ${names.join(', ')} shown`}`,
    );
    const work = join(input.folder.path, `run-${count++}`);
    mkdirSync(work);
    // The builder that root drops to must be able to enter it.
    chmodSync(work, 0o755);
    const knowledge = createRootKnowledge(root, view);
    const { category, packageName } = input.location;
    const observer = createRunObserver({
      ...knowledge,
      locate: (path) => image.locate(path) ?? locateOnMachine(root.layout, root.resolver.resolve(path).path),
      isOwn: (path) =>
        image.locate(path) !== undefined ||
        knowledge
          .touch(path)
          .some((one) => one.package.category === category && one.package.name === packageName),
    });
    const gaps = new Set<string>();
    const { status } = await runLimited(
      world.sandbox,
      describeRun({ ...input, folder: { ...input.folder, work, distfiles: [] } }, view, image),
      world.limits,
      {
        event(event) {
          observer.observe(event);
          if (event.kind === 'gap') gaps.add(event.reason);
        },
        output: (chunk) => log.write(chunk),
      },
      input.signal,
    );
    return toOutcome(status, observer.result(), log, [...gaps]);
  };
}

function describeRun({ root, folder, request }: RunsInput, view: BuildView, image: MountedImage) {
  const spec = describeView({
    layout: root.layout,
    folder,
    files: { binds: [], programs: [] },
    repositories: [],
    hidden: view.hidden,
    // env(1) looks the program up in the view, and sets variables that are named before it.
    command: { argv: ['/usr/bin/env', ...request.command], environment: {} },
    trace: true,
  });
  const shown = request.shown.map((path) => ({ source: path, target: path, writable: false }));
  return { ...spec, binds: [...spec.binds, ...image.binds, ...shown], workingDirectory: folder.paths.work };
}

function toOutcome(
  status: number,
  { denials, loaded }: ObservedRun,
  log: BuildLog,
  gaps: readonly string[],
): CommandRun {
  const passed = status === 0;
  const output = log.tail();
  return {
    status,
    // Without the line that begins the run in the log.
    output: stripEscapes(output.replace(/^=== .*\n/, '')),
    loaded,
    gaps,
    passed,
    failure: passed ? undefined : { phase: RUNTIME_PHASE, firstError: findFirstError(output) },
    denials: rankByOutput(denials, output),
  };
}

/** What is shown besides must be there, and must not cover what the view is made of. */
function checkShown(folders: readonly string[], { layout }: RootState): void {
  for (const folder of folders) {
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
      throw new UserError(`${folder} is no folder: name one with --show.`);
    const isOfView = folder === '/' || locateOnMachine(layout, folder) !== undefined;
    if (isOfView || /^\/(?:dev|proc|run|sys|tmp)$/.test(folder))
      throw new UserError(
        `${folder} is a part of the view, which --show would cover: copy what the command is to read into another folder.`,
      );
  }
}

function groupLoaded(loaded: readonly LoadedLibrary[]): Omit<RuntimePackage, 'atom'>[] {
  const groups = new Map<string, Omit<RuntimePackage, 'atom'>>();
  for (const { package: owner, licence, evidence } of loaded) {
    const id = packageId(owner);
    const before = groups.get(id)?.evidence ?? [];
    groups.set(id, { package: owner, licence, evidence: [...before, evidence] });
  }
  return [...groups.values()];
}

function notBuilt({ failure, passed }: BuildOutcome, file: string): UserError {
  const reason = passed
    ? 'what it installed is not where it should be'
    : `the ${failure?.phase} phase failed (${failure?.firstError})`;
  return new UserError(
    `There is nothing to run, because ${reason}: see what it lacks with "ebuild-audit trial ${file}".`,
  );
}
