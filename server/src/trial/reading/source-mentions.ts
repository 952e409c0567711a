import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { listEntries } from '../../files/folder-listing.ts';

/** The names in the sources of a build themselves, without those in headers and modules of dependencies. */
export interface SourceMentions {
  /** Arguments of `#include`, such as `zlib.h` and `glib/gstdio.h`, without headers of the sources themselves. */
  readonly includes: ReadonlySet<string>;
  /** Arguments of CMake's `find_package` and `find_dependency`, in lower case; `pkgconfig` only if the build cannot do without it. */
  readonly cmakePackages: ReadonlySet<string>;
}

/** Limits in bytes of one file, in bytes of all, in files, in entries of folders, and in folders of a header's path. */
const LARGEST_FILE = 2 * 2 ** 20;
const MOST_BYTES = 128 * 2 ** 20;
const MOST_FILES = 50_000;
const MOST_ENTRIES = 500_000;
const MOST_NAMES = 32;

const INCLUDING =
  /\.(?:[ch]|cc|cpp|cxx|c\+\+|hh|hpp|hxx|h\+\+|inl|ipp|tcc|m|mm|l|ll|y|yy|S|xs|pyx|pxd|rl|in)$/;
const HEADER = /\.(?:h|hh|hpp|hxx|h\+\+)(?:\.in)?$/;
const CMAKE = /(?:^|\/)CMakeLists\.txt$|\.cmake$/;

/**
 * Reads the names that sources mention. Links are not followed; unreadable files are skipped. It blocks its thread; see trial/reading.
 *
 * @param folder a folder of this machine with the sources anywhere below it
 */
export function readSourceMentions(folder: string): SourceMentions {
  const files = listFiles(folder);
  const own = new Set(files.filter((path) => HEADER.test(path)).flatMap(endsOf));
  const includes = new Set<string>();
  const cmakePackages = new Set<string>();
  let bytes = 0;
  for (const path of files) {
    const isCmake = CMAKE.test(path);
    if (!isCmake && !INCLUDING.test(path)) continue;
    const text = readText(join(folder, path), MOST_BYTES - bytes);
    bytes += text.length;
    if (isCmake) {
      for (const [, name = ''] of text.matchAll(/\bfind_(?:package|dependency)\s*\(\s*"?([\w+.-]+)/gi))
        if (!/^pkgconfig$/i.test(name)) cmakePackages.add(name.toLowerCase());
      if (needsPkgConfig(path, text)) cmakePackages.add('pkgconfig');
    } else
      for (const [, name = ''] of text.matchAll(/^[ \t]*(?:%:|#)[ \t]*include[ \t]*[<"]([^>"\n]+)[>"]/gm))
        if (!own.has(name)) includes.add(name);
  }
  return { includes, cmakePackages };
}

/**
 * Whether a file of CMake needs pkg-config (FindPkgConfig of cmake-modules(7)). A module that finds a library, and who asks quietly, can do
 * without unless something is REQUIRED.
 */
function needsPkgConfig(path: string, text: string): boolean {
  const isModule = /(?:^|\/)Find[^/]*\.cmake$/.test(path);
  for (const [, name = '', rest = ''] of text
    .replace(/#.*/g, '')
    .matchAll(/\b(find_package(?=\s*\(\s*PkgConfig\b)|pkg_(?:check|search)_modules?)\s*\(([^)]*)/gi)) {
    if (/\bREQUIRED\b/.test(rest)) return true;
    if (!isModule && /^find_package$/i.test(name) && !/\bQUIET\b/.test(rest)) return true;
  }
  return false;
}

/** Whether one of the includes can mean a header: `glib.h` and `glib-2.0/glib.h` may be /usr/include/glib-2.0/glib.h. */
export function mentionsHeader({ includes }: SourceMentions, path: string): boolean {
  const inside = path.slice(path.indexOf('/include/') + '/include'.length);
  return endsOf(inside).some((end) => includes.has(end));
}

/** Whether the sources include a header of a package. @param files of the package */
export function mentionsHeaderOf(
  mentions: SourceMentions,
  files: Iterable<{ readonly path: string }>,
): boolean {
  for (const { path } of files) if (path.includes('/include/') && mentionsHeader(mentions, path)) return true;
  return false;
}

/** Lists `a/b/c`, `b/c` and `c` for `a/b/c`, without the `.in` of a template. */
function endsOf(path: string): string[] {
  const names = path
    .replace(/\.in$/, '')
    .split('/')
    .filter((name) => name !== '')
    .slice(-MOST_NAMES);
  return names.map((_, index) => names.slice(index).join('/'));
}

function listFiles(top: string): string[] {
  const found: string[] = [];
  const folders = [''];
  let seen = 0;
  for (const folder of folders) {
    for (const entry of listEntries(join(top, folder))) {
      if (found.length >= MOST_FILES || ++seen > MOST_ENTRIES) return found;
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile()) found.push(path);
    }
  }
  return found;
}

function readText(path: string, room: number): string {
  try {
    const { size } = statSync(path);
    return size > Math.min(LARGEST_FILE, room) ? '' : readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
