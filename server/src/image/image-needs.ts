import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { openElf, type ReadBytes } from './elf/elf-file.ts';
import { readNeedsOfElf } from './elf/elf-needs.ts';
import { readElfSymbols } from './elf/elf-symbols.ts';
import { readPieces } from './elf/file-pieces.ts';
import { readRequiredModules } from './pkg-config-file.ts';

/** Something in the installed image that needs a file of the system in order to run, or to be built against. */
export interface ImageNeed {
  /** Path of the installed file as it will be on the system. */
  readonly user: string;
  readonly kind: 'library' | 'interpreter' | 'pkg-config';
  /** A soname such as `libz.so.1`, the path or name of an interpreter, or a module such as `zlib` that `Requires:` of a .pc file names. */
  readonly wanted: string;
  /**
   * Of a library: whether the user asks it for a symbol. One that is only linked because another library or a careless build says so must
   * be there all the same, but is that library's business. Absent where it is not known.
   */
  readonly used?: boolean;
}

/** Finds the file of a library of the root by its soname, as a path of this machine. */
export type LocateLibrary = (soname: string) => string | undefined;

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
 * Reads every regular file of an image folder (`D`, PMS 11.1) for what it needs at run time: DT_NEEDED of ELF files, the interpreters
 * of scripts that can be executed, and what other .pc files an installed .pc file requires. What the image brings itself is not asked for.
 *
 * @param locateLibrary absent: it is not looked which libraries are used
 * @returns the needs sorted by user and name; files that cannot be read are passed over
 */
export function readImageNeeds(image: string, locateLibrary?: LocateLibrary): ImageNeed[] {
  const needs: ImageNeed[] = [];
  const brought = new Set<string>();
  const uses = createSymbolLookup(locateLibrary);
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of listFolder(join(image, folder))) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) folders.push(path);
      else {
        brought.add(entry.name).add(path);
        if (entry.isFile()) needs.push(...readFileNeeds(join(image, path), path, brought, uses));
      }
    }
  }
  return needs
    .filter((need) => !isBrought(need, brought))
    .sort((a, b) => (a.user + a.wanted < b.user + b.wanted ? -1 : 1));
}

/** Names and, with folders, paths of what an image holds, and the sonames of its libraries. */
function isBrought({ kind, wanted }: ImageNeed, brought: ReadonlySet<string>): boolean {
  if (kind === 'library') return brought.has(wanted);
  if (kind === 'pkg-config') return brought.has(`${wanted}.pc`);
  return brought.has(wanted.startsWith('/') ? wanted : `/usr/bin/${wanted}`);
}

function listFolder(path: string): import('node:fs').Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** Says whether one of the imported symbols is defined by a library of the root; undefined where that is not known. */
type UsesLibrary = (imported: readonly string[], soname: string) => boolean | undefined;

function createSymbolLookup(locateLibrary: LocateLibrary | undefined): UsesLibrary {
  const known = new Map<string, ReadonlySet<string> | undefined>();
  const read = (soname: string) => {
    const file = locateLibrary?.(soname);
    return file && readPieces(file, (pieces) => new Set(symbolsOf(pieces)?.defined));
  };
  return (imported, soname) => {
    if (!known.has(soname)) known.set(soname, read(soname) || undefined);
    const defined = known.get(soname);
    return defined && imported.some((name) => defined.has(name));
  };
}

function symbolsOf(read: ReadBytes) {
  const elf = openElf(read);
  return elf && readElfSymbols(elf);
}

function readFileNeeds(
  file: string,
  user: string,
  brought: Set<string>,
  uses: UsesLibrary,
): readonly ImageNeed[] {
  return (
    readPieces(
      file,
      (read, stats) => readElfFile(read, user, brought, uses) ?? readScript(read, stats.mode, user),
    ) ?? []
  );
}

function readElfFile(
  read: ReadBytes,
  user: string,
  brought: Set<string>,
  uses: UsesLibrary,
): ImageNeed[] | undefined {
  const elf = openElf(read);
  if (elf === undefined) return undefined;
  const { soname, needed } = readNeedsOfElf(elf);
  if (soname !== undefined) brought.add(soname);
  if (needed.length === 0) return [];
  const { imported } = readElfSymbols(elf);
  return needed.map((wanted): ImageNeed => {
    const used = uses(imported, wanted);
    return { user, kind: 'library', wanted, ...(used === undefined ? {} : { used }) };
  });
}

/** Enough for a `#!` line (execve(2)), and for any .pc file. */
const HEAD_BYTES = 256;
const PC_BYTES = 64 * 1024;

function readScript(read: ReadBytes, mode: number, user: string): ImageNeed[] {
  const text = (bytes: number) => Buffer.from(read(0, bytes)).toString('latin1');
  if (PC_FILE.test(user))
    return readRequiredModules(text(PC_BYTES)).map((wanted) => ({ user, kind: 'pkg-config', wanted }));
  const wanted = isRun(user, mode) ? readShebang(text(HEAD_BYTES)) : undefined;
  return wanted === undefined ? [] : [{ user, kind: 'interpreter', wanted }];
}

const PC_FILE = /^\/usr\/(?:lib[^/]*(?:\/[^/]+)?|share)\/pkgconfig\/[^/]+\.pc$/;

const PROGRAM = /\/(?:s?bin|libexec|python-exec)\//;
const OWN_FOLDER = /^\/usr\/(?:lib[^/]*|share)\/[^/]+\//;
/** What is there to be read or copied. */
const EXAMPLE = /\/(?:doc|examples?|samples?|templates?|contrib|tests?|man|info)\/|\.(?:sample|in|example)$/;

/** Whether a file is a program, or one of those that a package keeps for its own programs in a folder of its own. */
function isRun(user: string, mode: number): boolean {
  if (PROGRAM.test(user)) return true;
  return (mode & 0o111) !== 0 && OWN_FOLDER.test(user) && !EXAMPLE.test(user);
}

/** The interpreter of a script; of `env` the program that it looks for (env(1)). */
function readShebang(text: string): string | undefined {
  const line = /^#!\s*([^\n]*)/.exec(text)?.[1];
  const [program, ...words] = (line ?? '').split(/[ \t]+/).filter((word) => word !== '');
  if (program === undefined || !/\/env$/.test(program)) return program;
  const called = words.find((word) => !word.startsWith('-') && !word.includes('='));
  return called ?? program;
}
