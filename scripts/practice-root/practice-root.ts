import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { DpkgDatabase, statusFile } from './dpkg.ts';
import { addPortageUser, copyEtc } from './etc.ts';
import { platformOf, writeFiles, writePortageConfiguration, writeRepository } from './repository.ts';
import { packagesFromDpkg, writeVdb } from './vdb.ts';

/** Raised when the shape of what is written changes, so that older roots are remade. */
const FORMAT = 5;

/** Names by which Portage calls GNU tools on every system, and what Debian calls them. */
const GNU_NAMES: Readonly<Record<string, string>> = {
  gawk: 'awk',
  gfind: 'find',
  gmake: 'make',
  gpatch: 'patch',
  gtar: 'tar',
  gxargs: 'xargs',
};

/** Below the root; put before PATH by etc/profile.env, as Gentoo's env.d does. */
const COMPATIBILITY = 'opt/practice/bin';

export interface PracticeRootRequest {
  /** Where the machine's file system is seen; the empty string for `/`. */
  readonly machine: string;
  /** The folder to make. What is in it is replaced. */
  readonly root: string;
  /** Absolute paths that the sandbox binds into the root; an empty folder is made for each, since mounts need one. */
  readonly mountPoints: readonly string[];
}

/**
 * Makes a folder that looks like a Gentoo system from a machine that has dpkg, so that the product needs no special case: its
 * usr is a symbolic link to the machine's, its var/db/pkg says what Gentoo would have recorded for the same files.
 *
 * Does nothing when the folder is there and dpkg's status has not changed. Returns whether it was made.
 * Throws an Error with a sentence for the user.
 */
export function makePracticeRoot({ machine, root, mountPoints }: PracticeRootRequest): boolean {
  let status: string;
  try {
    status = readFileSync(statusFile(machine), 'utf8');
  } catch (cause) {
    throw new Error(
      'This machine has no dpkg database to make a practice root from; set ebuildAudit.root to a Gentoo system.',
      { cause },
    );
  }
  const stamp = stampOf(status, mountPoints);
  const stampFile = `${root}/.practice-root`;
  try {
    if (readFileSync(stampFile, 'utf8') === stamp) return false;
  } catch {
    // Not made yet, or not finished.
  }
  const database = new DpkgDatabase(machine);
  const architecture =
    database.packages.find(({ name }) => name === 'libc6' || name === 'dpkg')?.architecture ?? '';
  const platform = platformOf(architecture);
  if (platform === undefined)
    throw new Error(`No practice root can be made for the architecture "${architecture}".`);

  const parts = `${root}.new`;
  rmSync(parts, { recursive: true, force: true });
  mkdirSync(parts, { recursive: true });
  const tops = new Set(['etc', ...linkTops(machine, parts)]);
  for (const folder of [
    'var/cache/distfiles',
    'var/lib/portage',
    'var/log',
    'var/tmp',
    'tmp',
    'home',
    'root',
    'run',
    'mnt',
  ]) {
    mkdirSync(`${parts}/${folder}`, { recursive: true });
  }
  for (const point of mountPoints) if (!linked(parts, point)) mkdirSync(parts + point, { recursive: true });
  const packages = packagesFromDpkg(database, tops);
  writeVdb(`${parts}/var/db/pkg`, packages, platform.arch, platform.chost);
  const categories = [
    ...new Set([
      'app-arch',
      'media-gfx',
      'media-libs',
      'sys-apps',
      ...packages.map(({ category }) => category),
    ]),
  ].sort();
  const installed = new Set(packages.map(({ category, name }) => `${category}/${name}`));
  writeRepository(`${parts}/var/db/repos/gentoo`, platform, installed, categories);
  copyEtc(`${machine}/etc`, `${parts}/etc`);
  addPortageUser(`${parts}/etc`);
  writePortageConfiguration(`${parts}/etc/portage`, platform);
  writeCompatibility(machine, parts);
  writeFileSync(`${parts}/.practice-root`, stamp);
  // The old root may be in use by a trial's mounts; those keep the old files until they end.
  const keptDistfiles = `${root}/var/cache/distfiles`;
  if (statSync(keptDistfiles, { throwIfNoEntry: false })) {
    rmSync(`${parts}/var/cache/distfiles`, { recursive: true });
    renameSync(keptDistfiles, `${parts}/var/cache/distfiles`);
  }
  rmSync(root, { recursive: true, force: true });
  renameSync(parts, root);
  return true;
}

function stampOf(status: string, mountPoints: readonly string[]): string {
  const digest = createHash('sha256').update(status).update(mountPoints.join('\0')).digest('hex');
  return `practice root, format ${FORMAT}, of dpkg status ${digest}\n`;
}

/** Links usr, bin, sbin and lib* of the machine into the root; returns their names. */
function linkTops(machine: string, root: string): string[] {
  const names = readdirSync(`${machine}/`).filter((name) => /^(usr|bin|sbin|lib\w*)$/.test(name));
  for (const name of names) {
    const isLink = lstatSync(`${machine}/${name}`).isSymbolicLink();
    symlinkSync(isLink ? readlinkSync(`${machine}/${name}`) : `${machine}/${name}`, `${root}/${name}`);
  }
  return names;
}

function linked(root: string, path: string): boolean {
  return lstatSync(`${root}/${path.split('/')[1]}`, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

function writeCompatibility(machine: string, root: string): void {
  mkdirSync(`${root}/${COMPATIBILITY}`, { recursive: true });
  for (const [gnu, plain] of Object.entries(GNU_NAMES)) {
    if (executable(`${machine}/usr/bin/${gnu}`)) continue;
    if (executable(`${machine}/usr/bin/${plain}`))
      symlinkSync(`/usr/bin/${plain}`, `${root}/${COMPATIBILITY}/${gnu}`);
  }
  const path = `/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/${COMPATIBILITY}`;
  writeFiles(`${root}/etc`, {
    'env.d/50practice': `PATH="/${COMPATIBILITY}"\nROOTPATH="/${COMPATIBILITY}"\n`,
    'profile.env': `export PATH='${path}'\nexport ROOTPATH='/${COMPATIBILITY}'\n`,
  });
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
