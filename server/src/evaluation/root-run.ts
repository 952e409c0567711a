import type { RootState } from '../host/root-state.ts';
import type { HiddenPaths } from '../installed/hidden-paths.ts';
import type { Command } from '../package-manager/command.ts';
import type { PackageManagerFiles } from '../package-manager/port.ts';
import type { Bind, LayeredFolder, Sandbox, SandboxSpec } from '../sandbox/sandbox.ts';
import type { TraceEvent } from '../trace/event.ts';
import { describeRoot } from './sandbox-view.ts';

/** The part of a root that a command of the package manager needs. Unlike the whole {@link RootState}, it is read in milliseconds. */
export type RootFrame = Pick<RootState, 'layout' | 'repositories' | 'stack'>;

/** The exit status of a command, and its standard output and error together. */
export interface CommandOutput {
  readonly status: number;
  readonly output: string;
}

/** The view of a whole root. */
export const NOTHING_HIDDEN: HiddenPaths = { files: new Map(), folders: new Set() };

/** What a view hides that shows every package. */
export function hiddenInFullView({ stack }: RootFrame): HiddenPaths {
  return stack?.replaced ?? NOTHING_HIDDEN;
}

/** A command of a package manager that concerns no ebuild. */
export interface RootRun {
  readonly root: RootFrame;
  readonly files: PackageManagerFiles;
  /** See `SandboxSpec`. */
  readonly staging: string;
  readonly command: Command;
  readonly binds: readonly Bind[];
  readonly layered?: readonly LayeredFolder[];
  /** Folders in memory, in addition to those of every view; absent: none. */
  readonly scratch?: readonly string[];
  /** In milliseconds. */
  readonly time: number;
}

/** Runs a command in a view of a root in which nothing is hidden. */
export function runInRoot(
  sandbox: Sandbox,
  { root, files, staging, command, binds, layered, scratch = [], time }: RootRun,
): Promise<CommandOutput> {
  const { layout, repositories } = root;
  const hidden = hiddenInFullView(root);
  const spec = describeRoot({ layout, files, repositories, hidden, command, trace: false, staging });
  const whole = {
    ...spec,
    binds: [...spec.binds, ...binds],
    scratch: [...spec.scratch, ...scratch],
    ...(layered !== undefined && { layered }),
  };
  return runForOutput(sandbox, whole, time);
}

/**
 * Runs a command and keeps its output.
 *
 * @param time in milliseconds; absent: the limit of the sandbox
 * @param observe called with each event
 */
export async function runForOutput(
  sandbox: Sandbox,
  spec: SandboxSpec,
  time?: number,
  observe: (event: TraceEvent) => void = () => {},
): Promise<CommandOutput> {
  const chunks: Uint8Array[] = [];
  const { status } = await sandbox.run(time === undefined ? spec : { ...spec, time }, {
    event: observe,
    output: (chunk) => void chunks.push(chunk),
  });
  return { status, output: Buffer.concat(chunks).toString('utf8') };
}
