import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { UserError } from '../errors/user-error.ts';
import { runInRoot } from '../evaluation/root-run.ts';
import type { RootState } from '../host/root-state.ts';
import type { TopFolder } from '../installed/root-layout.ts';
import { type LayeredFolder, SandboxError } from '../sandbox/sandbox.ts';
import { takeTree } from './taken-tree.ts';
import type { UnpackingInput } from './unpack.ts';

/** The folders that packages' scripts may write to. */
const WRITABLE = ['/usr', '/etc', '/opt'];

/** A folder that env-update writes to, and that belongs to a stranger in the sandbox of an ordinary user. */
const OF_ENV_UPDATE = '/etc/environment.d';

/** Folders that scripts and Portage itself write to, and whose content no build sees. */
const SCRATCH = ['/var/lib'];

/** Bytes that scripts may write: caches. */
const LARGEST_EFFECTS = 2 ** 30;

/** In milliseconds. */
const SETTLING_TIME = 10 * 60 * 1000;

/** A stack that has not lain on the root before. */
export interface SettlingInput extends Omit<UnpackingInput, 'root'> {
  /** The root with the layers on it. */
  readonly root: RootState;
  /** Ids of the layers' packages, in the order of merging. */
  readonly ids: readonly string[];
  /** A folder of this process. */
  readonly work: string;
}

/**
 * Runs what merging the packages of a stack would run once their files are there, in a view of the stack that takes what is written.
 * A script that wants more than to write into the root fails, which is said and does no harm.
 *
 * @param effects an empty folder, which gets what was written, laid out like a root
 * @returns sentences about what has failed
 * @throws SandboxError if the run was disturbed or the disk is full, and the signal's reason
 */
export async function settleStack(
  { world, tools, files, store, root, ids, work }: SettlingInput,
  effects: string,
): Promise<readonly string[]> {
  const staging = makeFolder(work, 'staging');
  const layered = root.layout.folders
    .filter(({ target }) => WRITABLE.includes(target))
    .map((folder) => lay(work, folder));
  const etc = layered.find(({ target }) => target === '/etc');
  if (etc !== undefined && root.resolver.resolve(OF_ENV_UPDATE).path === OF_ENV_UPDATE)
    makeFolder(etc.upper, basename(OF_ENV_UPDATE));
  try {
    const { output } = await runInRoot(world.sandbox, {
      root,
      files,
      staging,
      binds: [],
      layered,
      scratch: SCRATCH,
      command: tools.settle(ids),
      time: SETTLING_TIME,
    });
    for (const { target, upper } of layered) {
      mkdirSync(effects + target, { recursive: true });
      await takeTree({
        from: upper,
        to: effects + target,
        content: store.content,
        limit: LARGEST_EFFECTS,
        place: (path) => path,
      });
    }
    return tools.readSettled(output).map((failed) => `${failed} failed for the binary packages`);
  } catch (error) {
    const passes = error instanceof SandboxError && ['disk-full', 'disturbed'].includes(error.reason);
    if (!(error instanceof UserError) || passes) throw error;
    return [`the scripts of the binary packages could not be run (${error.message.replace(/\.$/, '')})`];
  }
}

function makeFolder(above: string, name: string): string {
  const folder = join(above, name);
  mkdirSync(folder, { mode: 0o755 });
  return folder;
}

/** Lays a writable folder over a folder of the root and its layers. */
function lay(work: string, { target, source, over = [] }: TopFolder): LayeredFolder {
  const [upper, kernelWork] = ['upper', 'kernel'].map((name) =>
    makeFolder(work, name + target.replaceAll('/', '-')),
  ) as [string, string];
  return { target, lower: [source, ...over], upper, kernelWork, borrowed: true };
}
