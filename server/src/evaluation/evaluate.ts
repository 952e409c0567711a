import { basename } from 'node:path';
import { UserError } from '../errors/user-error.ts';
import { noRoom } from '../host/disk-room.ts';
import { findFullDisk, stripEscapes } from '../host/output-text.ts';
import type { RootState } from '../host/root-state.ts';
import type { TrialWorld } from '../host/world.ts';
import type { HiddenPaths } from '../installed/hidden-paths.ts';
import type { Command, EvaluatedMetadata, PackageManagerFiles, UseSetting } from '../package-manager/port.ts';
import type { Sandbox, SandboxLimits } from '../sandbox/sandbox.ts';
import { findRefusal } from './refusal.ts';
import { runLimited } from './run-limited.ts';
import { describeView } from './sandbox-view.ts';
import type { TrialFolder } from './work-folder.ts';

/** A sentence is not a page, and its end is looked for from every place. */
const LONGEST_REASON = 500;

/** Sourcing an ebuild takes well below a second; one that does not come back need not hold a trial for hours. */
const EVALUATION_TIME = 10 * 60 * 1000;

const NOTHING_HIDDEN: HiddenPaths = { files: new Map(), folders: new Set() };

/** The part of a root that evaluating takes; unlike all of {@link RootState} it is read in milliseconds. */
export type RootFrame = Pick<RootState, 'layout' | 'repositories'>;

/** What a command said, on standard output and error alike. */
export interface CommandOutput {
  readonly status: number;
  readonly output: string;
}

/** Runs an untraced command of a package manager in the view in which nothing is hidden. */
export async function runUntraced(
  sandbox: Sandbox,
  files: PackageManagerFiles,
  root: RootFrame,
  folder: TrialFolder,
  command: Command,
  signal: AbortSignal | undefined,
  limits?: SandboxLimits,
): Promise<CommandOutput> {
  const chunks: Uint8Array[] = [];
  const spec = describeView({
    layout: root.layout,
    folder,
    files,
    repositories: [...root.repositories, folder.paths.repository],
    hidden: NOTHING_HIDDEN,
    command,
    trace: false,
  });
  const { status } = await runLimited(
    sandbox,
    spec,
    limits,
    { event: () => {}, output: (chunk) => void chunks.push(chunk) },
    signal,
  );
  return { status, output: Buffer.concat(chunks).toString('utf8') };
}

/** The limits of a run that only evaluates; 0 is no limit. */
function withinMinutes(limits: SandboxLimits | undefined): SandboxLimits | undefined {
  const time = limits?.time || EVALUATION_TIME;
  return limits && { ...limits, time: Math.min(time, EVALUATION_TIME) };
}

/**
 * Asks the package manager what the ebuild comes to after its eclasses, in the sandbox, because sourcing it runs its code.
 *
 * @throws UserError with the package manager's reason as one sentence when it refuses the ebuild
 */
export async function evaluateEbuild(
  world: Pick<TrialWorld, 'packageManager' | 'sandbox' | 'limits'>,
  root: RootFrame,
  folder: TrialFolder,
  text: string,
  use: UseSetting,
  signal: AbortSignal | undefined,
): Promise<EvaluatedMetadata> {
  const { packageManager } = world;
  const { status, output } = await runUntraced(
    world.sandbox,
    packageManager.files,
    root,
    folder,
    packageManager.metadataCommand(folder.paths, use),
    signal,
    withinMinutes(world.limits),
  );
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

  function cannotEvaluate(reason: string): UserError {
    const file = basename(folder.paths.ebuild);
    return new UserError(
      `${packageManager.name} cannot evaluate ${file}: ${reason.slice(0, LONGEST_REASON).replace(/[.:;\s]+$/, '')}; mend the ebuild and try again.`,
    );
  }
}
