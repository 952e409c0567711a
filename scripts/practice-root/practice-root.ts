import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { closeOver } from './closure.ts';
import { type DebianPackage, type Machine, nativeArchitecture, parseStatus } from './dpkg.ts';
import { generatedEtc } from './etc.ts';
import {
  type Platform,
  platformOf,
  writeFiles,
  writePortageConfiguration,
  writeRepository,
} from './repository.ts';
import { readRootTree, writeRootTree } from './root-tree.ts';
import { packagesFromDpkg, writeVdb } from './vdb.ts';

/** Raised when the shape of what is written changes, so that older roots are remade. */
const FORMAT = 10;

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

const EMPTY_FOLDERS = [
  'var/cache/distfiles',
  'var/lib/portage',
  'var/log',
  'var/tmp',
  'tmp',
  'home',
  'root',
  'run',
  'mnt',
  'dev',
  'proc',
];

export interface PracticeRootRequest {
  readonly machine: Machine;
  /** The folder to make. What is in it is replaced. */
  readonly root: string;
  /** Names of Debian packages; the root has them, what they need, and Debian's essential packages. */
  readonly seeds: readonly string[];
  /** Absolute paths that the sandbox binds into the root; an empty folder is made for each, since mounts need one. */
  readonly mountPoints: readonly string[];
}

/**
 * Makes a folder that looks like an unpacked Gentoo system from a machine that has dpkg, so that the product needs no special case: it has
 * copies of what some Debian packages have installed, and its var/db/pkg says what Gentoo would have recorded for the same files. What else
 * the machine has makes no difference.
 *
 * Does nothing when the folder is there and those packages have not changed. Returns whether it was made.
 * Throws an Error with a sentence for the user.
 */
export function makePracticeRoot({ machine, root, seeds, mountPoints }: PracticeRootRequest): boolean {
  const debians = closeOver(readPackages(machine), seeds);
  const stamp = stampOf(debians, mountPoints);
  try {
    if (readFileSync(`${root}/.practice-root`, 'utf8') === stamp) return false;
  } catch {
    // Not made yet, or not finished.
  }
  const architecture = nativeArchitecture(debians);
  const platform = platformOf(architecture);
  if (platform === undefined)
    throw new Error(`No practice root can be made for the architecture "${architecture}".`);
  const parts = `${root}.new`;
  remove(parts);
  for (const folder of [...EMPTY_FOLDERS, ...mountPoints])
    mkdirSync(`${parts}/${folder}`, { recursive: true });
  writeSystem(machine, parts, debians, platform);
  writeFileSync(`${parts}/.practice-root`, stamp);
  replaceRoot(root, parts);
  return true;
}

/** A text that changes when a root of this request is to be made again. Throws an Error with a sentence for the user. */
export function practiceRootStamp({
  machine,
  seeds,
  mountPoints,
}: Omit<PracticeRootRequest, 'root'>): string {
  return stampOf(closeOver(readPackages(machine), seeds), mountPoints);
}

function readPackages(machine: Machine): readonly DebianPackage[] {
  try {
    return parseStatus(readFileSync(`${machine.dpkg}/status`, 'utf8'));
  } catch (cause) {
    throw new Error(
      'This machine has no dpkg database to make a practice root from; set ebuildAudit.root to a Gentoo system.',
      { cause },
    );
  }
}

function stampOf(debians: readonly DebianPackage[], mountPoints: readonly string[]): string {
  const stanzas = debians.map(({ stanza }) => stanza).join('\n\n');
  const digest = createHash('sha256').update(stanzas).update(mountPoints.join('\0')).digest('hex');
  return `practice root, format ${FORMAT}, of packages ${digest}\n`;
}

/** Writes all that makes `root` look like a Gentoo system. */
function writeSystem(
  machine: Machine,
  root: string,
  debians: readonly DebianPackage[],
  platform: Platform,
): void {
  const tree = readRootTree(machine, debians);
  writeRootTree(root, tree);
  const packages = packagesFromDpkg(debians, tree);
  writeVdb(`${root}/var/db/pkg`, packages, platform.arch, platform.chost);
  const always = ['app-arch', 'media-gfx', 'media-libs', 'sys-apps'];
  const categories = [...new Set([...always, ...packages.map(({ category }) => category)])].sort();
  writeRepository(`${root}/var/db/repos/gentoo`, platform, packages, categories);
  writeFiles(`${root}/etc`, generatedEtc(machine.path, root, new Set(debians.map(({ name }) => name))));
  writePortageConfiguration(`${root}/etc/portage`, platform);
  writeCompatibility(root);
  writeLoaderCache(root);
}

/** Puts the new root in the old one's place, with the distfiles of the old one. */
function replaceRoot(root: string, parts: string): void {
  const old = `${root}.old`;
  remove(old);
  if (lstatSync(root, { throwIfNoEntry: false }) !== undefined) {
    const distfiles = 'var/cache/distfiles';
    if (lstatSync(`${root}/${distfiles}`, { throwIfNoEntry: false })?.isDirectory()) {
      remove(`${parts}/${distfiles}`);
      renameSync(`${root}/${distfiles}`, `${parts}/${distfiles}`);
    }
    // The old root may be in use by a trial's mounts; those keep the old files until they end.
    renameSync(root, old);
  }
  renameSync(parts, root);
  remove(old);
}

function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

function writeCompatibility(root: string): void {
  mkdirSync(`${root}/${COMPATIBILITY}`, { recursive: true });
  for (const [gnu, plain] of Object.entries(GNU_NAMES)) {
    if (executable(`${root}/usr/bin/${gnu}`)) continue;
    if (executable(`${root}/usr/bin/${plain}`))
      symlinkSync(`/usr/bin/${plain}`, `${root}/${COMPATIBILITY}/${gnu}`);
  }
  const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  // The last is what env-update makes of the others.
  writeFiles(`${root}/etc`, {
    'env.d/50baselayout': `PATH="${path}"\nROOTPATH="${path}"\n`,
    'env.d/90practice': `PATH="/${COMPATIBILITY}"\nROOTPATH="/${COMPATIBILITY}"\n`,
    'profile.env': `export PATH='${path}:/${COMPATIBILITY}'\nexport ROOTPATH='${path}:/${COMPATIBILITY}'\n`,
  });
}

/** Links do not count: those of alternatives would be followed on the machine. */
function executable(path: string): boolean {
  const status = lstatSync(path, { throwIfNoEntry: false });
  return status?.isFile() === true && (status.mode & 0o111) !== 0;
}

/**
 * Lets the root's own ldconfig write etc/ld.so.cache, as every Linux system has it. In a sandbox, because an ordinary user may not chroot;
 * where none can be made no trial can be run, and the loader looks into its folders itself.
 */
function writeLoaderCache(root: string): void {
  if (!executable(`${root}/usr/sbin/ldconfig`)) return;
  const mounts = ['--bind', root, '/', '--dev', '/dev', '--proc', '/proc', '--unshare-all'];
  spawnSync('bwrap', [...mounts, '--', '/usr/sbin/ldconfig', '-X', '-i'], { stdio: 'ignore' });
  remove(`${root}/var/cache/ldconfig`);
}
