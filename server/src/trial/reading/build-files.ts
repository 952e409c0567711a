import { join } from 'node:path';
import { listEntries } from '../../files/folder-listing.ts';
import { readVdbFile } from '../../installed/vdb.ts';

/** Limits in files, in bytes of one file and in bytes of all, because a build may write anything. */
const MOST_FILES = 50_000;
const LARGEST_FILE = 4 * 2 ** 20;
const MOST_BYTES = 64 * 2 ** 20;

/** A file of a build system, in the sources or written by it. */
export interface BuildFile {
  readonly name: string;
  /** Path below the source folder, as a build log shows it. */
  readonly path: string;
  readonly text: string;
}

/**
 * Reads the files of some names; a folder comes before its subfolders. Links are not followed; unreadable files are skipped.
 *
 * @param layers folders of this machine with the files that a build wrote, the topmost last
 * @param wanted matches the names of the files
 */
export function* readBuildFiles(layers: readonly string[], wanted: RegExp): Iterable<BuildFile> {
  let room = MOST_BYTES;
  for (const layer of layers) {
    for (const path of listFiles(layer)) {
      const name = path.slice(path.lastIndexOf('/') + 1);
      if (!wanted.test(name) || room <= 0) continue;
      const bytes = readVdbFile(join(layer, path));
      if (bytes === undefined || bytes.length > LARGEST_FILE) continue;
      room -= bytes.length;
      yield { name, path: belowSources(path), text: bytes.toString('utf8') };
    }
  }
}

/** The path as authors know it, without the folders of the build and that of the sources, which has a version in its name. */
function belowSources(path: string): string {
  return path.replace(/^(?:[^/]+\/[^/]+\/)?work\/(?:[^/]*-\d[^/]*\/)?/, '');
}

/** Lists the files below a folder, as paths relative to it. */
function* listFiles(top: string): Iterable<string> {
  let seen = 0;
  const folders = [''];
  for (const folder of folders) {
    for (const entry of listEntries(join(top, folder))) {
      if (++seen > MOST_FILES) return;
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile()) yield path;
    }
  }
}
