import { basename, join } from 'node:path';
import { UserError } from '../errors/user-error.ts';
import { noRoom } from '../host/disk-room.ts';
import { killedError, throwIfDisturbed, throwIfKilled } from '../host/disturbance.ts';
import {
  createPathCollector,
  isModuleOfPython,
  type NamedPaths,
  type PathCollector,
} from '../host/named-paths.ts';
import { findFullDisk, stripEscapes } from '../host/output-text.ts';
import type { TrialWorld } from '../host/world.ts';
import { readLinkOnMachine } from '../installed/file-tree.ts';
import { createPathResolver, type PathResolver } from '../installed/path-resolver.ts';
import { locateOnMachine } from '../installed/root-layout.ts';
import type { Command } from '../package-manager/command.ts';
import type {
  EvaluatedMetadata,
  PackageManager,
  PackageManagerFiles,
  UseSetting,
} from '../package-manager/port.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { TraceEvent } from '../trace/event.ts';
import { explainAbsentEclass } from './absent-eclass.ts';
import { findRefusal, findUnreadable } from './refusal.ts';
import { type CommandOutput, hiddenInFullView, type RootFrame, runForOutput } from './root-run.ts';
import { describeView, type ViewInput } from './sandbox-view.ts';
import type { WorkFolder } from './work-folder.ts';

/** Limit in characters, enough for one sentence. The pattern for its end takes a time that is quadratic in its length. */
const LONGEST_REASON = 500;

/** Limit in milliseconds. Sourcing an ebuild takes well below a second, and an endless one must not block a trial for hours. */
const EVALUATION_TIME = 10 * 60 * 1000;

/** The result of an evaluation. */
export interface Evaluation {
  readonly metadata: EvaluatedMetadata;
  /** The paths of this machine that it named; undefined if there were too many to keep. */
  readonly named: NamedPaths | undefined;
}

/** A command of a package manager, with its root and its folder. */
export interface FullViewRun {
  readonly root: RootFrame;
  readonly folder: WorkFolder;
  readonly files: PackageManagerFiles;
  readonly command: Command;
  /** In milliseconds. */
  readonly time?: number;
  /** Called with each event; absent: the run is not traced. */
  readonly observe?: (event: TraceEvent) => void;
  /** See `ViewInput`. */
  readonly more?: ViewInput['more'];
}

/** Runs a command of a package manager in a view with nothing hidden. */
export async function runInFullView(
  sandbox: Sandbox,
  { root, folder, files, command, time, observe, more }: FullViewRun,
): Promise<CommandOutput> {
  const spec = describeView({
    layout: root.layout,
    folder,
    files,
    repositories: [...root.repositories, folder.paths.repository],
    hidden: hiddenInFullView(root),
    command,
    trace: observe !== undefined,
    ...(more !== undefined && { more }),
  });
  return runForOutput(sandbox, spec, time, observe);
}

/** Makes the collector of the paths that a run names with the folder of a trial in its view. */
export function collectPathsOf(root: RootFrame, folder: WorkFolder, resolver: PathResolver): PathCollector {
  return createPathCollector({
    layout: root.layout,
    resolver,
    repositories: [...root.repositories, folder.paths.repository],
    own: [folder.paths.packageFolder],
  });
}

/**
 * Lets the package manager evaluate the ebuild with its eclasses, in the sandbox, because sourcing an ebuild runs its code.
 *
 * @throws UserError with the package manager's reason as one sentence if it refuses the ebuild, or with what the root lacks; SandboxError if a process of
 *   it was killed from outside
 */
export async function evaluateEbuild(
  world: Pick<TrialWorld, 'packageManager' | 'sandbox' | 'rootPath' | 'buildsAsOther'>,
  root: RootFrame,
  folder: WorkFolder,
  use: UseSetting,
): Promise<Evaluation> {
  const { packageManager, sandbox, rootPath, buildsAsOther } = world;
  const paths = collectPathsOf(root, folder, createPathResolver(root.layout, readLinkOnMachine));
  const { status, output } = await runInFullView(sandbox, {
    root,
    folder,
    files: packageManager.files,
    command: packageManager.metadataCommand(folder.paths, use),
    time: EVALUATION_TIME,
    observe(event) {
      // The package manager waits for its shell until the time is over.
      if (event.kind === 'killed')
        throw killedError({ program: '', where: undefined, signal: event.signal, lacksMemory: false });
      paths.observe(event);
    },
  });
  if (status !== 0) {
    const full = findFullDisk(output);
    if (full !== undefined) throw noRoom(full);
    throwIfKilled(packageManager.name, status, undefined);
    throwIfDisturbed({ output, phase: 'metadata', seesDeaths: false, memoryKills: 0 });
    const closed = findUnreadable(output);
    if (closed !== undefined) throw notReadable(rootPath, closed, buildsAsOther);
    const { repository } = folder.paths;
    const place = locateOnMachine(root.layout, repository) ?? repository;
    const reason = findRefusal(folder.text, output);
    throw explainAbsentEclass(reason, rootPath, place) ?? cannotEvaluate(packageManager, folder, reason);
  }
  try {
    return { metadata: packageManager.readMetadata(output), named: await paths.result(isModuleOfPython) };
  } catch (error) {
    const reason = stripEscapes((error as Error).message).replaceAll(/\s+/g, ' ');
    throw cannotEvaluate(packageManager, folder, reason);
  }
}

function cannotEvaluate({ name }: PackageManager, folder: WorkFolder, reason: string): UserError {
  const file = basename(folder.paths.ebuild);
  const cut = reason.slice(0, LONGEST_REASON).replace(/[.:;\s]+$/, '');
  return new UserError(`${name} cannot evaluate ${file}: ${cut}; fix the ebuild and try again.`);
}

/** Root's umask may make such files, and the package manager reads them as root outside of trials. */
function notReadable(root: string, path: string, buildsAsOther: boolean): UserError {
  const file = join(root, path);
  const who = buildsAsOther ? 'the unprivileged user that builds for root' : 'you';
  return new UserError(`${file} is not readable for ${who}: run "chmod o+r ${file}" as root.`);
}
