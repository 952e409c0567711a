import { type Dirent, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../errors/user-error.ts';
import { throwIfExhausted } from '../files/exhaustion.ts';
import { type Enclosure, leadsOut } from '../files/regular-file.ts';
import type { EbuildLocation } from '../repository/ebuild-location.ts';

/** The folders of a repository whose files a package manager reads, with the levels below that are looked at. */
const READ: readonly (readonly [folder: string, levels: number])[] = [
  ['eclass', 0],
  ['metadata', 0],
  // Lists such as package.mask may be folders.
  ['profiles', 1],
  ['licenses', 0],
];

/** Limit in folders. Deeper profiles of large repositories are not looked at. */
const MOST_FOLDERS = 1000;

/**
 * Refuses a repository with files that lead out of the known ones, or that are neither files nor folders. A package manager would follow
 * such a link and might quote what it finds, and it would wait for a pipe.
 *
 * @param within the repository and the others that the root knows
 * @throws UserError that names the first such file
 */
export function refuseLinksOut({ repository, category }: EbuildLocation, within: Enclosure): void {
  const folders = READ.map(([name, levels]) => ({ path: join(repository, name), levels }));
  for (const { path } of [...folders, { path: join(repository, category) }])
    if (leadsOut(path, within)) throw refusal(path);
  for (const { path, levels } of folders) {
    for (const entry of listEntries(path)) {
      const inner = join(path, entry.name);
      if (entry.isSymbolicLink() ? leadsOut(inner, within) : !entry.isFile() && !entry.isDirectory())
        throw refusal(inner);
      if (entry.isDirectory() && levels > 0 && folders.length < MOST_FOLDERS)
        folders.push({ path: inner, levels: levels - 1 });
    }
  }
}

function refusal(path: string): UserError {
  return new UserError(
    `${path} leads out of the repositories or is no regular file: replace it by a copy, because a package manager would read it.`,
  );
}

function listEntries(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    throwIfExhausted(error);
    return [];
  }
}
