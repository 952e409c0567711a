import { lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs';
import { decodePath, encodePath } from '../files/path-bytes.ts';
import { digestBytes, digestContent } from './content-digest.ts';
import { openElf, type ReadBytes } from './elf/elf-file.ts';
import { readNeedsOfElf } from './elf/elf-needs.ts';
import { readElfSymbols } from './elf/elf-symbols.ts';
import { readPieces } from './elf/file-pieces.ts';
import { createReadingBudget, type ReadingBudget, type ReadingLimits } from './reading-budget.ts';

/** The parts of an installed image by which two images are compared, far smaller than the image. */
export interface ImageSummary {
  /** Files and folders by their paths on the system, e.g. `/usr/bin/hello`. */
  readonly entries: ReadonlyMap<string, ImageEntry>;
  /** Whether the image has more entries, so that these do not show what is missing. */
  readonly isCut: boolean;
  /** Describes a file without what differs in every build. It is called for files that are not the same byte for byte. */
  describe(path: string): FileContent;
}

export interface ImageEntry {
  readonly type: 'file' | 'folder' | 'link' | 'other';
  /** Permission bits with set-user-id and the like. */
  readonly mode: number;
  /** For a symbolic link. */
  readonly target?: string;
  /** For a file: its size in bytes, and the digest of its bytes; undefined if they could not be read, or not within the budget. */
  readonly size?: number;
  readonly bytes?: string | undefined;
  /** Set for a folder that could not be listed. */
  readonly unread?: true;
}

/** The content of a file of an image. */
export interface FileContent {
  /** Its digest, see content-digest.ts; undefined if it could not be read, or not within the budget. */
  readonly content: string | undefined;
  /** For an ELF file. */
  readonly elf?: ElfSummary;
}

export interface ElfSummary {
  /** DT_NEEDED. */
  readonly needed: readonly string[];
  readonly interpreter: string | undefined;
  /** Names of the dynamic symbols that others can use, without versions. */
  readonly defined: readonly string[];
  /** Names of the dynamic symbols that the loader looks for in libraries, without versions. */
  readonly imported: readonly string[];
}

/**
 * Limits for reading one image, and likewise for describing its files. A large one (LLVM, TeX Live, a game) has some GiB in 100,000 files and
 * takes a minute. A trial may write more than that, and a hole in a file takes no disk space at all.
 */
const IMAGE_LIMITS: ReadingLimits = { bytes: 40 * 2 ** 30, parts: 1_000_000, milliseconds: 2 * 60_000 };
/** Limits for one file with everything that it unpacks to. A dense text of 1 GiB takes 20 seconds. */
const FILE_LIMITS: ReadingLimits = { bytes: 2 * 2 ** 30, parts: 200_000, milliseconds: 20_000 };
/** Limit in files and folders. They are kept in memory until all images have been compared. */
const MOST_ENTRIES = 500_000;

/**
 * Reads an image folder (`D`, PMS 11.1). The folder may be hostile: time and memory are bounded for every content, and links are not
 * followed. It blocks its thread; see trial/reading.
 *
 * @param folder on this machine
 */
export function readImage(folder: string, limits: ReadingLimits = IMAGE_LIMITS): ImageSummary {
  const entries = new Map<string, ImageEntry>();
  const budget = createReadingBudget(limits);
  const described = new Map<string, FileContent>();
  let describing: ReadingBudget | undefined;
  const finish = (isCut: boolean): ImageSummary => ({
    entries: withoutDerived(entries),
    isCut,
    describe(path) {
      describing ??= createReadingBudget(limits);
      const content = described.get(path) ?? describeFile(folder + path, path, describing);
      described.set(path, content);
      return content;
    },
  });
  // No recursion, because a build can nest folders deeper than the stack.
  const folders = [''];
  for (let path = folders.pop(); path !== undefined; path = folders.pop()) {
    const names = listFolder(folder + path);
    const own = entries.get(path);
    if (names === undefined && own !== undefined) entries.set(path, { ...own, unread: true });
    for (const name of names ?? []) {
      if (entries.size >= MOST_ENTRIES) return finish(true);
      const inner = `${path}/${name}`;
      const stats = statOf(folder + inner);
      entries.set(inner, readEntry(folder + inner, stats, budget));
      if (stats?.isDirectory() === true) folders.push(inner);
    }
  }
  return finish(false);
}

/** Python bytecode beside its source, `__pycache__/NAME.TAG.pyc` (PEP 3147). */
const BYTECODE = /^(.*)\/__pycache__\/([^/]+?)\.[^/.]+(?:\.opt-\d)?\.pyc$/;

/** Ignores the content of bytecode beside its source. It follows from the source, and differs by chance (marshal's reference flags). */
function withoutDerived(entries: Map<string, ImageEntry>): Map<string, ImageEntry> {
  for (const [path, entry] of entries) {
    const [, folder, module] = BYTECODE.exec(path) ?? [];
    if (entry.type === 'file' && module !== undefined && entries.has(`${folder}/${module}.py`))
      entries.set(path, { ...entry, bytes: 'compiled' });
  }
  return entries;
}

/** Undefined if it cannot be listed, as a folder whose path is too long. */
function listFolder(path: string): string[] | undefined {
  try {
    return readdirSync(machinePath(path), { encoding: 'buffer' }).map(decodePath);
  } catch {
    return undefined;
  }
}

function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(machinePath(path), { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

const machinePath = (path: string) => Buffer.from(encodePath(path));

function readEntry(place: string, stats: Stats | undefined, budget: ReadingBudget): ImageEntry {
  if (stats === undefined) return { type: 'other', mode: 0, unread: true };
  const mode = stats.mode & 0o7777;
  if (stats.isDirectory()) return { type: 'folder', mode };
  if (stats.isSymbolicLink()) return { type: 'link', mode: 0o777, target: readTarget(place) };
  if (!stats.isFile()) return { type: 'other', mode };
  const bytes = readWithin(place, budget, (read, own) => {
    own.takeBytes(stats.size);
    return digestBytes(stats.size, read, own);
  });
  return { type: 'file', mode, size: stats.size, bytes };
}

function readTarget(place: string): string {
  try {
    return decodePath(readlinkSync(machinePath(place), { encoding: 'buffer' }));
  } catch {
    return '';
  }
}

function describeFile(place: string, path: string, budget: ReadingBudget): FileContent {
  const known = readWithin(place, budget, (read, own, size): FileContent => {
    const elf = openElf(read);
    const content = digestContent({ name: path, size, read }, own);
    if (elf === undefined) return { content };
    const { needed, interpreter } = readNeedsOfElf(elf);
    const symbols = readElfSymbols(elf);
    // They stay in memory, unlike the content.
    for (const name of [...symbols.defined, ...symbols.imported]) own.takeBytes(name.length * SYMBOL_COST);
    return { content, elf: { needed, interpreter, ...symbols } };
  });
  return known ?? { content: undefined };
}

/** A byte of a symbol's name counts as much as so many bytes that are only read: a file may have 16 MiB of names. */
const SYMBOL_COST = 128;

/** Reads a file. @returns undefined if it cannot be read, or not within the budget */
function readWithin<Result>(
  place: string,
  budget: ReadingBudget,
  use: (read: ReadBytes, own: ReadingBudget, size: number) => Result,
): Result | undefined {
  if (budget.isSpent()) return undefined;
  // It also gives undefined if `use` throws, as it does when the budget is spent.
  return readPieces(machinePath(place), (read, { size }) => use(read, budget.within(FILE_LIMITS), size));
}
