/** A copy of the Gentoo machine (docs/gentoo-machine.md) with the product merged into it. */
import { spawn } from 'node:child_process';
import { chownSync, existsSync, lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { copyMachine } from '../../scripts/gentoo-machine/copy-machine.ts';
import { type Account, enterMachine } from '../../scripts/gentoo-machine/enter-machine.ts';
import { makeGentooMachine } from '../../scripts/gentoo-machine/gentoo-machine.ts';
import { installProduct } from '../../scripts/gentoo-machine/install-product.ts';
import { packNpm } from '../../scripts/npm-package.ts';
import { removeTree } from '../../server/src/files/remove-tree.ts';
import { type EbuildFiles, writeRepository } from './ebuild-files.ts';
import { findInPath } from './requirement.ts';
import { isRoot } from './user.ts';
import { home } from './world.ts';

/** What the machine needs and this one lacks, for `requireOrSkip`. */
export const missingForMachine: string | undefined = !isRoot
  ? 'only root can enter the Gentoo machine'
  : !existsSync('/var/lib/dpkg/status')
    ? 'the Gentoo machine is made of the packages of dpkg'
    : !findInPath('unshare')
      ? 'there is no unshare (apt install util-linux)'
      : existsSync('dist/cli/ebuild-audit.mjs')
        ? undefined
        : 'dist/ is missing: run "npm run build"';

/** Long enough to make the machine, in milliseconds. */
export const MACHINE_TIMEOUT = 900_000;

interface Done {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface GentooMachine {
  readonly folder: string;
  /** Runs a command in the home of a user of the machine, with the environment of a login. */
  run(account: Account, command: readonly string[]): Promise<Done>;
  /** Writes a repository into the home of a user, who owns it; returns its path in the machine. */
  repository(account: Account, name: string, files: EbuildFiles, absent: readonly string[]): string;
  /** Every path but those in the folders `except`, with what tells whether it was touched. */
  listing(except: readonly string[]): string[];
  remove(): Promise<void>;
}

/** Makes the machine if it is not there, and copies it, so that a test may change it. */
export function openGentooMachine(): GentooMachine {
  const original = makeGentooMachine(home, () => {});
  // A test that was killed has left its copy.
  for (const name of readdirSync(home)) {
    const pid = /^gentoo-machine-of-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) rmSync(join(home, name), { recursive: true });
  }
  const folder = mkdtempSync(join(home, `gentoo-machine-of-${process.pid}-`));
  copyMachine(original, folder);
  installProduct(folder, packNpm());
  return {
    folder,
    run(account, command) {
      const inHome = ['/bin/sh', '-c', 'cd && exec "$@"', 'sh', ...command];
      const [program = '', ...words] = enterMachine(folder, account, inHome);
      return collect(program, words);
    },
    repository({ home: place, uid }, name, files, absent) {
      const path = join(folder, place, name);
      writeRepository(path, files, absent);
      for (const entry of ['.', ...readdirSync(path, { recursive: true, encoding: 'utf8' })])
        chownSync(join(path, entry), uid, uid);
      return join(place, name);
    },
    listing: (except) => list(folder, '', new Set(except)),
    remove: () => removeTree(folder),
  };
}

function collect(program: string, words: readonly string[]): Promise<Done> {
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, ...output }));
  });
}

/**
 * Of a folder only its names count: making a file and removing it again touches its times. The time of change (inode(7)) of a file that
 * several machines have also changes when one of them is removed.
 */
function list(root: string, path: string, except: ReadonlySet<string>): string[] {
  return readdirSync(root + path).flatMap((name) => {
    const at = `${path}/${name}`;
    if (except.has(at)) return [];
    const { mode, uid, gid, size, mtimeMs, ctimeMs, ino, nlink } = lstatSync(root + at);
    const isFolder = (mode & 0o170000) === 0o040000;
    if (isFolder) return [`${at}/ ${mode} ${uid}:${gid}`, ...list(root, at, except)];
    return [`${at} ${mode} ${uid}:${gid} ${size} ${nlink > 1 ? mtimeMs : ctimeMs} ${ino}`];
  });
}
