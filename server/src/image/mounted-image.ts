import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { UserError } from '../errors/user-error.ts';
import type { RootState } from '../host/root-state.ts';
import { readLinkOnMachine } from '../installed/file-tree.ts';
import { type HiddenPaths, isHidden } from '../installed/hidden-paths.ts';
import { createPathResolver, type PathResolver } from '../installed/path-resolver.ts';
import { locateOnMachine } from '../installed/root-layout.ts';
import type { Bind, SandboxSpec, SymbolicLink } from '../sandbox/sandbox.ts';

/** An image that a view shows over the root. */
export interface MountedImage {
  readonly binds: readonly Bind[];
  /** The links of the image that lie in folders of the root. They lead wherever the view says, which may hide their ends. */
  readonly links: readonly SymbolicLink[];
  /** Resolves paths in the root under the image. */
  readonly resolver: PathResolver;
  /** What the view hides and the image does not bring itself. */
  readonly hidden: HiddenPaths;
  /** The path on this machine of a path of the sandbox without links; undefined if the image does not have it. */
  locate(path: string): string | undefined;
}

/** Limit in bindings: bubblewrap takes 9,000 arguments, three for each. */
const MOST_BINDS = 2500;

/** Folders of the sandbox's own, and those that are empty in it. */
const NOT_SHOWN =
  /^\/(?:dev|proc|sys|run|tmp|home|root)(?:\/|$)|^\/var\/(?:cache|log|tmp|db)(?:\/|$)|^\/usr\/(?:include|src|share\/(?:doc|gtk-doc|info|man))(?:\/|$)/;

/** Files that are only there to build against the package. */
const DEVELOPMENT = /\.(?:a|la|pc)$/;

/**
 * Plans how a view shows an image over a root: a folder that the root does not have is bound as a whole, and of any other folder each file.
 * Links are made as links. If they were bound as what they lead to, they would show what the view hides. Documentation and development
 * files are left out.
 *
 * @param image on this machine; hostile links in it may lead out of it
 * @param hidden the paths of the root that the view hides
 * @throws UserError if too many files are in folders of other packages
 */
export function mountImage(
  image: string,
  root: Pick<RootState, 'layout' | 'resolver'>,
  hidden: HiddenPaths,
): MountedImage {
  const { sources, links } = collectImage(image, root, hidden);
  if (sources.size > MOST_BINDS) {
    throw new UserError(
      `The package installs ${sources.size} files into folders of other packages, more than the ${MOST_BINDS} that can be shown: merge it and run the command there.`,
    );
  }
  const locate = (path: string) => {
    for (let at = path; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
      const source = sources.get(at);
      if (source !== undefined) return source + path.slice(at.length);
    }
    return undefined;
  };
  return {
    binds: [...sources].map(([target, source]) => ({ source, target, writable: false })),
    links: [...links].map(([path, target]) => ({ path, target })),
    resolver: createPathResolver(root.layout, readLinkOnMachine, (path) => {
      const place = locate(path);
      if (place !== undefined) return { link: readLinkOnMachine(place) };
      const link = links.get(path);
      return link === undefined ? undefined : { link };
    }),
    hidden: revealPaths(hidden, [...sources.keys(), ...links.keys()]),
    locate(path) {
      const place = locate(path);
      const stats = place === undefined ? undefined : lstatSync(place, { throwIfNoEntry: false });
      return stats === undefined || stats.isSymbolicLink() ? undefined : place;
    },
  };
}

/** Sorts what an image has into places that are bound, and links that are made. Both are keyed by their paths in the sandbox. */
function collectImage(
  image: string,
  root: Pick<RootState, 'layout' | 'resolver'>,
  hidden: HiddenPaths,
): { readonly sources: Map<string, string>; readonly links: Map<string, string> } {
  const sources = new Map<string, string>();
  const links = new Map<string, string>();
  const placeInRoot = (target: string) => {
    const place = locateOnMachine(root.layout, target);
    return place !== undefined && existsSync(place) && !isHidden(hidden, target) ? place : undefined;
  };
  const folders = [{ inner: '', target: '' }];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of readdirSync(image + folder.inner, { withFileTypes: true })) {
      const inner = `${folder.inner}/${entry.name}`;
      const named = `${folder.target}/${entry.name}`;
      if (NOT_SHOWN.test(named)) continue;
      const target = root.resolver.resolveParents(named);
      if (entry.isDirectory()) {
        const resolved = root.resolver.resolve(named).path;
        const isShared = placeInRoot(resolved) !== undefined || /^\/var(?:\/lib)?$/.test(resolved);
        if (isShared) folders.push({ inner, target: resolved });
        else sources.set(resolved, image + inner);
      } else if (entry.isFile()) {
        if (!DEVELOPMENT.test(named)) sources.set(target, image + inner);
      } else if (entry.isSymbolicLink() && !DEVELOPMENT.test(named)) {
        const link = readLinkOnMachine(image + inner);
        const place = placeInRoot(target);
        // As when a package is merged, a folder stays a folder.
        const isFolder = place !== undefined && lstatSync(place).isDirectory();
        if (link !== undefined && !isFolder) links.set(target, link);
      }
    }
  }
  return { sources, links };
}

/** What is still hidden when these paths are shown over a view. */
function revealPaths(hidden: HiddenPaths, paths: readonly string[]): HiddenPaths {
  const files = new Map(hidden.files);
  const folders = new Set(hidden.folders);
  for (const path of paths) {
    folders.delete(path);
    const slash = path.lastIndexOf('/');
    const names = files.get(path.slice(0, slash));
    if (names?.has(path.slice(slash + 1)) !== true) continue;
    files.set(path.slice(0, slash), new Set([...names].filter((name) => name !== path.slice(slash + 1))));
  }
  return { files, folders };
}

/** Adds an image to a sandbox: each link to the folder that it lies in, and the rest to the bindings. */
export function showImage(spec: SandboxSpec, image: MountedImage): SandboxSpec {
  const holderOf = ({ path }: SymbolicLink) =>
    spec.overlays
      .filter(({ target }) => path.startsWith(`${target}/`))
      .reduce<string | undefined>(
        (longest, { target }) => (target.length > (longest?.length ?? 0) ? target : longest),
        undefined,
      );
  return {
    ...spec,
    overlays: spec.overlays.map((overlay) => ({
      ...overlay,
      links: image.links.filter((link) => holderOf(link) === overlay.target),
    })),
    links: [...spec.links, ...image.links.filter((link) => holderOf(link) === undefined)],
    binds: [...spec.binds, ...image.binds],
  };
}
