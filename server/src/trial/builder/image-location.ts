import { lstatSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Finds the image folder that a build has left. A build can put a link anywhere in its folder, and following one could lead to the
 * machine's own files, even to all of `/`.
 *
 * @param written a folder of this machine that the build could write to
 * @param path the image folder below it, with a slash in front
 * @returns its path on this machine; undefined if it, or a folder on the way to it, is not a folder or is a link
 */
export function locateImage(written: string, path: string): string | undefined {
  let place = written;
  for (const name of path.split('/').slice(1)) {
    place = join(place, name);
    if (lstatSync(place, { throwIfNoEntry: false })?.isDirectory() !== true) return undefined;
  }
  return place;
}
