import { readdirSync } from 'node:fs';
import { decodePath } from '../files/path-bytes.ts';
import { toMachinePath } from './file-tree.ts';

/** Finds what layers have at a path. Layers never change, so each of their folders is listed only once. */
export interface LayerFiles {
  /**
   * What layers show at a path of the sandbox.
   *
   * @returns paths of this machine, the highest first; more than one are folders. `isFolder` is that of the highest.
   */
  at(path: string): { readonly places: readonly string[]; readonly isFolder: boolean };
  /** The folders that layers have at a path, the lowest first; empty if the highest has something else there, such as a link. */
  foldersAt(path: string): readonly string[];
}

const NOTHING: ReturnType<LayerFiles['at']> = { places: [], isFolder: false };

/** The numbers of layers that have a name in a folder, the highest first. */
interface Named {
  readonly layers: readonly number[];
  readonly isFolder: boolean;
}

/** @param layers folders that are laid out like a root, the lowest first */
export function createLayerFiles(layers: readonly string[]): LayerFiles {
  const folders = new Map<string, ReadonlyMap<string, Named>>();
  const all = layers.map((_, number) => number).reverse();

  const list = (folder: string): ReadonlyMap<string, Named> => {
    const known = folders.get(folder);
    if (known !== undefined) return known;
    const names = new Map<string, { layers: number[]; isFolder: boolean }>();
    for (const layer of folder === '' ? all : find(folder).layers)
      for (const { name, isFolder } of readFolder(layers[layer] + folder)) {
        const above = names.get(name);
        if (above === undefined) names.set(name, { layers: [layer], isFolder });
        // Below what is no folder nothing shows.
        else if (above.isFolder && isFolder) above.layers.push(layer);
      }
    folders.set(folder, names);
    return names;
  };
  const find = (path: string): Named => {
    const slash = path.lastIndexOf('/');
    const folder = path.slice(0, slash);
    if (folder !== '' && !find(folder).isFolder) return { layers: [], isFolder: false };
    return list(folder).get(path.slice(slash + 1)) ?? { layers: [], isFolder: false };
  };

  const at: LayerFiles['at'] = (path) => {
    const { layers: found, isFolder } = find(path);
    return found.length === 0 ? NOTHING : { places: found.map((layer) => layers[layer] + path), isFolder };
  };
  return {
    at,
    foldersAt(path) {
      const { places, isFolder } = at(path);
      return isFolder ? places.toReversed() : [];
    },
  };
}

function readFolder(path: string): { readonly name: string; readonly isFolder: boolean }[] {
  return readdirSync(toMachinePath(path), { withFileTypes: true, encoding: 'buffer' }).map((entry) => ({
    name: decodePath(entry.name),
    isFolder: entry.isDirectory(),
  }));
}
