import { createHash } from 'node:crypto';
import type { RootState } from '../../../host/root-state.ts';
import { createGenerationCache } from '../../../installed/generation-cache.ts';
import { isHidden } from '../../../installed/hidden-paths.ts';
import { isDevelopmentFile } from '../../../installed/visible-set.ts';
import { packageId } from '../../../pms/package-id.ts';
import type { TouchedFile } from '../../../trace/trace-context.ts';
import type { BuildView } from '../build-view.ts';

/** What a step asked of the view. In any view with the same {@link fingerprintTouched} it would have gone the same way. */
export interface Touched {
  /** Ids of the packages that own a file which was named, whether it was hidden or not. */
  readonly packages: readonly string[];
  /** Those among them of which a file was named that is only there to build against them (`isDevelopmentFile`). */
  readonly builtAgainst: readonly string[];
  /** Folders of the root that were named. */
  readonly folders: readonly string[];
  /** Those among them whose names were listed: what is hidden was missing there. */
  readonly listed: readonly string[];
}

/** Collects what a step touches; memory is bounded by the number of files that packages own. */
export interface TouchedCollector {
  readonly touch: (path: string) => readonly TouchedFile[];
  /** Takes notice of a path that a process named. */
  note(path: string, listed: boolean): void;
  result(): Touched;
}

/** The record of what is installed: `has_version` (PMS 12.3.1) reads the folder of a category. */
const VDB = /^\/var\/db\/pkg\/[^/]+/;

/** A path that is noted again after so many others does no harm. */
const MOST_PATHS = 20_000;

/** @param touch says which files a path leads to; the result's own `touch` does the same and remembers it */
export function createTouchedCollector(
  root: RootState,
  touch: (path: string) => readonly TouchedFile[],
): TouchedCollector {
  const files = new Set<string>();
  const packages = new Set<string>();
  const builtAgainst = new Set<string>();
  const folders = new Map<string, boolean>();
  const known = createGenerationCache<boolean>(MOST_PATHS);
  const addFolder = (path: string, listed: boolean) => {
    folders.set(path, listed || folders.get(path) === true);
  };
  const remember = (path: string): readonly TouchedFile[] => {
    const touched = touch(path);
    for (const file of touched) {
      if (files.has(file.path)) continue;
      files.add(file.path);
      // All of them: which one counts depends on the view.
      for (const owner of root.index.ownersOf(file.path)) {
        packages.add(packageId(owner.package));
        if (isDevelopmentFile(file.path, owner.type === 'sym')) builtAgainst.add(packageId(owner.package));
      }
    }
    return touched;
  };
  return {
    touch: remember,
    note(path, listed) {
      const before = known.get(path);
      if (before === true || before === listed) return;
      known.set(path, listed);
      const category = VDB.exec(path)?.[0];
      if (category !== undefined) addFolder(category, true);
      else if (remember(path).length === 0) {
        const folder = root.resolver.resolve(path).path;
        if (root.index.packagesInFolder(folder).length > 0) addFolder(folder, listed);
      }
    },
    result: () => ({
      packages: [...packages].sort(),
      builtAgainst: [...builtAgainst].sort(),
      folders: [...folders.keys()].sort(),
      listed: [...folders].flatMap(([path, listed]) => (listed ? [path] : [])).sort(),
    }),
  };
}

/** A digest of as much of a view as was touched: which of the packages it shows, how, and what it hides in the folders. */
export function fingerprintTouched(view: BuildView, touched: Touched): string {
  const hash = createHash('sha256');
  for (const id of touched.packages) {
    const one = view.byId.get(id);
    hash.update(`${id} ${one !== undefined && one.visibility !== 'hidden'}\n`);
  }
  for (const id of touched.builtAgainst) hash.update(`${id} ${view.byId.get(id)?.visibility}\n`);
  for (const folder of touched.folders) hash.update(`${folder} ${isHidden(view.hidden, folder)}\n`);
  for (const folder of touched.listed) {
    const names = [...(view.hidden.files.get(folder) ?? []), ...(view.hiddenFoldersIn.get(folder) ?? [])];
    hash.update(`${folder} ${names.sort().join('/')}\n`);
  }
  return hash.digest('hex');
}
