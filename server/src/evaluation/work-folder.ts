import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { UserError } from '../errors/user-error.ts';
import { removeTree } from '../files/remove-tree.ts';
import { findOwner, listAbandoned, nameForOwner } from '../host/process-owner.ts';
import { locateOnMachine, type RootLayout } from '../installed/root-layout.ts';
import type { TrialPaths } from '../package-manager/port.ts';
import { type EbuildLocation, findClosedFolder, locateEbuild } from '../repository/ebuild-location.ts';
import type { LayeredFolder } from '../sandbox/sandbox.ts';
import { copyPackage, isSeenByBuilds } from './package-copy.ts';
import { refuseLinksOut } from './repository-links.ts';

/** The folder with everything that one trial writes, which is removed when the trial ends. */
export interface WorkFolder {
  readonly path: string;
  readonly staging: string;
  /** The text under trial. */
  readonly text: string;
  /** A copy of the ebuild's package folder with that text in it. */
  readonly package: string;
  /** The work folder of the build, the only writable folder of the sandbox. */
  readonly work: string;
  /** The folder with the layers of steps until they are kept as snapshots. */
  readonly steps: string;
  readonly paths: TrialPaths & { readonly packageFolder: string };
  readonly distfiles: readonly { readonly name: string; readonly source: string }[];
  /**
   * The entries of the package folder, relative to it, that the build finds missing: links out of the repository, and what is neither a file
   * nor a folder.
   */
  readonly leftOut: readonly string[];
  remove(): Promise<void>;
}

/** The path of the work folder in the sandbox. */
export const WORK_PLACE = '/var/ebuild-audit-work';

/** A build folder of layers, and the folder on this machine that holds its upper layer. */
interface LayeredBuild {
  readonly place: string;
  readonly layered: LayeredFolder;
}

/**
 * Puts an empty layer on top of what earlier steps have left in the build folder.
 *
 * @param target the build folder, as the sandbox sees it
 * @param lower the layers of the earlier steps, the lowest first
 */
export function layBuildFolder(folder: WorkFolder, target: string, lower: readonly string[]): LayeredBuild {
  makeMountPoint(locateInWork(folder, target));
  const place = mkdtempSync(join(folder.steps, 'step-'));
  // mkdtemp makes the folder private, but the unprivileged user that builds for root must enter it.
  chmodSync(place, 0o755);
  const [upper, kernelWork] = ['files', 'kernel'].map((name) => join(place, name)) as [string, string];
  mkdirSync(upper);
  mkdirSync(kernelWork);
  return { place, layered: { target, lower, upper, kernelWork } };
}

/**
 * Makes the folder of a build that runs beside another one of the same trial. It shares what is only read, and ends with the first.
 *
 * @param number of the build's lane, from 2
 */
export function branchWorkFolder(folder: WorkFolder, number: number): WorkFolder {
  const [staging, work] = ['staging', 'work'].map((name) => {
    const made = join(folder.path, `${name}-${number}`);
    mkdirSync(made);
    return made;
  }) as [string, string];
  return { ...folder, staging, work };
}

/** Makes a folder in the work folder, where the code of an ebuild may have put anything at that path. */
function makeMountPoint(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
  rmSync(path, { force: true });
  mkdirSync(path);
}

/** The path on this machine of a path in the sandbox that is below the work folder. */
export function locateInWork({ work, paths }: Pick<WorkFolder, 'work' | 'paths'>, path: string): string {
  return work + path.slice(paths.work.length);
}

export interface WorkFolderInput {
  /** The folder that holds all trials. */
  readonly trials: string;
  readonly location: EbuildLocation;
  readonly layout: RootLayout;
  /** The repositories of the root's repos.conf, as paths in the sandbox. */
  readonly repositories: readonly string[];
  readonly text: string;
  /** The path of the work folder in the sandbox; absent: {@link WORK_PLACE}. */
  readonly shownAs?: string;
  /** Whether the copy has the package's other ebuilds too; a trial leaves them out. */
  readonly withOtherVersions?: true;
}

/**
 * Finds the repository, category and package of an ebuild's file.
 *
 * @param buildsAsOther whether another user builds than that of this process; that user must be able to read the repository
 * @throws UserError with one sentence if it is not an ebuild in a repository, or that user cannot read it
 */
export function locateForTrial(file: string, buildsAsOther: boolean): EbuildLocation {
  const location = locateEbuild(file);
  const closed = buildsAsOther ? findClosedFolder(location) : undefined;
  if (closed !== undefined) {
    throw new UserError(
      `${closed} is not readable for the unprivileged user that builds for root: run "chmod -R o+rX ${location.repository}", or run Ebuild Audit as its owner.`,
    );
  }
  return location;
}

/**
 * Makes the folder, and removes those that killed processes have left. The author's file is not written; the text is put into a copy.
 *
 * @throws UserError if the folder of the package is too large, and errors of the file system such as ENOSPC; nothing is left behind then
 */
export async function makeWorkFolder(input: WorkFolderInput): Promise<WorkFolder> {
  const owner = findOwner();
  makePrivateFolder(input.trials);
  for (const abandoned of listAbandoned(input.trials, owner)) {
    try {
      await removeTree(abandoned);
    } catch {
      // It may belong to another user, or its last process is just ending. The next trial tries again.
    }
  }
  const path = mkdtempSync(join(input.trials, nameForOwner(input.location.packageAndVersion, owner)));
  try {
    return await fillWorkFolder(path, input);
  } catch (error) {
    await removeTree(path);
    throw error;
  }
}

/**
 * Makes a folder for files from builds that no other user can enter, because a build may leave set-user-id programs, which belong to root
 * if root builds.
 */
export function makePrivateFolder(path: string): void {
  mkdirSync(path, { recursive: true });
  try {
    chmodSync(path, 0o700);
  } catch (error) {
    // It belongs to another user, and root never uses such a folder.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
  }
}

async function fillWorkFolder(path: string, input: WorkFolderInput): Promise<WorkFolder> {
  const { location, layout, text } = input;
  refuseLinksOut(location, [
    location.repository,
    ...input.repositories.map((known) => locateOnMachine(layout, known) ?? known),
  ]);
  // mkdtemp makes the folder private, but the unprivileged user that builds for root must enter it.
  chmodSync(path, 0o755);
  const [staging, packageCopy, work, steps] = ['staging', 'package', 'work', 'steps'].map((name) => {
    const folder = join(path, name);
    mkdirSync(folder);
    return folder;
  }) as [string, string, string, string];
  const file = `${location.packageAndVersion}.ebuild`;
  // pkgcore sources the other versions too, and a broken one would end the trial.
  const isLeftOut = (name: string) =>
    name === file || (input.withOtherVersions !== true && !isSeenByBuilds(name));
  const packageFolder = realpathSync(join(location.repository, location.category, location.packageName));
  chmodSync(packageCopy, 0o755);
  const leftOut = await copyPackage(packageFolder, packageCopy, location.repository, isLeftOut);
  writeFileSync(join(packageCopy, file), text, { flag: 'wx' });
  chmodSync(join(packageCopy, file), 0o644);
  const repository = nameRepository(location.repository, layout, input.repositories);
  const shownFolder = `${repository}/${location.category}/${location.packageName}`;
  return {
    path,
    text,
    staging,
    package: packageCopy,
    work,
    steps,
    distfiles: [],
    leftOut,
    paths: {
      ebuild: `${shownFolder}/${file}`,
      packageFolder: shownFolder,
      repository,
      // A folder of its own, because a mount on /var/tmp would hide other files there, such as a state folder.
      work: input.shownAs ?? WORK_PLACE,
      distfiles: '/var/cache/distfiles',
      category: location.category,
      packageName: location.packageName,
      packageAndVersion: location.packageAndVersion,
    },
    remove: () => removeTree(path),
  };
}

/** The path of a repository in the sandbox: that of repos.conf if it has the repository, even through a link. */
function nameRepository(repository: string, layout: RootLayout, known: readonly string[]): string {
  const named = known.find((path) => {
    const place = locateOnMachine(layout, path) ?? path;
    return [place, path].some((folder) => existsSync(folder) && realpathSync(folder) === repository);
  });
  return named ?? toSandboxPath(layout, repository);
}

/** The path in the sandbox of a path of this machine; a path outside the root stays the same. */
function toSandboxPath(layout: RootLayout, path: string): string {
  for (const { target, source } of layout.folders) {
    if (path === source || path.startsWith(`${source}/`)) return target + path.slice(source.length);
  }
  return path;
}

/**
 * Finds the distfiles that an ebuild needs.
 *
 * @param folders the folders to search, in order; they are only read
 * @throws UserError that names every missing file
 */
export function findDistfiles(names: readonly string[], folders: readonly string[]): WorkFolder['distfiles'] {
  const missing: string[] = [];
  const found: { name: string; source: string }[] = [];
  for (const name of names) {
    const file = basename(name);
    // An ebuild can forge its evaluation, and `..` would be the folder above the distfiles.
    const isName = !['', '.', '..'].includes(file);
    const source = isName
      ? folders
          .map((folder) => join(folder, file))
          .find((path) => statSync(path, { throwIfNoEntry: false })?.isFile())
      : undefined;
    if (source === undefined) missing.push(name);
    else found.push({ name: file, source });
  }
  if (missing.length > 0) {
    throw new UserError(
      `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing in ${folders.join(' and ')}: fetch ${missing.length === 1 ? 'it' : 'them'} first with "ebuild FILE fetch", because a trial never uses the network.`,
    );
  }
  return found;
}
