import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildOutcome } from '../build/build.ts';

/** Nothing that a build left is of any size that can be relied on. */
const MOST_FOLDERS = 20_000;
const LARGEST_CACHE = 4 * 2 ** 20;

/**
 * Reads from cmake's caches (cmake(1), "CMakeCache.txt") which packages were looked for in vain. Cmake lists the folders that hold package
 * configurations and never names what is not in them, so that the trace does not tell what it wanted there.
 *
 * @returns lines such as `fmt_DIR:PATH=fmt_DIR-NOTFOUND`; empty where the build did not use cmake
 */
export function readNotFound({ layers, observations }: BuildOutcome): string {
  const isCmake = observations.denials.some(({ weak, kinds }) => weak && kinds.includes('cmake'));
  return isCmake ? layers.flatMap(readCaches).join('\n') : '';
}

function readCaches(top: string): string[] {
  const lines: string[] = [];
  const folders = [top];
  for (const folder of folders) {
    for (const entry of entriesOf(folder)) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && folders.length < MOST_FOLDERS) folders.push(path);
      else if (entry.isFile() && entry.name === 'CMakeCache.txt')
        lines.push(...(readCache(path).match(/^\w+_DIR:PATH=.*-NOTFOUND$/gm) ?? []));
    }
  }
  return lines;
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function readCache(path: string): string {
  try {
    return statSync(path).size > LARGEST_CACHE ? '' : readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
