import { posix } from 'node:path';
import type { OwnerIndex } from './owner-index/owner-index.ts';
import type { InstalledPackage } from './vdb.ts';
import { isDevelopmentFile, type Visibility, type VisiblePackage } from './visible-set.ts';

/** What a view hides, as resolved paths of the sandbox. */
export interface HiddenPaths {
  /** Every hidden file and link. */
  readonly files: ReadonlySet<string>;
  /** Folders that hold nothing but hidden files: one whiteout each does, and they look as if never made. */
  readonly folders: ReadonlySet<string>;
}

/**
 * Lists what the view hides. A path that several packages record is hidden only where each of them hides it: it would be there
 * if only the visible one were installed.
 *
 * @param listFolder the names in a folder of the sandbox as the machine has them; a folder that also holds
 *   something that no package owns stays visible, because unowned files do
 */
export function listHiddenPaths(
  index: OwnerIndex,
  visible: ReadonlyMap<InstalledPackage, VisiblePackage>,
  listFolder: (path: string) => readonly string[],
): HiddenPaths {
  const visibilityOf = (installed: InstalledPackage): Visibility =>
    visible.get(installed)?.visibility ?? 'hidden';
  const files = new Set<string>();
  for (const installed of visible.keys()) {
    const visibility = visibilityOf(installed);
    if (visibility === 'full') continue;
    for (const { path, type } of index.filesOf(installed))
      if (hides(visibility, path, type === 'sym')) files.add(path);
  }
  for (const path of index.sharedFiles()) {
    const isShown = index
      .ownersOf(path)
      .some((owner) => !hides(visibilityOf(owner.package), path, owner.type === 'sym'));
    if (isShown) files.delete(path);
  }
  const folders = new Set<string>();
  const candidates: { readonly folder: string; readonly isHidden: boolean }[] = [];
  for (const folder of index.folders()) {
    const sharers = index.packagesInFolder(folder);
    if (sharers.some((one) => visibilityOf(one) === 'full')) continue;
    candidates.push({ folder, isHidden: sharers.every((one) => visibilityOf(one) === 'hidden') });
  }
  // A folder has a longer path than the folder it lies in, and so is met before it.
  candidates.sort((left, right) => right.folder.length - left.folder.length);
  for (const { folder, isHidden } of candidates) {
    // A package that is shown for its programs keeps its empty folders; only what it loses entirely disappears.
    const names = listFolder(folder);
    const allHidden = names.every((name) => {
      const path = `${folder}/${name}`;
      return files.has(path) || folders.has(path);
    });
    if (allHidden && (names.length > 0 || isHidden)) folders.add(folder);
  }
  return { files, folders };
}

function hides(visibility: Visibility, path: string, isLink: boolean): boolean {
  return visibility === 'hidden' || (visibility === 'runtime' && isDevelopmentFile(path, isLink));
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
