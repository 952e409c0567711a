import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describeView } from '../../evaluation/sandbox-view.ts';
import type { WorkFolder } from '../../evaluation/work-folder.ts';
import { killedError, throwIfDisturbed, watchMemoryKills } from '../../host/disturbance.ts';
import { stripEscapes } from '../../host/output-text.ts';
import type { RootState } from '../../host/root-state.ts';
import { type MountedImage, mountImage, showImage } from '../../image/mounted-image.ts';
import { locateOnMachine } from '../../installed/root-layout.ts';
import { RUNTIME_VARIABLES } from '../../pms/dependency-variable.ts';
import type { SandboxSpec } from '../../sandbox/sandbox.ts';
import type { Denial } from '../../trace/denial.ts';
import { phaseFunction, RUNTIME_PHASE } from '../../trace/phase-function.ts';
import { createRunObserver, type LoadedLibrary, type ObservedRun } from '../../trace/run-observer.ts';
import type { FileInView } from '../../trace/trace-context.ts';
import type { BuildLog } from '../builder/build-log.ts';
import { type BuildView, drawBuildView } from '../builder/build-view.ts';
import { activeNodes } from '../builder/builds.ts';
import { type Attempt, rankByOutput } from '../builder/confirm.ts';
import { findFirstError } from '../builder/first-error.ts';
import { createRootKnowledge } from '../builder/root-knowledge.ts';
import { findInstalledPackage } from '../needs/need.ts';
import type { TrialSession } from '../session.ts';
import { readLinkedLibraries } from './linked-libraries.ts';
import type { RuntimeRequest } from './runtime-request.ts';

/** One run of the command, in the form in which builds are confirmed. */
export interface CommandRun extends Attempt {
  readonly status: number;
  readonly loaded: readonly LoadedLibrary[];
  readonly gaps: readonly string[];
  readonly output: string;
}

/** The input that all runs of a command share. */
export interface CommandInput {
  readonly session: TrialSession;
  readonly log: BuildLog;
  /** The image of the build, on this machine. */
  readonly image: string;
  readonly request: RuntimeRequest;
}

/** Runs the command with denied packages visible, in addition to those that RDEPEND declares. */
export function createRuns(input: CommandInput): (shown: readonly Denial[]) => Promise<CommandRun> {
  let count = 0;
  return (shown) => runCommand(input, shown, `run-${count++}`);
}

/** @param place name of the folder that the command may write to */
async function runCommand(input: CommandInput, shown: readonly Denial[], place: string): Promise<CommandRun> {
  const { session, log, request } = input;
  const { world, root, location, metadata } = session;
  const revealed = shown.map((denial) => findInstalledPackage(root, denial.package));
  const view = drawBuildView(root, {
    packageManager: { files: { binds: [], programs: [] } },
    declared: { depend: activeNodes(metadata, RUNTIME_VARIABLES), bdepend: [] },
    itself: `${location.category}/${location.packageName}`,
    system: metadata.system,
    revealed: revealed.map((installed) => ({ package: installed, isBuiltAgainst: true })),
  });
  const image = mountImage(input.image, root, view.hidden);
  const names = revealed.map(({ category, name }) => `${category}/${name}`);
  log.startBuild(
    `${request.command.join(' ')}${names.length === 0 ? '' : ` with ${names.join(', ')} visible`}`,
  );
  const work = join(session.folder.path, place);
  mkdirSync(work);
  // If root starts the run, an unprivileged user must be able to enter the folder.
  chmodSync(work, 0o755);
  // The links of the image lead to files of other packages, which may be hidden.
  const { resolver, hidden } = image;
  const knowledge = createRootKnowledge({ ...root, resolver }, { ...view, hidden });
  const observer = createRunObserver({
    ...knowledge,
    linkedBy: (path) => {
      const end = resolver.resolve(path).path;
      return readLinkedLibraries(image.locate(end) ?? locateOnMachine(root.layout, end));
    },
    isOwn: (path) => {
      const { files } = knowledge.describePath(path);
      const isOfPackage = ({ package: { category, name } }: FileInView) =>
        category === location.category && name === location.packageName;
      if (files.some(isOfPackage)) return true;
      return !files.some((file) => file.hidden) && image.locate(resolver.resolve(path).path) !== undefined;
    },
  });
  const gaps = new Set<string>();
  const folder = { ...session.folder, work, distfiles: [] };
  const memoryKills = watchMemoryKills();
  const { status, seesDeaths } = await world.sandbox.run(describeRun(root, folder, request, view, image), {
    event(event) {
      observer.observe(event);
      if (event.kind === 'gap') gaps.add(event.reason);
      if (event.kind === 'killed')
        throw killedError({
          program: observer.nameOf(event.serial),
          where: phaseFunction(RUNTIME_PHASE),
          signal: event.signal,
          lacksMemory: (memoryKills() ?? 0) > 0,
        });
    },
    output: (chunk) => log.write(chunk),
  });
  if (status !== 0)
    throwIfDisturbed({ output: log.tail(), phase: RUNTIME_PHASE, seesDeaths, memoryKills: memoryKills() });
  return toOutcome(status, observer.result(), log, [...gaps]);
}

function describeRun(
  root: RootState,
  folder: WorkFolder,
  request: RuntimeRequest,
  view: BuildView,
  image: MountedImage,
): SandboxSpec {
  const spec = describeView({
    layout: root.layout,
    folder,
    files: { binds: [], programs: [] },
    repositories: [],
    hidden: view.hidden,
    // env(1) looks up the program in the view, and sets variables that are written before it.
    command: { argv: ['/usr/bin/env', ...request.command], environment: {} },
    trace: true,
  });
  const shown = request.shown.map((path) => ({ source: path, target: path, writable: false }));
  const shownSpec = showImage(spec, image);
  return { ...shownSpec, binds: [...shownSpec.binds, ...shown], workingDirectory: folder.paths.work };
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
    // The line that begins the run in the log is not output.
    output: stripEscapes(output.replace(/^=== .*\n/, '')),
    loaded,
    gaps,
    passed,
    failure: passed ? undefined : { phase: RUNTIME_PHASE, firstError: findFirstError(output) },
    denials: rankByOutput(denials, output),
  };
}
