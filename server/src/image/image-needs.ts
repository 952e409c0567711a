import { join } from 'node:path';
import type { InstalledImage } from '../audit/record.ts';
import { listEntries } from '../files/folder-listing.ts';
import { openElf, type ReadBytes } from './elf/elf-file.ts';
import { readNeedsOfElf } from './elf/elf-needs.ts';
import { readElfSymbols } from './elf/elf-symbols.ts';
import { readPieces } from './elf/file-pieces.ts';
import { interpreterOf } from './language-module.ts';
import { createNameCollector, type NameCollector } from './named/name-collector.ts';
import type { NamedNeed } from './named/named-need.ts';
import { readRequiredModules } from './pkg-config-file.ts';
import {
  BudgetSpent,
  createReadingBudget,
  type ReadingBudget,
  type ReadingLimits,
} from './reading-budget.ts';

/** A file of the system that an installed file needs in order to run, or to be built against. */
export interface ImageNeed {
  /** Path of the installed file as it will be on the system. */
  readonly user: string;
  /** `module`: the file is a module of a language, and only its interpreter loads it. */
  readonly kind: 'library' | 'interpreter' | 'pkg-config' | 'module';
  /** A soname such as `libz.so.1`, the path or name of an interpreter, or a module such as `zlib` that `Requires:` of a .pc file names. */
  readonly wanted: string;
  /**
   * For a library, some of the symbols that the installed file asks it for; absent if that is unknown. A library that is linked without any
   * must be there too, but is the business of the library or build that asked the linker for it.
   */
  readonly symbols?: readonly string[];
}

/** The needs of an image. */
export interface FoundNeeds {
  /** Sorted by user and name. */
  readonly needs: readonly ImageNeed[];
  /** What its files name, to find it only when they run; see `NamedNeed`. */
  readonly named: readonly NamedNeed[];
  /** The symbols that each installed ELF file asks libraries for, by its path. */
  readonly imported: ReadonlyMap<string, readonly string[]>;
  /** Undefined if the image was not read to its end, or has too much for a record. */
  readonly installed: InstalledImage | undefined;
  /** Whether the image was read to its end. */
  readonly isWhole: boolean;
}

/** Limits for one image: of each file, only the headers and the symbols are read. */
const LIMITS: ReadingLimits = { bytes: 8 * 2 ** 30, parts: 500_000, milliseconds: 60_000 };
/** Limit in needs, more than any package has: each of them is looked up in the root. */
const MOST_NEEDS = 50_000;
/** Limits in files and in names of libraries that a record lists. */
const MOST_FILES = 20_000;
const MOST_LINKED = 20_000;
/** The symbols that are kept of each library: enough to find the call of one of them. */
const MOST_SYMBOLS = 16;

/**
 * Reads the needs of an image folder (`D`, PMS 11.1): DT_NEEDED of ELF files, the interpreters of executable scripts, and the .pc files that
 * an installed .pc file requires, and what its files name (named/). Files of the image itself are not needs. It blocks its thread; see trial/reading.
 */
export function readImageNeeds(image: string, limits: ReadingLimits = LIMITS): FoundNeeds {
  const needs: ImageNeed[] = [];
  const ownNames = new Set<string>();
  const imported = new Map<string, readonly string[]>();
  const files: string[] = [];
  const elf: ElfNeeds[] = [];
  const names = createNameCollector();
  const modules = new Map<string, number>();
  const budget = createReadingBudget(limits);
  const result = (isWhole: boolean): FoundNeeds => ({
    needs: needs
      .filter((need) => !isOwn(need, ownNames))
      .sort((left, right) => (left.user + left.wanted < right.user + right.wanted ? -1 : 1))
      .slice(0, MOST_NEEDS),
    // Without all files it is not known what the image has itself.
    named: isWhole ? names.finish((name) => ownNames.has(name)) : [],
    imported,
    installed: isWhole ? toInstalled(files, elf) : undefined,
    isWhole,
  });
  try {
    const folders = [''];
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      for (const entry of listEntries(join(image, folder))) {
        budget.takePart();
        const path = `${folder}/${entry.name}`;
        if (entry.isDirectory()) folders.push(path);
        else {
          ownNames.add(entry.name).add(path);
          if (files.length <= MOST_FILES) files.push(path);
          if (entry.isFile())
            needs.push(
              ...readFileNeeds(join(image, path), path, { ownNames, imported, elf, names, budget }),
              ...listInterpreters(path, modules),
            );
          if (needs.length > MOST_NEEDS) throw new BudgetSpent();
        }
      }
    }
  } catch (error) {
    if (!(error instanceof BudgetSpent)) throw error;
    return result(false);
  }
  return result(true);
}

type ElfNeeds = InstalledImage['elf'][number];

function toInstalled(files: readonly string[], elf: readonly ElfNeeds[]): InstalledImage | undefined {
  const linked = elf.reduce((sum, { needed }) => sum + 1 + needed.length, 0);
  if (files.length > MOST_FILES || linked > MOST_LINKED) return undefined;
  return { files: files.toSorted(), elf: elf.toSorted((left, right) => (left.path < right.path ? -1 : 1)) };
}

/** Limit in files of one kind that show that an interpreter is needed. */
const MOST_MODULES = 2;

/** The interpreter that loads the file. @param modules how many files of each interpreter and kind are known, which is counted here */
function listInterpreters(user: string, modules: Map<string, number>): ImageNeed[] {
  const wanted = interpreterOf(user);
  if (wanted === undefined) return [];
  const key = `${wanted} ${user.endsWith('.so')}`;
  const known = modules.get(key) ?? 0;
  modules.set(key, known + 1);
  return known < MOST_MODULES ? [{ user, kind: 'module', wanted }] : [];
}

/** Whether the image has the file itself. @param ownNames names and paths of its files, and sonames of its libraries */
function isOwn({ kind, wanted }: ImageNeed, ownNames: ReadonlySet<string>): boolean {
  if (kind === 'library') return ownNames.has(wanted);
  if (kind === 'pkg-config') return ownNames.has(`${wanted}.pc`);
  return ownNames.has(wanted.startsWith('/') ? wanted : `/usr/bin/${wanted}`);
}

/**
 * Says of each library which symbols the installed file asks it for.
 *
 * @param files the libraries of the root by their sonames, as paths of this machine
 */
export function markUsedLibraries(
  { needs, imported }: Pick<FoundNeeds, 'needs' | 'imported'>,
  files: ReadonlyMap<string, string>,
): ImageNeed[] {
  const known = new Map<string, ReadonlySet<string>>();
  for (const [soname, file] of files) {
    const defined = readPieces(file, (read) => {
      const elf = openElf(read);
      return elf && new Set(readElfSymbols(elf).defined);
    });
    if (defined !== undefined) known.set(soname, defined);
  }
  return needs.map((need) => {
    const defined = need.kind === 'library' ? known.get(need.wanted) : undefined;
    if (defined === undefined) return need;
    const symbols = imported.get(need.user)?.filter((name) => defined.has(name)) ?? [];
    return { ...need, symbols: symbols.slice(0, MOST_SYMBOLS) };
  });
}

/** What is collected while an image is read. */
interface Collected {
  readonly ownNames: Set<string>;
  readonly imported: Map<string, readonly string[]>;
  readonly elf: ElfNeeds[];
  readonly names: NameCollector;
  readonly budget: ReadingBudget;
}

function readFileNeeds(file: string, user: string, collected: Collected): readonly ImageNeed[] {
  // An error of the budget must not be taken for a file that cannot be read.
  let spent: BudgetSpent | undefined;
  const needs = readPieces(file, (pieces, stats) => {
    const read: ReadBytes = (offset, length) => {
      const bytes = pieces(offset, length);
      try {
        collected.budget.takeBytes(bytes.length);
      } catch (error) {
        spent = error as BudgetSpent;
        throw error;
      }
      return bytes;
    };
    const ofElf = readElfFile(read, user, collected);
    if (ofElf !== undefined) return ofElf;
    const ofScript = readScript(read, stats.mode, user);
    const interpreter = ofScript.find(({ kind }) => kind === 'interpreter')?.wanted;
    collected.names.takeFile({ user, read, size: stats.size, interpreter });
    return ofScript;
  });
  if (spent !== undefined) throw spent;
  return needs ?? [];
}

function readElfFile(read: ReadBytes, user: string, collected: Collected): ImageNeed[] | undefined {
  const elf = openElf(read);
  if (elf === undefined) return undefined;
  const { soname, needed } = readNeedsOfElf(elf);
  if (soname !== undefined) collected.ownNames.add(soname);
  if (soname !== undefined || needed.length > 0)
    collected.elf.push({ path: user, ...(soname !== undefined && { soname }), needed });
  const imported = needed.length > 0 ? readElfSymbols(elf).imported : [];
  if (needed.length > 0) collected.imported.set(user, imported);
  collected.names.takeElf(elf, user, needed, imported);
  return needed.map((wanted): ImageNeed => ({ user, kind: 'library', wanted }));
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
