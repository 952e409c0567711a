import type { Phase } from '../package-manager/port.ts';
import { phaseFunction } from '../trace/phase-function.ts';
import type { BuildState, ShellTerminal } from '../trial/shell/shell-request.ts';
import type { RunShell } from '../trial/shell/shell-runner.ts';
import type { NamedFile } from './file-trial.ts';
import { createProgressBoard, type ProgressOutput } from './progress-line.ts';

export interface ShellCommandOptions {
  readonly named: NamedFile;
  /** Flags on top of the configuration. */
  readonly use: readonly string[];
  /** See `ShellRequest`. */
  readonly stopBefore: Phase | undefined;
  /** See `ShellRequest`. */
  readonly show: readonly string[];
  /** Empty for an interactive shell. */
  readonly command: readonly string[];
}

export interface ShellCommandWorld {
  readonly run: RunShell;
  readFile(path: string): Promise<string>;
  /** Says one sentence on standard error. */
  complain(sentence: string): void;
  readonly terminal: Omit<ShellTerminal, 'open'>;
  readonly progress: ProgressOutput;
  /** Called before the command starts; gives back what restores the terminal. */
  enter(): () => void;
}

/**
 * Builds an ebuild and runs a shell or a command where the build stopped; see `runShell`.
 *
 * @returns the exit code of the command
 * @throws the errors of `runShell` and `readFile`
 */
export async function runShellCommand(
  { named, use, stopBefore, show, command }: ShellCommandOptions,
  world: ShellCommandWorld,
  signal?: AbortSignal,
): Promise<number> {
  const text = await world.readFile(named.path);
  const line = createProgressBoard(world.progress).open('shell');
  let leave = () => {};
  try {
    return await world.run(
      { file: named.path, text, use, stopBefore, show, command },
      {
        ...world.terminal,
        open(state) {
          line.end();
          if (command.length === 0) for (const sentence of describeState(state)) world.complain(sentence);
          leave = world.enter();
        },
      },
      (progress) => line.show(progress),
      signal,
    );
  } finally {
    leave();
    line.end();
  }
}

/** The names that are shown of the hidden packages. */
const MOST_NAMES = 5;

function describeState({ failure, stoppedBefore, lacking }: BuildState): string[] {
  const stopped =
    failure === undefined
      ? stoppedBefore === undefined
        ? 'The build passed; this is what it left.'
        : `The build stopped before ${phaseFunction(stoppedBefore)}; this is what that will see.`
      : `${phaseFunction(failure.phase)} failed (${failure.firstError}); this is what it saw and left.`;
  const more = lacking.length - MOST_NAMES;
  const names = `${lacking.slice(0, MOST_NAMES).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return [
    stopped,
    ...(lacking.length > 0 ? [`Hidden, though the build asked for them: ${names}.`] : []),
    'Leave with "exit"; what you change here is then gone.',
  ];
}
