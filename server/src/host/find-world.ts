import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserError } from '../errors/user-error.ts';
import { throwIfExhausted } from '../files/exhaustion.ts';
import { findPackageManager } from '../package-manager/find.ts';
import { practiceRoot, stateFolder } from '../package-manager/home.ts';
import { withLimits } from '../sandbox/bound-sandbox.ts';
import { chooseIdentity, createBubblewrapSandbox } from '../sandbox/bubblewrap.ts';
import { findHelper, type HelperPlaces, helperPlaces } from '../sandbox/helper.ts';
import { DEFAULT_LIMITS } from '../sandbox/limits.ts';
import type { Sandbox, SandboxLimits } from '../sandbox/sandbox.ts';
import { proveView } from '../sandbox/self-test.ts';
import type { Identity } from '../sandbox/view-plan.ts';
import { diskError } from './disk-room.ts';
import { pruneRoots } from './root-image/kept-roots.ts';
import { provideRoot, recallRoot } from './root-image/provide-root.ts';
import { notGentoo } from './root-state.ts';
import type { TrialWorld } from './world.ts';

/** The settings of a user for trials. */
export interface RunnerSettings {
  /** The Gentoo system that trials see, a folder or an image of one; empty for this machine or, if it is not Gentoo, the practice root. */
  readonly root: string;
  readonly packageManager: 'auto' | 'portage' | 'pkgcore';
  /** The number of processes that one build may run at once; 0 for the number of processors. */
  readonly buildJobs: number;
  /** The bubblewrap program; empty for `bwrap` on PATH. */
  readonly bwrap: string;
  /** Absolute paths of folders with binary packages, besides that of the configuration; absent: none. */
  readonly packageFolders?: readonly string[];
  /** Addresses of servers of binary packages, besides those of the configuration; absent: none. */
  readonly binhosts?: readonly string[];
  /** Limits that replace those of {@link DEFAULT_LIMITS}. */
  readonly limits?: Partial<SandboxLimits>;
  /** Absent: {@link DEFAULT_STORAGE}. */
  readonly storage?: StorageLimits;
}

/** Limits for what is kept of trials, and of roots that are images, in bytes. */
export interface StorageLimits {
  readonly records: number;
  readonly snapshots: number;
  readonly logs: number;
  readonly roots: number;
  readonly layers: number;
}

const MIB = 2 ** 20;
export const DEFAULT_STORAGE: StorageLimits = {
  records: 256 * MIB,
  // Enough for the last steps of a few large packages.
  snapshots: 8192 * MIB,
  logs: 512 * MIB,
  // A stage3 has 1.5 GiB, and 2.5 GiB with Gentoo's repository.
  roots: 16_384 * MIB,
  // As many binary packages as a large desktop has.
  layers: 16_384 * MIB,
};

/** The world of trials on this machine, without the parser. */
export interface FoundWorld extends Omit<TrialWorld, 'readFacts'> {
  /** Tests, once for each process, that the sandbox works on this kernel; rejects with SandboxError. */
  proveView(): Promise<void>;
}

/**
 * Finds the world of trials on this machine: the state folder, the root, the package manager and the sandbox.
 *
 * @throws UserError with one sentence that says what to do if one of them is missing
 */
export async function findTrialWorld(settings: RunnerSettings): Promise<FoundWorld> {
  const builder = await findBuilder(settings);
  const { sandbox, helper, identity } = await findSandbox(settings.bwrap);
  const limits = { ...DEFAULT_LIMITS, ...settings.limits };
  return {
    ...builder,
    sandbox: withLimits(sandbox, limits),
    async proveView() {
      try {
        await proveView({ sandbox, helper, state: builder.home });
      } catch (error) {
        throw diskError(error as Error);
      }
    },
    buildsAsOther: identity.kind === 'root',
    jobs: settings.buildJobs > 0 ? settings.buildJobs : availableParallelism(),
    snapshotBytes: (settings.storage ?? DEFAULT_STORAGE).snapshots,
    layerBytes: (settings.storage ?? DEFAULT_STORAGE).layers,
    now: () => performance.now(),
  };
}

/** A sandbox, the helper that builds it, and the user who builds. */
interface FoundSandbox {
  readonly sandbox: Sandbox;
  /** Path of the compiled helper. */
  readonly helper: string;
  readonly identity: Identity;
}

/**
 * Finds the sandbox of this machine, and compiles its helper if that has not been done. Whether it works is shown by a run.
 *
 * @param bwrap as in {@link RunnerSettings}
 * @throws UserError with one sentence that says what to do if a part is missing
 */
export async function findSandbox(bwrap: string): Promise<FoundSandbox> {
  if (bwrap.includes('/') && !existsSync(bwrap)) {
    throw new UserError(
      `The bubblewrap program ${bwrap} does not exist: check --bwrap or the setting ebuildAudit.bwrap.`,
      { mend: { kind: 'setting', name: 'bwrap' } },
    );
  }
  const helper = await findHelper(placesOfHelper());
  const identity = chooseIdentity(process.geteuid?.() ?? 0, readFileSync('/proc/self/uid_map', 'utf8'));
  const sandbox = createBubblewrapSandbox({ helper, identity, ...(bwrap === '' ? {} : { bwrap }) });
  return { sandbox, helper, identity };
}

/**
 * Finds the part of the world that decides which stored records answer: the state folder, the root and the package manager.
 *
 * @throws UserError as {@link findTrialWorld} does
 */
export async function findBuilder(
  settings: Pick<RunnerSettings, 'root' | 'packageManager'> & Partial<RunnerSettings>,
): Promise<Pick<TrialWorld, 'home' | 'rootPath' | 'packageManager' | 'packageFolders' | 'binhosts'>> {
  const home = makeHome(process.geteuid?.() ?? 0);
  const rootPath = chooseRoot(await unpackRoot(settings, home), home);
  // This comes before the search for a package manager, whose error would mislead.
  if (!hasPackages(rootPath)) throw notGentoo(rootPath);
  const preferred = settings.packageManager === 'auto' ? undefined : settings.packageManager;
  const packageManager = findPackageManager(rootPath, home, preferred);
  const { packageFolders = [], binhosts = [] } = settings;
  return { home, rootPath, packageManager, packageFolders, binhosts };
}

/**
 * Unpacks the root of the settings if it is an image that has not been unpacked yet, and removes the least recently used of the others.
 *
 * @param say told one sentence before work that takes minutes
 * @returns the root as {@link chooseRoot} takes it
 * @throws the errors of `provideRoot`
 */
export async function unpackRoot(
  { root, bwrap = '', storage = DEFAULT_STORAGE }: Pick<RunnerSettings, 'root'> & Partial<RunnerSettings>,
  home: string,
  say: (sentence: string) => void = () => {},
): Promise<string> {
  return provideRoot(root, home, {
    async openSandbox() {
      pruneRoots(home, storage.roots);
      return (await findSandbox(bwrap)).sandbox;
    },
    say,
  });
}

/**
 * Makes the state folder if there is none.
 *
 * @throws UserError if it cannot be made, or if another user could put records, snapshots or links into it
 */
export function makeHome(uid: number): string {
  const home = stateFolder(process.env, uid);
  try {
    makeFolders(home);
    const { uid: owner, mode } = statSync(home);
    if ((owner === uid || owner === 0) && (mode & OTHERS_WRITE) === 0) return home;
  } catch (error) {
    throwIfExhausted(error);
    throw new UserError(
      `The state folder cannot be made (${(error as Error).message}): set EBUILD_AUDIT_HOME to a folder that you may write to.`,
    );
  }
  throw new UserError(
    `The state folder ${home} can be written by other users, who could forge results: set EBUILD_AUDIT_HOME to a folder of your own, or take their permission with "chmod o-w".`,
  );
}

/** Permission to write for every user (inode(7)). */
const OTHERS_WRITE = 0o002;

/** Makes a folder and those above it. Node's own recursive mkdir never ends below /proc, where nothing can be made. */
function makeFolders(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
  if (dirname(path) !== path) makeFolders(dirname(path));
  try {
    mkdirSync(path, { mode: 0o755 });
  } catch (error) {
    // Another process may have made it meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !statSync(path).isDirectory()) throw error;
  }
}

/** The helper beside the bundles `dist/server/main.mjs` and `dist/cli/ebuild-audit.mjs`, or its sources in a checkout. */
function placesOfHelper(): HelperPlaces {
  const dist = new URL('../', import.meta.url);
  const places = helperPlaces(dist.href);
  return { ...places, sources: [...places.sources, fileURLToPath(new URL('../native', dist))] };
}

/**
 * Chooses the root: the chosen folder with links resolved, or the folder that the chosen image was unpacked into; otherwise this machine or, if it
 * is not Gentoo, the practice root.
 *
 * @throws UserError if the chosen folder does not exist, or the image is not unpacked; see {@link unpackRoot}
 */
export function chooseRoot(chosen: string, home: string): string {
  const unpacked = recallRoot(chosen, home);
  if (unpacked === 'unpack')
    throw new UserError(
      `The root ${chosen} is not unpacked yet: run "ebuild-audit doctor --root ${chosen}".`,
    );
  if (unpacked !== undefined) return unpacked.path;
  if (chosen !== '') {
    if (!existsSync(chosen))
      throw new UserError(
        `The root ${chosen} does not exist: check --root or the setting ebuildAudit.root.`,
        {
          mend: { kind: 'setting', name: 'root' },
        },
      );
    return realpathSync(chosen);
  }
  const practice = practiceRoot(home);
  return !existsSync('/var/db/pkg') && existsSync(practice) ? practice : '/';
}

function hasPackages(root: string): boolean {
  try {
    return readdirSync(join(root, 'var/db/pkg')).length > 0;
  } catch (error) {
    throwIfExhausted(error);
    return false;
  }
}
