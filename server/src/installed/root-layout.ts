import { posix } from 'node:path';
import { type FileTree, isFolderOnMachine } from './file-tree.ts';
import type { LayerFiles } from './layer-files.ts';

/** One folder at the top of a root: `target` in the sandbox is `source` on this machine. */
export interface TopFolder {
  readonly target: string;
  readonly source: string;
  /** Folders of this machine whose contents lie above those of `source`, the lowest first: the layers of a stack. Absent: none. */
  readonly over?: readonly string[];
}

/** The top of a root as the sandbox shows it. */
export interface RootLayout {
  readonly path: string;
  readonly folders: readonly TopFolder[];
  /** Links at the top, such as `/bin → usr/bin` on a merged-usr system. */
  readonly links: readonly { readonly path: string; readonly target: string }[];
  /** What lies above the folders; absent: nothing. */
  readonly layers?: LayerFiles;
}

/**
 * The folders of a root into which packages install. Other folders at the top (homes, run-time state, kernel file systems)
 * are not part of a view: /proc, /dev, /tmp and /run are the sandbox's own.
 */
export const SHOWN: ReadonlySet<string> = new Set([
  'bin',
  'etc',
  'lib',
  'lib32',
  'lib64',
  'libx32',
  'opt',
  'sbin',
  'usr',
  'var',
]);

/**
 * Reads the top of a root.
 *
 * A top-level link to a folder of its own name (`ROOT/usr → /usr`, or as a relative one) leads out of the root and is followed. Any other link is
 * kept and resolved inside the root. Its target is shown too, even if it is not among the shown folders (`/opt → /srv/opt`).
 */
export async function readRootLayout(files: FileTree, root: string): Promise<RootLayout> {
  const folders: TopFolder[] = [];
  const links: { path: string; target: string }[] = [];
  for (const name of await files.list(root)) {
    if (!SHOWN.has(name)) continue;
    const source = posix.join(root, name);
    const link = await files.readLink(source);
    if (link === undefined) folders.push({ target: `/${name}`, source });
    else if (posix.resolve(root, link) === `/${name}` && root !== '/')
      folders.push({ target: `/${name}`, source: `/${name}` });
    else {
      links.push({ path: `/${name}`, target: link });
      const target = posix.resolve('/', link);
      const isElsewhere = target !== '/' && !SHOWN.has(target.split('/')[1] ?? '');
      const elsewhere = posix.join(root, target);
      if (isElsewhere && (await files.list(elsewhere)).length > 0)
        folders.push({ target, source: elsewhere });
    }
  }
  return { path: root, folders, links };
}

/**
 * The path on this machine of a path of the sandbox, or undefined if no folder has it. Links are not followed. Of a folder that layers and
 * base share it is that of the layers; see {@link locateAll}.
 */
export function locateOnMachine(layout: RootLayout, path: string): string | undefined {
  const source = locateInBase(layout, path);
  return source === undefined ? undefined : (layout.layers?.at(path)?.highest ?? source);
}

/** The same below the layers, if there are any. */
export function locateInBase({ folders }: Pick<RootLayout, 'folders'>, path: string): string | undefined {
  const top = folders.find(({ target }) => path === target || path.startsWith(`${target}/`));
  return top === undefined ? undefined : top.source + path.slice(top.target.length);
}

/** Where the base shows at a path, also through folders of layers; undefined if something of a layer lies over it. */
export function locateShownBase(
  layout: Pick<RootLayout, 'folders' | 'layers'>,
  path: string,
): string | undefined {
  const source = locateInBase(layout, path);
  const above = layout.layers?.at(path);
  if (source === undefined || above === undefined) return source;
  return above.isFolder && isFolderOnMachine(source) ? source : undefined;
}

/** Every path on this machine whose contents a path of the sandbox shows, the highest first. More than one are folders. */
export function locateAll(layout: Pick<RootLayout, 'folders' | 'layers'>, path: string): readonly string[] {
  const base = locateShownBase(layout, path);
  const above = locateInBase(layout, path) === undefined ? undefined : layout.layers?.at(path);
  return [...(above?.places() ?? []), ...(base === undefined ? [] : [base])];
}
