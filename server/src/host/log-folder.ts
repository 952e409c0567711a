import { randomUUID } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { listFolder } from '../files/folder-listing.ts';
import type { EbuildLocation } from '../repository/ebuild-location.ts';
import { type Pruned, removeLeastRecent } from './least-recent.ts';

const logFolder = (home: string): string => join(home, 'logs');

/**
 * Makes a unique name for the log of one trial, because trials may run at once and a stored record names its own log. Makes the folder.
 *
 * @throws an error of the file system
 */
export function nameLog(home: string, { category, packageAndVersion }: EbuildLocation): string {
  const folder = logFolder(home);
  mkdirSync(folder, { recursive: true });
  const time = new Date().toISOString().replace(/[-:]|\.\d+Z$/g, '');
  return join(folder, `${category}-${packageAndVersion}.${time}-${randomUUID().slice(0, 4)}.log`);
}

/** Makes the link `CATEGORY-PF.log` to the log of the ebuild's last trial. Throws nothing. @param log a name from {@link nameLog} */
export function linkLastLog(log: string): void {
  const link = log.replace(/\.\d+T\d+-\w{4}\.log$/, '.log');
  const unfinished = `${link}.${randomUUID()}`;
  try {
    symlinkSync(basename(log), unfinished);
    renameSync(unfinished, link);
  } catch {
    // If the folder is not writable, writing the log itself reports it.
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

/** How many logs there are, with the links to them. */
export const countLogs = (home: string): number => listFolder(logFolder(home)).length;

function isDanglingLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true && !existsSync(path);
}
