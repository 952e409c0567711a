import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { listEntries } from '../../files/folder-listing.ts';

/** The names in the sources of a build themselves, without those in headers and modules of dependencies. */
export interface SourceMentions {
  /** Arguments of `#include`, such as `zlib.h` and `glib/gstdio.h`, without headers of the sources themselves. */
  readonly includes: ReadonlySet<string>;
  /** Arguments of CMake's `find_package` and `find_dependency`, in lower case. */
  readonly cmakePackages: ReadonlySet<string>;
}

/** Limits in bytes of one file, in bytes of all, and in files, because sources may be anything. */
const LARGEST_FILE = 2 * 2 ** 20;
const MOST_BYTES = 128 * 2 ** 20;
const MOST_FILES = 50_000;
/** Limit in folders of an include. The names of a deeper path together would be quadratic in its length. */
const MOST_FOLDERS = 16;

const INCLUDING =
  /\.(?:[ch]|cc|cpp|cxx|c\+\+|hh|hpp|hxx|h\+\+|inl|ipp|tcc|m|mm|l|ll|y|yy|S|xs|pyx|pxd|rl|in)$/;
const HEADER = /\.(?:h|hh|hpp|hxx|h\+\+)(?:\.in)?$/;
const CMAKE = /(?:^|\/)CMakeLists\.txt$|\.cmake$/;

/**
 * Reads the names that sources mention. Links are not followed; unreadable files are skipped.
 *
 * @param folder a folder of this machine with the sources anywhere below it
 */
export async function readSourceMentions(folder: string, signal?: AbortSignal): Promise<SourceMentions> {
  const files = listFiles(folder);
  const own = new Set(files.filter((path) => HEADER.test(path)).flatMap(endsOf));
  const includes = new Set<string>();
  const cmakePackages = new Set<string>();
  let bytes = 0;
  for (const path of files) {
    const isCmake = CMAKE.test(path);
    if (!isCmake && !INCLUDING.test(path)) continue;
    signal?.throwIfAborted();
    const text = await readText(join(folder, path), MOST_BYTES - bytes);
    bytes += text.length;
    if (isCmake)
      for (const [, name = ''] of text.matchAll(/\bfind_(?:package|dependency)\s*\(\s*"?([\w+.-]+)/gi))
        cmakePackages.add(name.toLowerCase());
    else
      for (const [, name = ''] of text.matchAll(/^[ \t]*(?:%:|#)[ \t]*include[ \t]*[<"]([^>"\n]+)[>"]/gm))
        if (!own.has(name)) includes.add(name);
  }
  return { includes, cmakePackages };
}

/** Whether one of the includes can mean a header: `glib.h` and `glib-2.0/glib.h` may be /usr/include/glib-2.0/glib.h. */
export function mentionsHeader({ includes }: SourceMentions, path: string): boolean {
  const inside = path.slice(path.indexOf('/include/') + '/include'.length);
  return endsOf(inside).some((end) => includes.has(end));
}

/** Lists `a/b/c`, `b/c` and `c` for `a/b/c`, without the `.in` of a template. */
function endsOf(path: string): string[] {
  const names = path
    .replace(/\.in$/, '')
    .split('/')
    .filter((name) => name !== '');
  return names.slice(-MOST_FOLDERS).map((_, index, last) => last.slice(index).join('/'));
}

function listFiles(top: string): string[] {
  const found: string[] = [];
  const folders = [''];
  for (const folder of folders) {
    for (const entry of listEntries(join(top, folder))) {
      if (found.length >= MOST_FILES) return found;
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile()) found.push(path);
    }
  }
  return found;
}

async function readText(path: string, room: number): Promise<string> {
  try {
    const { size } = await stat(path);
    return size > Math.min(LARGEST_FILE, room) ? '' : await readFile(path, 'latin1');
  } catch {
    return '';
  }
}
