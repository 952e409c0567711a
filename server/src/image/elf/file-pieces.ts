import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import type { ReadBytes } from './elf-file.ts';

/**
 * Opens a regular file that may come from a build, and reads pieces of it, because it may be larger than the memory. No piece is larger
 * than the file, whatever its headers claim. A link is not followed.
 *
 * @param path on this machine
 * @returns undefined if the file is unreadable or `use` throws
 */
export function readPieces<Result>(
  path: string | Buffer,
  use: (read: ReadBytes, stats: Stats) => Result,
): Result | undefined {
  let descriptor: number | undefined;
  try {
    const opened = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    descriptor = opened;
    const stats = fstatSync(opened);
    if (!stats.isFile()) return undefined;
    return use((offset, length) => {
      const bytes = Buffer.alloc(Math.max(0, Math.min(length, stats.size - offset)));
      return bytes.subarray(0, readSync(opened, bytes, 0, bytes.length, offset));
    }, stats);
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
