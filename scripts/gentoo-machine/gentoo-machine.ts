import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { machineAt } from '../practice-root/dpkg.ts';
import { makePracticeRoot, practiceRootStamp } from '../practice-root/practice-root.ts';
import type { Log } from '../set-up/log.ts';
import { PRACTICE_PACKAGES } from '../set-up/system-packages.ts';
import { writeDistfiles, writeEbuilds } from './ebuilds.ts';
import { emerge, run } from './emerge.ts';
import { withLock } from './lock.ts';
import { copyNode } from './node-program.ts';
import { PORTAGE, portageSource } from './portage-source.ts';
import { layOutPython } from './python-programs.ts';
import { writeSystemFiles } from './system-files.ts';

/** Raised when the machine is made in another way from the same files. */
const FORMAT = 2;

/** What Portage of Gentoo needs and the practice root lacks: util-linux has `mount`, app-crypt/gnupg the others. */
const ALSO = ['mount', 'gpg', 'gpg-agent', 'gpgconf'];

const REQUEST = { machine: machineAt(''), seeds: [...PRACTICE_PACKAGES, ...ALSO], mountPoints: [] };

/** The packages that Portage merges, in this order. */
const MERGED = ['dev-libs/tally', 'app-misc/tally-tools'];

/** Where Portage's own source is while it merges itself. */
const BOOTSTRAP = 'var/tmp/portage-bootstrap';

/**
 * Makes a folder that is a Gentoo machine as far as a machine with dpkg can make one: the practice root's files and VDB, Portage merged by
 * itself in the places where Gentoo has it, and packages that this Portage has merged from ebuilds. Only root can make it.
 *
 * Does nothing when the folder is there and none of its inputs has changed.
 *
 * @param home the state folder, which keeps the machine and the sources that are downloaded
 * @returns the folder
 * @throws an Error with a sentence for the user
 */
export function makeGentooMachine(home: string, log: Log): string {
  const folder = join(home, 'gentoo-machine');
  mkdirSync(home, { recursive: true });
  return withLock(`${folder}.lock`, () => {
    const stamp = stampOf(practiceRootStamp(REQUEST));
    if (readOr(join(folder, '.gentoo-machine')) === stamp) return folder;
    if (process.geteuid?.() !== 0) throw new Error('Only root can make the Gentoo machine: run it as root.');
    log(`Making the Gentoo machine ${folder}`);
    const parts = `${folder}.new`;
    rmSync(parts, { recursive: true, force: true });
    fillMachine(parts, portageSource(home, log));
    writeFileSync(join(parts, '.gentoo-machine'), stamp);
    rmSync(folder, { recursive: true, force: true });
    renameSync(parts, folder);
    return folder;
  });
}

/** @param source the archive of Portage */
function fillMachine(machine: string, source: string): void {
  makePracticeRoot({ ...REQUEST, root: machine });
  const distfiles = writeDistfiles(join(machine, 'var/cache/distfiles'), source);
  writeEbuilds(join(machine, 'var/db/repos/gentoo'), distfiles);
  writeSystemFiles(machine);
  const python = layOutPython(machine);
  copyNode(machine);
  mergePackages(machine, source, python);
}

/** Lets Portage's own source merge Portage, and the Portage that it has merged the other packages. */
function mergePackages(machine: string, source: string, python: string): void {
  const bootstrap = join(machine, BOOTSTRAP);
  mkdirSync(bootstrap, { recursive: true });
  run(['tar', '-xf', source, '-C', bootstrap, '--strip-components=1'], `${source} could not be unpacked`);
  // python-exec is to have this link.
  rmSync(join(machine, 'usr/bin/python3'));
  const first = [python, `/${BOOTSTRAP}/bin/emerge`, '--oneshot', '--jobs=1'];
  emerge(machine, [...first, 'dev-lang/python-exec']);
  emerge(machine, [...first, 'sys-apps/portage']);
  rmSync(bootstrap, { recursive: true });
  emerge(machine, ['emerge', '--jobs=1', ...MERGED]);
}

function stampOf(root: string): string {
  const here = resolve('scripts/gentoo-machine');
  const digest = createHash('sha256').update(root).update(PORTAGE.requirement);
  digest.update(readFileSync(process.execPath));
  for (const name of readdirSync(here, { recursive: true, encoding: 'utf8' }).sort()) {
    const text = readOr(join(here, name));
    if (text !== undefined) digest.update(`${name}\0${text}\0`);
  }
  return `Gentoo machine, format ${FORMAT}, of ${digest.digest('hex')}\n`;
}

/** The text of a file; undefined if it is none. */
function readOr(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
