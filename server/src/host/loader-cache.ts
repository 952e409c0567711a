import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { toMachinePath } from '../installed/file-tree.ts';

/** The header of the cache, after one of an older format in some systems (sysdeps/generic/dl-cache.h of glibc). */
const MAGIC = 'glibc-ld.so.cache1.1';
const HEADER_BYTES = 48;
const ENTRY_BYTES = 24;

/** A program that prints the whole cache; Python's `ctypes.util.find_library` runs it. */
const PRINTS_CACHE = 'ldconfig';

/**
 * Makes a digest of the part of ld.so.cache that a run may have depended on. Every merge of a library writes the cache again. The loader takes
 * from it the paths of each library that a program asks for, in the order in which it tries them, so a merge may put another file before one that was
 * loaded, in a folder that was never named. The names of libraries that a run asked for are among the names of its paths, found or not.
 *
 * @param path of this machine
 * @param isNamed whether the run named a file with this name, in any folder
 */
export function digestLoaderCache(path: string, isNamed: (name: string) => boolean): string {
  const hash = createHash('sha256');
  const bytes = readBytes(path);
  if (bytes === undefined) return 'absent';
  const entries = isNamed(PRINTS_CACHE) ? undefined : readEntries(bytes);
  if (entries === undefined) return hash.update(bytes).digest('hex');
  for (const { library, line } of entries) if (isNamed(library)) hash.update(`${line}\n`);
  return hash.digest('hex');
}

function readBytes(path: string): Buffer | undefined {
  try {
    return readFileSync(toMachinePath(path));
  } catch {
    return undefined;
  }
}

interface CacheEntry {
  readonly library: string;
  readonly line: string;
}

/** @returns undefined if it has another form, as on a machine with the other order of bytes */
function readEntries(bytes: Buffer): readonly CacheEntry[] | undefined {
  const start = bytes.indexOf(MAGIC, 0, 'latin1');
  const cache = bytes.subarray(start);
  if (start < 0 || cache.length < HEADER_BYTES) return undefined;
  const count = cache.readUInt32LE(MAGIC.length);
  if (HEADER_BYTES + count * ENTRY_BYTES > cache.length) return undefined;
  const textAt = (offset: number): string | undefined => {
    const end = cache.indexOf(0, offset);
    return offset >= cache.length || end < 0 ? undefined : cache.toString('latin1', offset, end);
  };
  const entries: CacheEntry[] = [];
  for (let at = HEADER_BYTES; entries.length < count; at += ENTRY_BYTES) {
    const library = textAt(cache.readUInt32LE(at + 4));
    const file = textAt(cache.readUInt32LE(at + 8));
    if (library === undefined || file === undefined) return undefined;
    // The number of a set of processor features (`hwcap`) changes with the other entries, and the path shows the set.
    entries.push({ library, line: `${cache.readInt32LE(at)} ${library} ${file}` });
  }
  return entries;
}
