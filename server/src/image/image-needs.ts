import { join } from 'node:path';
import { listEntries } from '../files/folder-listing.ts';
import { openElf, type ReadBytes } from './elf/elf-file.ts';
import { readNeedsOfElf } from './elf/elf-needs.ts';
import { readElfSymbols } from './elf/elf-symbols.ts';
import { readPieces } from './elf/file-pieces.ts';
import { readRequiredModules } from './pkg-config-file.ts';

/** A file of the system that an installed file needs in order to run, or to be built against. */
export interface ImageNeed {
  /** Path of the installed file as it will be on the system. */
  readonly user: string;
  readonly kind: 'library' | 'interpreter' | 'pkg-config';
  /** A soname such as `libz.so.1`, the path or name of an interpreter, or a module such as `zlib` that `Requires:` of a .pc file names. */
  readonly wanted: string;
  /**
   * For a library, whether the installed file asks it for a symbol; absent if that is unknown. A library that is linked without that must be
   * there too, but is the business of the library or build that asked the linker for it.
   */
  readonly used?: boolean;
}

/** Finds the file of a library of the root by its soname, as a path of this machine. */
export type LocateLibrary = (soname: string) => string | undefined;

/**
 * Reads the needs of an image folder (`D`, PMS 11.1): DT_NEEDED of ELF files, the interpreters of executable scripts, and the .pc files that
 * an installed .pc file requires. Files of the image itself are not needs.
 *
 * @param locateLibrary absent if `used` is not wanted
 * @returns the needs sorted by user and name
 */
export function readImageNeeds(image: string, locateLibrary?: LocateLibrary): ImageNeed[] {
  const needs: ImageNeed[] = [];
  const ownNames = new Set<string>();
  const uses = createSymbolLookup(locateLibrary);
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of listEntries(join(image, folder))) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) folders.push(path);
      else {
        ownNames.add(entry.name).add(path);
        if (entry.isFile()) needs.push(...readFileNeeds(join(image, path), path, ownNames, uses));
      }
    }
  }
  return needs
    .filter((need) => !isOwn(need, ownNames))
    .sort((left, right) => (left.user + left.wanted < right.user + right.wanted ? -1 : 1));
}

/** Whether the image has the file itself. @param ownNames names and paths of its files, and sonames of its libraries */
function isOwn({ kind, wanted }: ImageNeed, ownNames: ReadonlySet<string>): boolean {
  if (kind === 'library') return ownNames.has(wanted);
  if (kind === 'pkg-config') return ownNames.has(`${wanted}.pc`);
  return ownNames.has(wanted.startsWith('/') ? wanted : `/usr/bin/${wanted}`);
}

/** Whether a library of the root defines one of the imported symbols; undefined if that is unknown. */
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
  ownNames: Set<string>,
  uses: UsesLibrary,
): readonly ImageNeed[] {
  return (
    readPieces(
      file,
      (read, stats) => readElfFile(read, user, ownNames, uses) ?? readScript(read, stats.mode, user),
    ) ?? []
  );
}

function readElfFile(
  read: ReadBytes,
  user: string,
  ownNames: Set<string>,
  uses: UsesLibrary,
): ImageNeed[] | undefined {
  const elf = openElf(read);
  if (elf === undefined) return undefined;
  const { soname, needed } = readNeedsOfElf(elf);
  if (soname !== undefined) ownNames.add(soname);
  if (needed.length === 0) return [];
  const { imported } = readElfSymbols(elf);
  return needed.map((wanted): ImageNeed => {
    const used = uses(imported, wanted);
    return { user, kind: 'library', wanted, ...(used === undefined ? {} : { used }) };
  });
}

/** Limits in bytes for a `#!` line (execve(2)) and for a .pc file. */
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
/** Files that are there to be read or copied, not to be run. */
const EXAMPLE = /\/(?:doc|examples?|samples?|templates?|contrib|tests?|man|info)\/|\.(?:sample|in|example)$/;

/** Whether a file is a program, or an executable file in the package's own folder. */
function isRun(user: string, mode: number): boolean {
  if (PROGRAM.test(user)) return true;
  return (mode & 0o111) !== 0 && OWN_FOLDER.test(user) && !EXAMPLE.test(user);
}

/** The interpreter of a script; for `env`, the program that it runs (env(1)). */
function readShebang(text: string): string | undefined {
  const line = /^#!\s*([^\n]*)/.exec(text)?.[1];
  const [program, ...words] = (line ?? '').split(/[ \t]+/).filter((word) => word !== '');
  if (program === undefined || !/\/env$/.test(program)) return program;
  const called = words.find((word) => !word.startsWith('-') && !word.includes('='));
  return called ?? program;
}
