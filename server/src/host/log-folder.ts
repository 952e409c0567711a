import { randomUUID } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { listFolder } from '../files/folder-listing.ts';
import type { EbuildLocation } from '../repository/ebuild-location.ts';
import { type Pruned, removeLeastRecent } from './least-recent.ts';

const logFolder = (home: string): string => join(home, 'logs');

/**
 * A name for the log of one trial, which no other trial takes: two may run at once, and a stored record speaks of the log of its own. Makes
 * the folder; throws what the file system says.
 */
export function nameLog(home: string, { category, packageAndVersion }: EbuildLocation): string {
  const folder = logFolder(home);
  mkdirSync(folder, { recursive: true });
  const time = new Date().toISOString().replace(/[-:]|\.\d+Z$/g, '');
  return join(folder, `${category}-${packageAndVersion}.${time}-${randomUUID().slice(0, 4)}.log`);
}

/** Lets `CATEGORY-PF.log` lead to a log that {@link nameLog} named, as that of the ebuild's last trial. Throws nothing. */
export function linkLastLog(log: string): void {
  const link = log.replace(/\.\d+T\d+-\w{4}\.log$/, '.log');
  const unfinished = `${link}.${randomUUID()}`;
  try {
    symlinkSync(basename(log), unfinished);
    renameSync(unfinished, link);
  } catch {
    // The log itself can be written or not; that is told where it is.
    rmSync(unfinished, { force: true });
  }
}

/**
 * Removes the oldest logs until the rest has no more than `limit` bytes, and the links that led to them.
 *
 * @param home the state folder
 */
export function pruneLogs(home: string, limit: number): Pruned {
  const folder = logFolder(home);
  const paths = listFolder(folder).map((name) => join(folder, name));
  const pruned = removeLeastRecent(paths, limit);
  for (const path of paths) if (isDanglingLink(path)) rmSync(path, { force: true });
  return pruned;
}

function isDanglingLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true && !existsSync(path);
}
