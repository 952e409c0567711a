import { readdirSync } from 'node:fs';
import { decodePath } from '../files/path-bytes.ts';
import { toMachinePath } from './file-tree.ts';

/** What layers show at a path of the sandbox. */
export interface LayeredPlace {
  /** A path of this machine. */
  readonly highest: string;
  /** Whether the highest is a folder. */
  readonly isFolder: boolean;
  /** All paths of this machine, the highest first; more than one are folders. */
  places(): readonly string[];
}

/** Finds what layers have at a path. Layers never change, so each of their folders is listed only once. */
export interface LayerFiles {
  /** What layers show at a path of the sandbox; undefined if none has it. */
  at(path: string): LayeredPlace | undefined;
  /** The names in the folders that layers have at a path, each once. */
  namesIn(path: string): Iterable<string>;
  /** The folders that layers have at a path, the lowest first; empty if the highest has something else there, such as a link. */
  foldersAt(path: string): readonly string[];
}

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
    for (const layer of listLayers(folder))
      for (const { name, isFolder } of readFolder(layers[layer] + folder)) {
        const above = names.get(name);
        if (above === undefined) names.set(name, { layers: [layer], isFolder });
        // Below what is no folder nothing shows.
        else if (above.isFolder && isFolder) above.layers.push(layer);
      }
    folders.set(folder, names);
    return names;
  };
  const listLayers = (folder: string): readonly number[] => {
    if (folder === '') return all;
    const found = find(folder);
    return found?.isFolder === true ? found.layers : [];
  };
  // No path is looked up from the top: builds name many paths.
  const find = (path: string): Named | undefined => {
    const slash = path.lastIndexOf('/');
    return list(path.slice(0, slash)).get(path.slice(slash + 1));
  };

  const at = (path: string): LayeredPlace | undefined => {
    const found = find(path);
    const [highest] = found?.layers ?? [];
    if (found === undefined || highest === undefined) return undefined;
    return {
      highest: layers[highest] + path,
      isFolder: found.isFolder,
      places: () => found.layers.map((layer) => layers[layer] + path),
    };
  };
  return {
    at,
    namesIn: (path) => list(path).keys(),
    foldersAt(path) {
      const found = at(path);
      return found?.isFolder === true ? found.places().toReversed() : [];
    },
  };
}

function readFolder(path: string): { readonly name: string; readonly isFolder: boolean }[] {
  return readdirSync(toMachinePath(path), { withFileTypes: true, encoding: 'buffer' }).map((entry) => ({
    name: decodePath(entry.name),
    isFolder: entry.isDirectory(),
  }));
}
