import { statSync } from 'node:fs';
import { join } from 'node:path';
import { listEntries } from '../files/folder-listing.ts';
import { digestOf } from '../host/digest.ts';

const PACKAGE = /\.(?:gpkg\.tar|tbz2|xpak)$/;

/** How deep packages lie in a package folder (PKGDIR): `category/PN/PF-BUILD_ID.gpkg.tar`. */
const DEPTH = 3;

/** What can be said of package folders without opening a package. */
export interface FolderState {
  /** Changes with every package. */
  readonly digest: string;
  readonly count: number;
}

/** Reads which packages lie in some folders of this machine. */
export function readFolderState(folders: readonly string[]): FolderState {
  const packages: unknown[] = [];
  const visit = (folder: string, depth: number): void => {
    for (const entry of listEntries(folder)) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && depth < DEPTH) visit(path, depth + 1);
      else if (PACKAGE.test(entry.name)) packages.push(identify(path));
    }
  };
  for (const folder of folders) visit(folder, 1);
  return { digest: digestOf(packages), count: packages.length };
}

/** What changes with the content of a file: its path, size, times and inode. */
export function identify(path: string): readonly unknown[] {
  const stats = statSync(path, { throwIfNoEntry: false });
  return [path, stats?.size, stats?.mtimeMs, stats?.ctimeMs, stats?.ino];
}
