import type { OwnerIndex } from './owner-index/owner-index.ts';
import type { InstalledPackage } from './vdb.ts';
import { isDevelopmentFile, type Visibility, type VisiblePackage } from './visible-set.ts';

/** The paths that a view hides, as resolved paths of the sandbox. */
export interface HiddenPaths {
  /** The names of hidden files and links by their folder, which is empty for `/`. */
  readonly files: ReadonlyMap<string, ReadonlySet<string>>;
  /** Folders with only hidden files. Each is hidden by one whiteout, as if it did not exist. */
  readonly folders: ReadonlySet<string>;
}

/**
 * Lists the paths that the view hides. A path of several packages is hidden only if each of them hides it, because it would
 * exist if only the visible one were installed.
 *
 * @param listFolder gives the names in a folder of the sandbox on this machine; a folder with unowned files stays visible,
 *   because unowned files are visible
 */
export function listHiddenPaths(
  index: OwnerIndex,
  visible: ReadonlyMap<InstalledPackage, VisiblePackage>,
  listFolder: (path: string) => readonly string[],
): HiddenPaths {
  const visibilityOf = (installed: InstalledPackage): Visibility =>
    visible.get(installed)?.visibility ?? 'hidden';
  const { files, keptFolders } = listHiddenFiles(index, visible.keys(), visibilityOf);
  const folders = new Set<string>();
  for (const { folder, isHidden } of listCandidates(index, visibilityOf)) {
    // Listing folders takes most of the time.
    if (keptFolders.has(folder)) {
      keptFolders.add(folderOf(folder));
      continue;
    }
    const names = listFolder(folder);
    const hiddenFiles = files.get(folder);
    const allHidden = names.every(
      (name) => hiddenFiles?.has(name) || folders.has(`${folder}/${name}`) || name === COMPILED,
    );
    // A package that is shown for running keeps its empty folders. Folders disappear if all their files are hidden.
    if (allHidden && (names.length > 0 || isHidden)) folders.add(folder);
    else if (names.length > 0) keptFolders.add(folderOf(folder));
  }
  return { files, folders };
}

/**
 * The folder of compiled Python modules (PEP 3147). It may have no owner, and is useless without the sources. If it stayed
 * visible, the module would still be found as a namespace package.
 */
const COMPILED = '__pycache__';

interface HiddenFiles {
  readonly files: Map<string, Set<string>>;
  /** Folders with visible files of packages that are shown for running. */
  readonly keptFolders: Set<string>;
}

function listHiddenFiles(
  index: OwnerIndex,
  packages: Iterable<InstalledPackage>,
  visibilityOf: (installed: InstalledPackage) => Visibility,
): HiddenFiles {
  const files = new Map<string, Set<string>>();
  const keptFolders = new Set<string>();
  for (const installed of packages) {
    const visibility = visibilityOf(installed);
    if (visibility === 'full') continue;
    for (const { path, folder, name, type } of index.filesOf(installed)) {
      if (!hides(visibility, path, type === 'sym')) keptFolders.add(folder);
      else {
        const names = files.get(folder);
        if (names === undefined) files.set(folder, new Set([name]));
        else names.add(name);
      }
    }
  }
  for (const path of index.sharedFiles()) {
    const isShown = index
      .ownersOf(path)
      .some((owner) => !hides(visibilityOf(owner.package), path, owner.type === 'sym'));
    if (isShown) files.get(folderOf(path))?.delete(nameOf(path));
  }
  return { files, keptFolders };
}

/** The folders that no fully visible package records. Folders inside a folder are listed before it. */
function listCandidates(index: OwnerIndex, visibilityOf: (installed: InstalledPackage) => Visibility) {
  const candidates: { readonly folder: string; readonly isHidden: boolean }[] = [];
  for (const folder of index.folders()) {
    const sharers = index.packagesInFolder(folder);
    if (sharers.some((installed) => visibilityOf(installed) === 'full')) continue;
    const isHidden = sharers.every((installed) => visibilityOf(installed) === 'hidden');
    candidates.push({ folder, isHidden });
  }
  // A folder has a longer path than the folder that contains it.
  return candidates.sort((left, right) => right.folder.length - left.folder.length);
}

function hides(visibility: Visibility, path: string, isLink: boolean): boolean {
  return visibility === 'hidden' || (visibility === 'runtime' && isDevelopmentFile(path, isLink));
}

/**
 * The shortest list of whiteouts for one folder of the view, relative to it: paths in a hidden folder need no whiteout.
 * The names of one folder are adjacent.
 */
export function listWhiteouts(hidden: HiddenPaths, folder: string): string[] {
  const prefix = `${folder}/`;
  const whiteouts: string[] = [];
  for (const path of hidden.folders) {
    if (path.startsWith(prefix) && !hidden.folders.has(folderOf(path)))
      whiteouts.push(path.slice(prefix.length));
  }
  for (const [parent, names] of hidden.files) {
    const start = `${parent}/`;
    if (!start.startsWith(prefix) || hidden.folders.has(parent)) continue;
    const inner = start.slice(prefix.length);
    for (const name of names) whiteouts.push(inner + name);
  }
  return whiteouts;
}

/** Joins what two reasons hide. */
export function joinHidden(first: HiddenPaths, second: HiddenPaths | undefined): HiddenPaths {
  if (second === undefined) return first;
  const files = new Map(first.files);
  for (const [folder, names] of second.files)
    files.set(folder, new Set([...(first.files.get(folder) ?? []), ...names]));
  return { files, folders: new Set([...first.folders, ...second.folders]) };
}

/** Whether the view hides a resolved path. */
export function isHidden(hidden: HiddenPaths, path: string): boolean {
  return hidden.files.get(folderOf(path))?.has(nameOf(path)) === true || hidden.folders.has(path);
}

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));
const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
