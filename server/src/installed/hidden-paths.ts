import type { OwnerIndex } from './owner-index/owner-index.ts';
import type { InstalledPackage } from './vdb.ts';
import { isDevelopmentFile, type Visibility, type VisiblePackage } from './visible-set.ts';

/** What a view hides, as resolved paths of the sandbox. */
export interface HiddenPaths {
  /** The names of hidden files and links by the folder they lie in, which is empty for `/`. */
  readonly files: ReadonlyMap<string, ReadonlySet<string>>;
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
  const { files, keptFolders } = listHiddenFiles(index, visible.keys(), visibilityOf);
  const folders = new Set<string>();
  for (const { folder, isHidden } of listCandidates(index, visibilityOf)) {
    // Asking the machine takes most of the time.
    if (keptFolders.has(folder)) {
      keptFolders.add(folderOf(folder));
      continue;
    }
    const names = listFolder(folder);
    const hiddenFiles = files.get(folder);
    const allHidden = names.every(
      (name) => hiddenFiles?.has(name) || folders.has(`${folder}/${name}`) || name === COMPILED,
    );
    // A package that is shown for its programs keeps its empty folders; only what it loses entirely disappears.
    if (allHidden && (names.length > 0 || isHidden)) folders.add(folder);
    else if (names.length > 0) keptFolders.add(folderOf(folder));
  }
  return { files, folders };
}

/**
 * What Python has compiled (PEP 3147) may have no owner, and is nothing without its source. Were its folder left, the module would
 * seem to be there, as a namespace package.
 */
const COMPILED = '__pycache__';

interface HiddenFiles {
  readonly files: Map<string, Set<string>>;
  /** Folders with files that packages shown for running keep. */
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

/** Folders that no package records which is shown in full; each after those that lie in it. */
function listCandidates(index: OwnerIndex, visibilityOf: (installed: InstalledPackage) => Visibility) {
  const candidates: { readonly folder: string; readonly isHidden: boolean }[] = [];
  for (const folder of index.folders()) {
    const sharers = index.packagesInFolder(folder);
    if (sharers.some((one) => visibilityOf(one) === 'full')) continue;
    candidates.push({ folder, isHidden: sharers.every((one) => visibilityOf(one) === 'hidden') });
  }
  // A folder has a longer path than the folder it lies in.
  return candidates.sort((left, right) => right.folder.length - left.folder.length);
}

function hides(visibility: Visibility, path: string, isLink: boolean): boolean {
  return visibility === 'hidden' || (visibility === 'runtime' && isDevelopmentFile(path, isLink));
}

/**
 * The shortest list of whiteouts for one folder of the view, relative to it: what lies in a hidden folder needs none of its own.
 * The names of one folder follow each other.
 */
export function listWhiteouts(hidden: HiddenPaths, folder: string): string[] {
  const prefix = `${folder}/`;
  const whiteouts: string[] = [];
  for (const path of hidden.folders) {
    if (path.startsWith(prefix) && !hidden.folders.has(folderOf(path)))
      whiteouts.push(path.slice(prefix.length));
  }
  for (const [parent, names] of hidden.files) {
    const place = `${parent}/`;
    if (!place.startsWith(prefix) || hidden.folders.has(parent)) continue;
    const inner = place.slice(prefix.length);
    for (const name of names) whiteouts.push(inner + name);
  }
  return whiteouts;
}

/** Whether the view hides a resolved path. */
export function isHidden(hidden: HiddenPaths, path: string): boolean {
  return hidden.files.get(folderOf(path))?.has(nameOf(path)) === true || hidden.folders.has(path);
}

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));
const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
