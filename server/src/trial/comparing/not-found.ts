import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { listEntries } from '../../files/folder-listing.ts';
import type { BuildOutcome } from '../builder/build-plan.ts';

/** Limits in folders and in bytes, because a build can leave any number of files of any size. */
const MOST_FOLDERS = 20_000;
const LARGEST_FILE = 4 * 2 ** 20;

/** A file that names what a build looks for. */
interface Source {
  readonly file: string;
  /** The lines that name it. */
  readonly lines: RegExp;
}

/** cmake(1), "CMakeCache.txt": lines such as `fmt_DIR:PATH=fmt_DIR-NOTFOUND`. */
const CMAKE: Source = { file: 'CMakeCache.txt', lines: /^\w+_DIR:PATH=.*-NOTFOUND$/gm };
/** Python's reference, "The import statement": `from setuptools import setup`, perhaps in a `try`. */
const PYTHON: Source = { file: 'setup.py', lines: /^[ \t]*(?:from|import)[ \t]+\w+/gm };

/** The part of a build's outcome that is read. */
interface NotFoundInput extends Pick<BuildOutcome, 'layers'> {
  readonly observations: Pick<BuildOutcome['observations'], 'denials'>;
}

/**
 * Reads what a build that passed may have looked for in vain. CMake and Python list the folders of package configurations and modules and
 * never access what is not in them, so the trace does not show what they wanted there.
 *
 * @returns lines that name it, see `findNamed`; empty if no hidden package was missing in such a list
 */
export function readNotFound({ layers, observations }: NotFoundInput): string {
  const listed = observations.denials.filter(({ weak }) => weak);
  const isPython = listed.some(({ evidence }) => evidence.some(({ path }) => PYTHON_MODULES.test(path)));
  const sources = [
    ...(listed.some(({ kinds }) => kinds.includes('cmake')) ? [CMAKE] : []),
    ...(isPython ? [PYTHON] : []),
  ];
  return sources.length === 0 ? '' : layers.flatMap((layer) => readSources(layer, sources)).join('\n');
}

const PYTHON_MODULES = /\/python[\d.]*\/(site|dist)-packages\//;

function readSources(top: string, sources: readonly Source[]): string[] {
  const lines: string[] = [];
  const folders = [top];
  for (const folder of folders) {
    for (const entry of listEntries(folder)) {
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
