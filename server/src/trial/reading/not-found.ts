import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { listEntries } from '../../files/folder-listing.ts';
import type { Denial } from '../../trace/denial.ts';

/** Limits in folders, in entries of them and in bytes, because a build can leave any number of files of any size. */
const MOST_FOLDERS = 20_000;
const MOST_ENTRIES = 500_000;
const LARGEST_FILE = 4 * 2 ** 20;

/** A file that names what a build looks for. */
export interface NotFoundSource {
  readonly file: string;
  /** The lines that name it. */
  readonly lines: RegExp;
}

/** cmake(1), "CMakeCache.txt": lines such as `fmt_DIR:PATH=fmt_DIR-NOTFOUND`. */
const CMAKE: NotFoundSource = { file: 'CMakeCache.txt', lines: /^\w+_DIR:PATH=.*-NOTFOUND$/gm };
/** Python's reference, "The import statement": `from setuptools import setup`, perhaps in a `try`. */
const PYTHON: NotFoundSource = { file: 'setup.py', lines: /^[ \t]*(?:from|import)[ \t]+\w+/gm };

/**
 * Chooses the files that say what a build which passed may have looked for in vain. CMake and Python list the folders of package
 * configurations and modules and never access what is not in them, so the trace does not show what they wanted there.
 *
 * @returns none if no hidden package was missing in such a list
 */
export function chooseNotFoundSources(denials: readonly Denial[]): NotFoundSource[] {
  const listed = denials.filter(({ weak }) => weak);
  const isPython = listed.some(({ evidence }) => evidence.some(({ path }) => PYTHON_MODULES.test(path)));
  return [
    ...(listed.some(({ kinds }) => kinds.includes('cmake')) ? [CMAKE] : []),
    ...(isPython ? [PYTHON] : []),
  ];
}

const PYTHON_MODULES = /\/python[\d.]*\/(site|dist)-packages\//;

/**
 * Reads the lines of such files that name something, see `findNamed`. It blocks its thread; see trial/reading.
 *
 * @param layers folders of this machine with the files that a build wrote
 */
export function readNotFoundLines(layers: readonly string[], sources: readonly NotFoundSource[]): string {
  return layers.flatMap((layer) => readSources(layer, sources)).join('\n');
}

function readSources(top: string, sources: readonly NotFoundSource[]): string[] {
  const lines: string[] = [];
  const folders = [top];
  let seen = 0;
  for (const folder of folders) {
    for (const entry of listEntries(folder)) {
      if (++seen > MOST_ENTRIES) return lines;
      const path = join(folder, entry.name);
      if (entry.isDirectory() && folders.length < MOST_FOLDERS) folders.push(path);
      const source = entry.isFile() ? sources.find(({ file }) => file === entry.name) : undefined;
      if (source !== undefined) for (const line of readText(path).match(source.lines) ?? []) lines.push(line);
    }
  }
  return lines;
}

function readText(path: string): string {
  try {
    return statSync(path).size > LARGEST_FILE ? '' : readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
