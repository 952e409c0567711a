import { join } from 'node:path';
import { createListedLinks, readLinkOnMachine } from '../installed/file-tree.ts';
import { type HiddenPaths, listHiddenPaths } from '../installed/hidden-paths.ts';
import { type Installation, indexPackages, readInstallation } from '../installed/installation.ts';
import { createLayerFiles } from '../installed/layer-files.ts';
import type { OwnerIndex } from '../installed/owner-index/owner-index.ts';
import { createPathResolver } from '../installed/path-resolver.ts';
import { type RootLayout, SHOWN, type TopFolder } from '../installed/root-layout.ts';
import type { InstalledPackage } from '../installed/vdb.ts';
import { groupByName } from '../installed/visible-set.ts';
import { packageId } from '../pms/package-id.ts';
import { createFolderList, type RootState } from './root-state.ts';

/** Layers that are put on a root. */
export interface Stack {
  readonly digest: string;
  /** Absolute paths of folders that look like a root, with `usr`, `etc`, a VDB and so on; the lowest first. */
  readonly layers: readonly string[];
  /** An absolute path of a folder for the index of their files. */
  readonly cacheFolder: string;
  /** Ids of installed packages that cannot be installed together with those of the layers. */
  readonly removed: readonly string[];
}

/** A root with layers on it. */
export interface StackedState extends RootState {
  /** The packages of the layers. */
  readonly added: Installation;
}

/** Puts layers on the folders of a root. */
function layOn(base: RootLayout, layers: readonly string[]): RootLayout {
  const files = createLayerFiles(layers);
  const known = new Set([...base.folders.map(({ target }) => target), ...base.links.map(({ path }) => path)]);
  const added = [...SHOWN].map((name) => `/${name}`).filter((target) => !known.has(target));
  return {
    ...base,
    folders: [
      ...base.folders.map((folder) => {
        const over = files.foldersAt(folder.target);
        return over.length === 0 ? folder : { ...folder, over };
      }),
      ...added.flatMap((target): TopFolder[] => {
        const [source, ...over] = files.foldersAt(target);
        return source === undefined ? [] : [{ target, source, over }];
      }),
    ],
    layers: files,
  };
}

/**
 * The state of a root with layers on it, as if their packages were installed there. A package replaces the installed one of the same slot.
 *
 * @param base a root that was read from disk
 * @param previous what was read of the same packages before, if anything
 */
export async function readStackedState(
  base: RootState,
  stack: Stack,
  previous?: Installation,
): Promise<StackedState> {
  const layout = layOn(base.layout, stack.layers);
  const resolver = createPathResolver(layout, readLinkOnMachine);
  const place = {
    // A name: the stored index is moved with its folder.
    root: `/stack-${stack.digest}`,
    vdbs: stack.layers.map((layer) => join(layer, 'var/db/pkg')),
    resolver,
    createReadingResolver: () => createPathResolver(layout, createListedLinks()),
    cacheFolder: stack.cacheFolder,
  };
  const added = await readInstallation(place, previous);
  const slots = new Set(added.packages.map(slotOf));
  const removed = new Set(stack.removed);
  const isReplaced = (installed: InstalledPackage) =>
    slots.has(slotOf(installed)) || removed.has(packageId(installed));
  const kept = base.packages.filter((installed) => !isReplaced(installed));
  const packages = [...kept, ...added.packages];
  const layers = base.installation?.layers ?? [];
  const index = indexPackages([...layers, ...added.layers], packages);
  const listFolder = createFolderList(layout);
  const gone = base.packages.filter(isReplaced);
  return {
    ...base,
    layout,
    resolver,
    packages,
    lookup: groupByName(packages),
    index,
    listFolder,
    problems: [...base.problems, ...added.problems],
    saved: added.saved,
    added,
    stack: {
      digest: stack.digest,
      replaced: listReplaced(indexPackages(layers, gone), gone, index, listFolder),
    },
  };
}

const slotOf = ({ category, name, slot }: InstalledPackage): string => `${category}/${name}:${slot}`;

/** The paths of some packages that no package of the stack has. */
function listReplaced(
  ofGone: OwnerIndex,
  gone: readonly InstalledPackage[],
  index: OwnerIndex,
  listFolder: RootState['listFolder'],
): HiddenPaths {
  const nothing = { visibility: 'hidden', reason: undefined, broughtBy: [] } as const;
  const all = listHiddenPaths(ofGone, new Map(gone.map((installed) => [installed, nothing])), listFolder);
  const files = new Map(
    [...all.files].map(([folder, names]) => [
      folder,
      new Set([...names].filter((name) => index.ownersOf(join(folder, name)).length === 0)),
    ]),
  );
  const records = gone.map((installed) => `/var/db/pkg/${packageId(installed)}`);
  const folders = [...all.folders].filter((folder) => index.packagesInFolder(folder).length === 0);
  return { files, folders: new Set([...folders, ...records]) };
}
