import type { PathResolver } from './path-resolver.ts';
import type { EntryType, InstalledPackage } from './vdb.ts';

export interface Owner {
  readonly package: InstalledPackage;
  readonly type: EntryType;
}

/** Says which installed package a path belongs to. */
export interface OwnerIndex {
  /** The owner of a file or link whose parent folders are resolved; folders have no owner. */
  ownerOf(path: string): Owner | undefined;
  /** Every package that lists this folder. */
  packagesInFolder(path: string): readonly InstalledPackage[];
  /** All folders that packages list. */
  folders(): Iterable<string>;
  /** The files and links of one package with parent folders resolved. */
  filesOf(installed: InstalledPackage): readonly { readonly path: string; readonly type: EntryType }[];
}

/**
 * Builds the index from CONTENTS. On a merged-usr system CONTENTS may say `/lib` where the kernel says `/usr/lib`: parent folders are
 * resolved, the last component never, because a link has an owner of its own.
 */
export function buildOwnerIndex(packages: readonly InstalledPackage[], resolver: PathResolver): OwnerIndex {
  const owners = new Map<string, Owner>();
  const inFolder = new Map<string, InstalledPackage[]>();
  const files = new Map<InstalledPackage, { path: string; type: EntryType }[]>();
  const folderCache = new Map<string, string>();
  for (const installed of packages) {
    const own: { path: string; type: EntryType }[] = [];
    for (const { type, path } of installed.contents) {
      if (type === 'dir') {
        const folder = resolver.resolve(path).path;
        const sharers = inFolder.get(folder);
        if (sharers === undefined) inFolder.set(folder, [installed]);
        else if (sharers.at(-1) !== installed) sharers.push(installed);
        continue;
      }
      const slash = path.lastIndexOf('/');
      const parent = path.slice(0, slash);
      let folder = folderCache.get(parent);
      if (folder === undefined) {
        folder = parent === '' ? '' : resolver.resolve(parent).path;
        folderCache.set(parent, folder);
      }
      const place = `${folder}/${path.slice(slash + 1)}`;
      own.push({ path: place, type });
      owners.set(place, { package: installed, type });
    }
    files.set(installed, own);
  }
  return {
    ownerOf: (path) => owners.get(path),
    packagesInFolder: (path) => inFolder.get(path) ?? [],
    folders: () => inFolder.keys(),
    filesOf: (installed) => files.get(installed) ?? [],
  };
}
