import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { listEntries } from '../../files/folder-listing.ts';
import type { Denial } from '../../trace/denial.ts';
import { createLibrarySearches, type LibrarySearches } from './cmake-libraries.ts';

/** Limits in folders, in entries of them and in bytes, because a build can leave any number of files of any size. */
const MOST_FOLDERS = 20_000;
const MOST_ENTRIES = 500_000;
const LARGEST_FILE = 4 * 2 ** 20;

/** The files in which a build says what it looked for. */
export interface NotFoundSources {
  /** The files of CMake that name packages; with `libraries` also those that name libraries. */
  readonly cmake: boolean;
  readonly libraries: boolean;
  /** The names of the scripts in which Python modules are imported. */
  readonly scripts: readonly string[];
}

/** cmake(1), "CMakeCache.txt": lines such as `fmt_DIR:PATH=fmt_DIR-NOTFOUND`. */
const CACHE = 'CMakeCache.txt';
const PACKAGES = /^\w+_DIR:PATH=.*-NOTFOUND$/gm;
/** Python's reference, "The import statement": `from setuptools import setup`, perhaps in a `try`; and importlib. */
const IMPORTS =
  /^[ \t]*(?:from|import)[ \t]+\w+|\b(?:find_spec|import_module|__import__|find_loader)\([ \t]*['"]\w+/gm;

/**
 * Chooses the files that say what a build which passed may have looked for in vain. CMake and Python list the folders of package
 * configurations, libraries and modules, and never access what is not in them, so the trace does not show what they wanted there.
 *
 * @returns undefined if no hidden package was missing in such a list
 */
export function chooseNotFoundSources(denials: readonly Denial[]): NotFoundSources | undefined {
  const listed = denials.filter(({ weak }) => weak);
  const cmake = listed.some(({ kinds }) => kinds.includes('cmake'));
  const libraries = listed.some(({ kinds }) => kinds.includes('library'));
  const importing = listed
    .flatMap(({ evidence }) => evidence)
    .filter(({ path }) => PYTHON_MODULES.test(path));
  // Build backends import setup.py themselves.
  const scripts =
    importing.length === 0 ? [] : [...new Set([SETUP, ...importing.flatMap(({ chain }) => chain.slice(-1))])];
  return cmake || libraries || scripts.length > 0 ? { cmake, libraries, scripts } : undefined;
}

const SETUP = 'setup.py';

const PYTHON_MODULES = /\/python[\d.]*\/(site|dist)-packages\//;

/**
 * Reads what such files name, see `findNamedPaths`. It blocks its thread; see trial/reading.
 *
 * @param layers folders of this machine with the files that a build wrote
 */
export function readNotFoundLines(layers: readonly string[], sources: NotFoundSources): string {
  const lines: string[] = [];
  const searches = createLibrarySearches();
  for (const layer of layers) readSources(layer, sources, lines, searches);
  return [...lines, ...(sources.libraries ? searches.listNotFound() : [])].join('\n');
}

function readSources(
  top: string,
  { cmake, libraries, scripts }: NotFoundSources,
  lines: string[],
  searches: LibrarySearches,
): void {
  const folders = [top];
  let seen = 0;
  for (const folder of folders) {
    for (const entry of listEntries(folder)) {
      if (++seen > MOST_ENTRIES) return;
      const path = join(folder, entry.name);
      if (entry.isDirectory() && folders.length < MOST_FOLDERS) folders.push(path);
      if (!entry.isFile()) continue;
      if (scripts.includes(entry.name)) lines.push(...(readText(path).match(IMPORTS) ?? []));
      else if (entry.name === CACHE) {
        const text = readText(path);
        if (cmake) lines.push(...(text.match(PACKAGES) ?? []));
        if (libraries) searches.readCache(text);
      } else if (libraries && BUILD_FILE.test(entry.name)) searches.readBuildFile(readText(path));
    }
  }
}

const BUILD_FILE = /^CMakeLists\.txt$|\.cmake$/;

function readText(path: string): string {
  try {
    return statSync(path).size > LARGEST_FILE ? '' : readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
