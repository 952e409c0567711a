import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../errors/user-error.ts';
import { findOwner, listAbandoned, nameForOwner } from '../host/process-owner.ts';
import { locateOnMachine, type RootLayout } from '../installed/root-layout.ts';
import type { TrialPaths } from '../package-manager/port.ts';
import { type EbuildLocation, findClosedFolder, locateEbuild } from '../repository/ebuild-location.ts';

/** Everything that one trial writes, in a folder of its own that is removed when it ends. */
export interface TrialFolder {
  readonly path: string;
  readonly staging: string;
  /** The text under trial. */
  readonly text: string;
  /** A copy of the ebuild's package folder with that text in it. */
  readonly package: string;
  /** Where the build happens; the only writable place of the sandbox. */
  readonly work: string;
  /** Takes what the steps of a build leave behind, until it is kept elsewhere. */
  readonly steps: string;
  readonly paths: TrialPaths & { readonly packageFolder: string };
  readonly distfiles: readonly { readonly name: string; readonly source: string }[];
  remove(): void;
}

export interface TrialFolderInput {
  /** The folder that holds all trials. */
  readonly trials: string;
  readonly location: EbuildLocation;
  readonly layout: RootLayout;
  /** The repositories that the root names, as the sandbox calls them. */
  readonly repositories: readonly string[];
  readonly text: string;
  /** Whether the copy holds the package's other ebuilds too; a trial leaves them out. */
  readonly withOtherVersions?: true;
}

/**
 * Finds the ebuild's place in its repository.
 *
 * @param buildsAsOther whether the sandbox has another user than this process, who must be able to read the repository
 * @throws UserError with one sentence when it is not an ebuild in a repository, or other users cannot read that
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
 * Makes the folder, and removes those that killed processes have left. The author's file is only read; an unsaved text is built
 * from the copy. Throws what the file system says when it cannot be made, e.g. ENOSPC; nothing is left then.
 */
export function makeTrialFolder(input: TrialFolderInput): TrialFolder {
  const owner = findOwner();
  makePrivateFolder(input.trials);
  for (const abandoned of listAbandoned(input.trials, owner)) {
    try {
      removeTree(abandoned);
    } catch {
      // It may be another user's, or its last process is just ending: the next trial will see to it.
    }
  }
  const path = mkdtempSync(join(input.trials, nameForOwner(input.location.packageAndVersion, owner)));
  try {
    return fillTrialFolder(path, input);
  } catch (error) {
    removeTree(path);
    throw error;
  }
}

/**
 * Makes a folder for what builds leave behind. They may leave set-user-id programs, which are root's when root builds: no other user is
 * to come near them.
 */
export function makePrivateFolder(path: string): void {
  mkdirSync(path, { recursive: true });
  try {
    chmodSync(path, 0o700);
  } catch (error) {
    // Somebody else's, and what root builds never lies in such a one.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
  }
}

/** Neither pipes, sockets and devices, nor names that are not UTF-8 and so cannot be given: no package has them (GLEP 31). */
function isCopied(source: string): boolean {
  const stat = lstatSync(source, { throwIfNoEntry: false });
  return stat !== undefined && (stat.isFile() || stat.isDirectory() || stat.isSymbolicLink());
}

function fillTrialFolder(path: string, input: TrialFolderInput): TrialFolder {
  const { location, layout, text } = input;
  // mkdtemp makes the folder private; the builder that root drops to must be able to enter it.
  chmodSync(path, 0o755);
  const [staging, packageCopy, work, steps] = ['staging', 'package', 'work', 'steps'].map((name) => {
    const folder = join(path, name);
    mkdirSync(folder);
    return folder;
  }) as [string, string, string, string];
  const file = `${location.packageAndVersion}.ebuild`;
  // Other versions are no part of the trial; pkgcore sources them too, and one that is broken would stop it.
  const isLeftOut = (name: string) =>
    name === file || (input.withOtherVersions !== true && name.endsWith('.ebuild'));
  const packageFolder = realpathSync(join(location.repository, location.category, location.packageName));
  cpSync(packageFolder, packageCopy, {
    recursive: true,
    // What a link leads to is looked up in the sandbox: a copy of it could be of any file that we can read.
    verbatimSymlinks: true,
    filter: (source) =>
      isCopied(source) && (dirname(source) !== packageFolder || !isLeftOut(basename(source))),
  });
  writeFileSync(join(packageCopy, file), text, { flag: 'wx' });
  openToOthers(packageCopy);
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
    paths: {
      ebuild: `${shownFolder}/${file}`,
      packageFolder: shownFolder,
      repository,
      // A place of its own: whatever else lies below /var/tmp, a state folder say, must stay visible.
      work: '/var/ebuild-audit-work',
      distfiles: '/var/cache/distfiles',
      category: location.category,
      packageName: location.packageName,
      packageAndVersion: location.packageAndVersion,
    },
    remove: () => removeTree(path),
  };
}

/** What the sandbox calls a repository: as repos.conf does where it names it, even through a link. */
function nameRepository(repository: string, layout: RootLayout, known: readonly string[]): string {
  const named = known.find((path) => {
    const place = locateOnMachine(layout, path) ?? path;
    return [place, path].some((one) => existsSync(one) && realpathSync(one) === repository);
  });
  return named ?? toSandboxPath(layout, repository);
}

/** What a path of this machine is called inside the root; a path outside the root keeps its name. */
function toSandboxPath(layout: RootLayout, path: string): string {
  for (const { target, source } of layout.folders) {
    if (path === source || path.startsWith(`${source}/`)) return target + path.slice(source.length);
  }
  return path;
}

/**
 * Finds the distfiles that an ebuild needs.
 *
 * @param folders where to look, in order; the user's own folder is only read
 * @throws UserError that names every missing file
 */
export function findDistfiles(
  names: readonly string[],
  folders: readonly string[],
): TrialFolder['distfiles'] {
  const missing: string[] = [];
  const found: { name: string; source: string }[] = [];
  for (const name of names) {
    const file = basename(name);
    // An ebuild can forge what its evaluation says, and `..` is the folder above the distfiles.
    const isName = !['', '.', '..'].includes(file);
    const source = isName
      ? folders.map((folder) => join(folder, file)).find((path) => existsSync(path))
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

/** Where the root keeps its distfiles, as paths of this machine. */
export function distfileFolders(layout: RootLayout, home: string): string[] {
  const ofRoot = ['/var/cache/distfiles', '/usr/portage/distfiles']
    .map((path) => locateOnMachine(layout, path))
    .filter((path): path is string => path !== undefined);
  return [...ofRoot, join(home, 'distfiles')];
}

/** Lets everybody read a tree of this trial's own, because root's builds run as somebody else. */
function openToOthers(path: string): void {
  chmodSync(path, 0o755);
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const inner = join(path, entry.name);
    if (entry.isDirectory()) openToOthers(inner);
    else if (entry.isFile()) chmodSync(inner, (statSync(inner).mode & 0o100) === 0 ? 0o644 : 0o755);
  }
}

/**
 * Removes a tree whatever a build has made of it: closed folders, and folders so deep that no path names them, which only
 * programs that walk by descriptors can remove. Links are not followed.
 */
export function removeTree(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    spawnSync('chmod', ['-R', 'u+rwx', '--', path], { stdio: 'ignore' });
    execFileSync('rm', ['-rf', '--', path], { stdio: 'ignore' });
  }
}
