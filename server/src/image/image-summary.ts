import { lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs';
import { decodePath, encodePath } from '../files/path-bytes.ts';
import { createPause } from '../installed/pause.ts';
import { type Budget, digestContent } from './content-digest.ts';
import { openElf } from './elf/elf-file.ts';
import { readNeedsOfElf } from './elf/elf-needs.ts';
import { readElfSymbols } from './elf/elf-symbols.ts';
import { readPieces } from './elf/file-pieces.ts';

/** The parts of an installed image by which two images are compared. Plain data, far smaller than the image. */
export interface ImageSummary {
  /** Files and folders by their paths on the system, e.g. `/usr/bin/hello`. */
  readonly entries: ReadonlyMap<string, ImageEntry>;
}

export interface ImageEntry {
  readonly type: 'file' | 'folder' | 'link' | 'other';
  /** Permission bits with set-user-id and the like. */
  readonly mode: number;
  /** For a symbolic link. */
  readonly target?: string;
  /** For a file: its digest, see content-digest.ts; empty if it is unreadable. */
  readonly content?: string;
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
 * Limit in bytes that are read and unpacked from one image: twice the default limit for what a trial writes. That limit alone is not enough,
 * because a hole in a file takes no disk space.
 */
const MOST_READ = 40 * 2 ** 30;

/**
 * Reads an image folder (`D`, PMS 11.1). The folder may be hostile: time and memory are bounded for every content, links are not followed,
 * and an unreadable file has an entry without content.
 *
 * @param folder on this machine
 * @throws the signal's reason
 */
export async function readImage(folder: string, signal?: AbortSignal): Promise<ImageSummary> {
  const entries = new Map<string, ImageEntry>();
  const pause = createPause();
  const budget = { left: MOST_READ };
  // No recursion, because a build can nest folders deeper than the stack.
  const folders = [''];
  for (let path = folders.pop(); path !== undefined; path = folders.pop()) {
    for (const name of listFolder(folder + path)) {
      await pause();
      signal?.throwIfAborted();
      const inner = `${path}/${name}`;
      const stats = statOf(folder + inner);
      if (stats === undefined) continue;
      entries.set(inner, readEntry(folder + inner, inner, stats, budget));
      if (stats.isDirectory()) folders.push(inner);
    }
  }
  return { entries: withoutDerived(entries) };
}

/** Python bytecode beside its source, `__pycache__/NAME.TAG.pyc` (PEP 3147). */
const BYTECODE = /^(.*)\/__pycache__\/([^/]+?)\.[^/.]+(?:\.opt-\d)?\.pyc$/;

/** Ignores the content of bytecode beside its source. It follows from the source, and differs by chance (marshal's reference flags). */
function withoutDerived(entries: Map<string, ImageEntry>): Map<string, ImageEntry> {
  for (const [path, entry] of entries) {
    const [, folder, module] = BYTECODE.exec(path) ?? [];
    if (entry.type === 'file' && module !== undefined && entries.has(`${folder}/${module}.py`))
      entries.set(path, { ...entry, content: 'compiled' });
  }
  return entries;
}

function listFolder(path: string): string[] {
  try {
    return readdirSync(machinePath(path), { encoding: 'buffer' }).map(decodePath);
  } catch {
    return [];
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

function readEntry(place: string, path: string, stats: Stats, budget: Budget): ImageEntry {
  const mode = stats.mode & 0o7777;
  if (stats.isDirectory()) return { type: 'folder', mode };
  if (stats.isSymbolicLink()) return { type: 'link', mode: 0o777, target: readTarget(place) };
  if (!stats.isFile()) return { type: 'other', mode };
  return { type: 'file', mode, ...readFile(place, path, stats.size, budget) };
}

function readTarget(place: string): string {
  try {
    return decodePath(readlinkSync(machinePath(place), { encoding: 'buffer' }));
  } catch {
    return '';
  }
}

function readFile(
  place: string,
  path: string,
  size: number,
  budget: Budget,
): Pick<ImageEntry, 'content' | 'elf'> {
  const known = readPieces(machinePath(place), (read) => {
    const elf = openElf(read);
    const content = digestContent({ name: path, size, read }, budget);
    if (elf === undefined) return { content };
    const { needed, interpreter } = readNeedsOfElf(elf);
    return { content, elf: { needed, interpreter, ...readElfSymbols(elf) } };
  });
  return known ?? { content: '' };
}
