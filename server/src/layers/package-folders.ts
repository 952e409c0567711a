import { statSync } from 'node:fs';
import { join } from 'node:path';
import { listEntries } from '../files/folder-listing.ts';
import { digestOf } from '../host/digest.ts';
import { splitPackageName } from '../installed/vdb.ts';

const PACKAGE = /(?:-\d+\.(?:gpkg\.tar|xpak)|\.(?:gpkg\.tar|tbz2|xpak))$/;

/** How deep packages lie in a package folder (PKGDIR): `category/PN/PF-BUILD_ID.gpkg.tar`. */
const DEPTH = 3;

/** What can be said of package folders without opening a package. */
export interface FolderState {
  /** Changes with every package that counts. */
  readonly digest: string;
  /** The number of packages that count. */
  readonly count: number;
}

/**
 * Reads which packages lie in some folders of this machine.
 *
 * @param names `category/PN` of the packages that count; undefined: all do
 */
export function readFolderState(folders: readonly string[], names?: ReadonlySet<string>): FolderState {
  const packages: unknown[] = [];
  const visit = (folder: string, inner: readonly string[]): void => {
    for (const entry of listEntries(folder)) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && inner.length + 1 < DEPTH) visit(path, [...inner, entry.name]);
      else if (PACKAGE.test(entry.name) && (names === undefined || isNamed(names, inner[0], entry.name)))
        packages.push(identify(path));
    }
  };
  for (const folder of folders) visit(folder, []);
  return { digest: digestOf(packages), count: packages.length };
}

/** Whether a file is a package with one of some names. In the folder `All` of old package folders no category is known. */
function isNamed(names: ReadonlySet<string>, category: string | undefined, file: string): boolean {
  const name = splitPackageName(file.replace(PACKAGE, ''))?.name ?? splitPackageName(cutSuffix(file))?.name;
  if (name === undefined) return true;
  return category === undefined || category === 'All'
    ? [...names].some((known) => known.endsWith(`/${name}`))
    : names.has(`${category}/${name}`);
}

const cutSuffix = (file: string): string => file.replace(/\.(?:gpkg\.tar|tbz2|xpak)$/, '');

/** What changes with the content of a file: its path, size, times and inode. */
export function identify(path: string): readonly unknown[] {
  const stats = statSync(path, { throwIfNoEntry: false });
  return [path, stats?.size, stats?.mtimeMs, stats?.ctimeMs, stats?.ino];
}
