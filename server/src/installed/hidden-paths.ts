import { posix } from 'node:path';
import type { OwnerIndex } from './owner-index.ts';
import type { InstalledPackage } from './vdb.ts';
import { isDevelopmentFile, type VisiblePackage } from './visible-set.ts';

/** What a view hides, as resolved paths of the sandbox. */
export interface HiddenPaths {
  /** Every hidden file and link. */
  readonly files: ReadonlySet<string>;
  /** Folders that hold nothing but hidden files: one whiteout each does, and they look as if never made. */
  readonly folders: ReadonlySet<string>;
}

/**
 * Lists what the view hides.
 *
 * @param listFolder the names in a folder of the sandbox as the machine has them; a folder that also holds
 *   something that no package owns stays visible, because unowned files do
 */
export function listHiddenPaths(
  index: OwnerIndex,
  visible: ReadonlyMap<InstalledPackage, VisiblePackage>,
  listFolder: (path: string) => readonly string[],
): HiddenPaths {
  const files = new Set<string>();
  for (const [installed, { visibility }] of visible) {
    if (visibility === 'full') continue;
    for (const { path, type } of index.filesOf(installed)) {
      if (visibility === 'hidden' || isDevelopmentFile(path, type === 'sym')) files.add(path);
    }
  }
  const folders = new Set<string>();
  // Deepest first, so that a folder of hidden folders is met after them.
  const candidates = [...index.folders()]
    .filter((folder) =>
      index.packagesInFolder(folder).every((one) => visible.get(one)?.visibility !== 'full'),
    )
    .sort((a, b) => b.split('/').length - a.split('/').length);
  for (const folder of candidates) {
    // A package that is shown for its programs keeps its empty folders; only what it loses entirely disappears.
    const names = listFolder(folder);
    const allHidden = names.every((name) => {
      const path = posix.join(folder, name);
      return files.has(path) || folders.has(path);
    });
    const ownedByHidden = index
      .packagesInFolder(folder)
      .every((one) => visible.get(one)?.visibility === 'hidden');
    if (allHidden && (names.length > 0 || ownedByHidden)) folders.add(folder);
  }
  return { files, folders };
}

/**
 * The shortest list of whiteouts for one folder of the view, relative to it: what lies in a hidden folder needs none of its own.
 */
export function listWhiteouts(hidden: HiddenPaths, folder: string): string[] {
  const prefix = `${folder}/`;
  const whiteouts: string[] = [];
  for (const set of [hidden.folders, hidden.files]) {
    for (const path of set) {
      if (path.startsWith(prefix) && !liesInHiddenFolder(path, hidden.folders))
        whiteouts.push(path.slice(prefix.length));
    }
  }
  return whiteouts.sort();
}

function liesInHiddenFolder(path: string, folders: ReadonlySet<string>): boolean {
  return folders.has(posix.dirname(path));
}

/** Whether the view hides a resolved path. */
export function isHidden(hidden: HiddenPaths, path: string): boolean {
  return hidden.files.has(path) || hidden.folders.has(path);
}
