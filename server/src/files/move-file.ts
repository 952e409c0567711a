import { chmodSync, renameSync } from 'node:fs';
import { readFileParts } from './file-parts.ts';
import { replaceFileByParts } from './replace-file.ts';

/**
 * Moves a file of this user to a place that may be on another disk, in one step: a reader of the place finds either the old file or the whole new
 * one. A link at the place is replaced.
 *
 * @param source stays where it is if the place is on another disk
 * @throws the error of the file system; the place is then unchanged
 */
export async function moveFile(source: string, place: string): Promise<void> {
  try {
    chmodSync(source, 0o644);
    renameSync(source, place);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    await replaceFileByParts(place, readFileParts(source));
  }
}
