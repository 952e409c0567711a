import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../errors/user-error.ts';
import { describeView } from '../../evaluation/sandbox-view.ts';
import { layBuildFolder, locateInWork } from '../../evaluation/work-folder.ts';
import type { RootState } from '../../host/root-state.ts';
import type { RevealedPackage } from '../../installed/visible-set.ts';
import type { Command } from '../../package-manager/command.ts';
import { BUILD_ENVIRONMENT } from '../../package-manager/plain-environment.ts';
import { PHASES, type Phase } from '../../package-manager/port.ts';
import { parseAtom } from '../../pms/atom.ts';
import { matchesAtom } from '../../pms/match.ts';
import type { LayeredFolder, SandboxSpec } from '../../sandbox/sandbox.ts';
import type { BuildOutcome } from '../builder/build-plan.ts';
import { drawBuildView } from '../builder/build-view.ts';
import { declaredForBuild } from '../builder/builds.ts';
import { addToEnvironment } from '../builder/steps/saved-environment.ts';
import { openSession, type SessionInput, type TrialSession } from '../session.ts';
import { lackingDependency, lacksBuildDependency } from '../start-record.ts';
import type { ShellRequest, ShellTerminal } from './shell-request.ts';
import { RELAY, writeStartFile } from './terminal-relay.ts';

/**
 * The folder of our files in the sandbox, read-only. They must not be in the work folder: the code of an ebuild may have put links there, through
 * which they would be written elsewhere on this machine.
 */
const OWN_PLACE = '/var/ebuild-audit-shell';
const START_FILE = 'start';
const SIZE_FILE = 'size';

/**
 * Builds an ebuild, from snapshots if there are any, and then runs a shell or a command where the build stopped: in the same view, in a copy of
 * its build folder, and with the variables and functions of its phases. What the command changes is gone when it ends. Nothing is traced.
 *
 * @returns the exit code of the command, or 128 + signal
 * @throws UserError if nothing can be built, and the errors of a trial
 */
export async function runShell(
  input: Omit<SessionInput, 'text' | 'use' | 'fresh'>,
  request: ShellRequest,
  terminal: ShellTerminal,
): Promise<number> {
  const session = await openSession({ ...input, text: request.text, use: request.use, fresh: false });
  try {
    if (lacksBuildDependency(session.record)) throw lackingDependency(session.record);
    const revealed = request.show.flatMap((text) => findShown(text, session.root));
    const { stopBefore } = request;
    const { build, tests } = await session.openBuilds(stopBefore);
    const until = stopBefore && phaseBefore(stopBefore, tests === 'run');
    const built = await build({ revealed, ...(until !== undefined && { until }) });
    const stoppedBefore = built.stopped === true ? stopBefore : undefined;
    terminal.open({ failure: built.failure, stoppedBefore, lacking: listLacking(built) });
    const phase = stoppedBefore ?? built.failure?.phase ?? 'install';
    return await runThere(session, { built, revealed, phase, words: request.command }, terminal);
  } finally {
    await session.close();
  }
}

/** The strong suspects; only if there is none, the weak ones, which may have nothing to do with the failure. */
function listLacking({ denials }: BuildOutcome): string[] {
  const strong = denials.filter(({ weak }) => !weak);
  const suspects = strong.length > 0 ? strong : denials;
  return [...new Set(suspects.map(({ package: { category, name } }) => `${category}/${name}`))];
}

/**
 * Finds the installed packages that an atom of the user means.
 *
 * @throws UserError if it is no atom, or means none
 */
function findShown(text: string, { packages }: RootState): RevealedPackage[] {
  const { atom, errors } = parseAtom(text);
  if (atom === undefined || errors.length > 0 || atom.blocker !== '')
    throw new UserError(`"${text}" is no atom: write --show CATEGORY/PACKAGE.`);
  const found = packages.filter((installed) => matchesAtom(atom, installed));
  if (found.length === 0)
    throw new UserError(`No installed package is ${text}: install it, or show another one with --show.`);
  return found.map((installed) => ({ package: installed, isBuiltAgainst: true }));
}

/** The phase that runs before another one, if src_test runs or does not. */
function phaseBefore(phase: Phase, tests: boolean): Phase | undefined {
  const run = PHASES.filter((other) => other === phase || other !== 'test' || tests);
  return run[run.indexOf(phase) - 1];
}

/** What runs in the view and the folder of a build that has ended. */
interface There {
  readonly built: BuildOutcome;
  readonly revealed: readonly RevealedPackage[];
  /** The phase in which the build stopped, or before which. */
  readonly phase: string;
  /** The command. */
  readonly words: readonly string[];
}

async function runThere(session: TrialSession, there: There, terminal: ShellTerminal): Promise<number> {
  const { world, folder } = session;
  const { phase, words } = there;
  const start = {
    environment: world.packageManager.savedEnvironment(folder.paths),
    image: world.packageManager.imageFolder(folder.paths),
    title: `${folder.paths.packageAndVersion} ${phase}`,
  };
  const own = join(folder.path, 'shell');
  mkdirSync(own);
  writeFileSync(join(own, START_FILE), writeStartFile(start));
  const writeSize = () => {
    const { rows, columns } = terminal.size();
    writeFileSync(join(own, SIZE_FILE), `${rows} ${columns}`);
  };
  writeSize();
  const stop = terminal.onResize(writeSize);
  try {
    const spec = describeShell(
      session,
      there,
      shellCommand(world.packageManager.python, words, terminal.kind),
    );
    const binds = [...spec.binds, { source: own, target: OWN_PLACE, writable: false }];
    const { status } = await world.sandbox.run(
      { ...spec, binds },
      {
        event() {},
        output: (chunk) => terminal.write(chunk),
        ...(terminal.input !== undefined && { input: terminal.input }),
      },
    );
    return status;
  } finally {
    stop();
  }
}

function describeShell(session: TrialSession, { built, revealed }: There, command: Command): SandboxSpec {
  const { world, root, folder, location, metadata } = session;
  const { packageManager } = world;
  const { paths } = folder;
  const view = drawBuildView(root, {
    packageManager,
    declared: declaredForBuild(metadata),
    itself: `${location.category}/${location.packageName}`,
    system: metadata.system,
    revealed,
  });
  const spec = describeView({
    layout: root.layout,
    folder,
    files: packageManager.files,
    repositories: [...root.repositories, paths.repository],
    hidden: view.hidden,
    command,
    trace: false,
  });
  const layered = copyBuildFolder(session, built);
  return { ...spec, workingDirectory: paths.work, ...(layered !== undefined && { layered: [layered] }) };
}

/**
 * bash reads the start file by itself if it is interactive, and by BASH_ENV if it is not.
 *
 * @param kind of the terminal; undefined if there is none
 */
function shellCommand(python: string, words: readonly string[], kind: string | undefined): Command {
  const start = `${OWN_PLACE}/${START_FILE}`;
  const run = ['-c', '"$@"', 'bash', ...words];
  const bash = [
    '/bin/bash',
    ...(words.length > 0 ? run : kind === undefined ? ['-s'] : ['--rcfile', start, '-i']),
  ];
  const environment = {
    ...BUILD_ENVIRONMENT,
    // Node's pipes are sockets. For a first shell, bash would take one for the connection of rshd(8) and ignore BASH_ENV.
    SHLVL: '1',
    ...((words.length > 0 || kind === undefined) && { BASH_ENV: start }),
    ...(kind !== undefined && { TERM: kind }),
  };
  return {
    argv: kind === undefined ? bash : [python, '-c', RELAY, `${OWN_PLACE}/${SIZE_FILE}`, ...bash],
    environment,
  };
}

/** A layer above what the build has left. A build in one run has left it in the work folder, which the view shows anyway. */
function copyBuildFolder(
  { world, folder }: TrialSession,
  { layers, pending = [] }: BuildOutcome,
): LayeredFolder | undefined {
  const { packageManager } = world;
  const target = packageManager.buildFolder(folder.paths);
  if (layers.some((layer) => layer === locateInWork(folder, target))) return undefined;
  const { layered } = layBuildFolder(folder, target, layers);
  addToEnvironment(layered, packageManager.savedEnvironment(folder.paths).slice(target.length), pending);
  return layered;
}
