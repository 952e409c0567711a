import { closeSync, constants, lstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { type ReadBytes, readElf } from './elf.ts';

/** Something in the installed image that needs a file of the system in order to run. */
export interface ImageNeed {
  /** Path of the installed file as it will be on the system. */
  readonly user: string;
  readonly kind: 'library' | 'interpreter';
  /** A soname such as `libz.so.1`, or the path or name of an interpreter. */
  readonly wanted: string;
}

/**
 * Finds the image folder that a build has left. A build can put a link anywhere in what it writes, and one that leads out of
 * there names an image on the machine itself, say all of `/`.
 *
 * @param written a folder of this machine that the build could write to
 * @param path the image folder below it, with a slash in front
 * @returns its path on this machine; undefined when it, or a folder on the way to it, is none or a link
 */
export function locateImage(written: string, path: string): string | undefined {
  let place = written;
  for (const name of path.split('/').slice(1)) {
    place = join(place, name);
    if (lstatSync(place, { throwIfNoEntry: false })?.isDirectory() !== true) return undefined;
  }
  return place;
}

/**
 * Reads every regular file of an image folder (`D`, PMS 11.1) for what it needs at run time: DT_NEEDED of ELF files and
 * the interpreters of scripts that can be executed. A library that the image brings itself is not asked for.
 *
 * @returns the needs sorted by user and name; files that cannot be read are passed over
 */
export function readImageNeeds(image: string): ImageNeed[] {
  const needs: ImageNeed[] = [];
  const brought = new Set<string>();
  const visit = (folder: string) => {
    let entries: import('node:fs').Dirent[];
    try {
      entries = readdirSync(join(image, folder), { withFileTypes: true });
    } catch {
      return;
    }
    for (const entry of entries) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) visit(path);
      else {
        brought.add(entry.name);
        if (entry.isFile()) needs.push(...readFileNeeds(join(image, path), path, brought));
      }
    }
  };
  visit('');
  return needs
    .filter((need) => need.kind !== 'library' || !brought.has(need.wanted))
    .sort((a, b) => (a.user + a.wanted < b.user + b.wanted ? -1 : 1));
}

/** Enough for a `#!` line (execve(2)). */
const HEAD_BYTES = 256;

function readFileNeeds(file: string, user: string, brought: Set<string>): ImageNeed[] {
  let descriptor: number;
  try {
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return [];
  }
  try {
    return readNeeds(piecesOf(descriptor), user, brought);
  } catch {
    return [];
  } finally {
    closeSync(descriptor);
  }
}

/** A file may be larger than any memory: only what is asked for is read. */
function piecesOf(descriptor: number): ReadBytes {
  return (offset, length) => {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(descriptor, bytes, 0, length, offset));
  };
}

function readNeeds(read: ReadBytes, user: string, brought: Set<string>): ImageNeed[] {
  const elf = readElf(read);
  if (elf !== undefined) {
    if (elf.soname !== undefined) brought.add(elf.soname);
    return elf.needed.map((wanted) => ({ user, kind: 'library', wanted }));
  }
  const inBin = /\/(s?bin|libexec)\//.test(user);
  const shebang = inBin
    ? /^#!\s*(\S+)(?:[ \t]+(\S+))?/.exec(Buffer.from(read(0, HEAD_BYTES)).toString('latin1'))
    : null;
  if (shebang === null) return [];
  const [, program = '', argument] = shebang;
  const wanted =
    /\/env$/.test(program) && argument !== undefined && !argument.startsWith('-') ? argument : program;
  return [{ user, kind: 'interpreter', wanted }];
}
