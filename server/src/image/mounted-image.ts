import { existsSync, lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { posix } from 'node:path';
import { UserError } from '../errors/user-error.ts';
import type { RootState } from '../host/root-state.ts';
import { type HiddenPaths, isHidden } from '../installed/hidden-paths.ts';
import { locateOnMachine } from '../installed/root-layout.ts';
import type { Bind } from '../sandbox/sandbox.ts';

/** An image that a view shows over the root. */
export interface MountedImage {
  readonly binds: readonly Bind[];
  /** The path on this machine of a path of the sandbox; undefined if the image does not have it. Links in it are not followed. */
  locate(path: string): string | undefined;
}

/** Limit in bindings: bubblewrap takes 9,000 arguments, three for each. */
const MOST_BINDS = 2500;

/** Folders of the sandbox's own, and those that are empty in it. */
const NOT_SHOWN =
  /^\/(?:dev|proc|sys|run|tmp|home|root)(?:\/|$)|^\/var\/(?:cache|log|tmp|db)(?:\/|$)|^\/usr\/(?:include|src|share\/(?:doc|gtk-doc|info|man))(?:\/|$)/;

/** Files that are only there to build against the package. */
const DEVELOPMENT = /\.(?:a|la|pc)$/;

/** Limit in links that are followed one after another. */
const MOST_LINKS = 8;

/**
 * Plans the bindings that show an image over a root: a folder that the root does not have is bound as a whole, and of any other folder
 * each file. Dangling links, documentation and development files are left out.
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
  const sources = new Map<string, string>();
  const isInRoot = (target: string) => {
    const place = locateOnMachine(root.layout, target);
    return place !== undefined && existsSync(place) && !isHidden(hidden, target);
  };
  const folders = [{ inner: '', target: '' }];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of readdirSync(image + folder.inner, { withFileTypes: true })) {
      const inner = `${folder.inner}/${entry.name}`;
      const named = `${folder.target}/${entry.name}`;
      if (NOT_SHOWN.test(named)) continue;
      if (entry.isDirectory()) {
        const target = root.resolver.resolve(named).path;
        if (isInRoot(target) || /^\/var(?:\/lib)?$/.test(target)) folders.push({ inner, target });
        else sources.set(target, image + inner);
      } else if (!DEVELOPMENT.test(named)) {
        // A binding follows links, so the target of a link is bound.
        const source = entry.isFile() ? image + inner : findEnd(image, inner, root);
        if (source !== undefined) sources.set(root.resolver.resolveParents(named), source);
      }
    }
  }
  if (sources.size > MOST_BINDS) {
    throw new UserError(
      `The package installs ${sources.size} files into folders of other packages, more than the ${MOST_BINDS} that can be shown: merge it and run the command there.`,
    );
  }
  return {
    binds: [...sources].map(([target, source]) => ({ source, target, writable: false })),
    locate(path) {
      const target = root.resolver.resolveParents(path);
      for (let at = target; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
        const source = sources.get(at);
        if (source === undefined) continue;
        const place = source + target.slice(at.length);
        return existsSync(place) ? place : undefined;
      }
      return undefined;
    },
  };
}

/** The file or folder at the end of a link of an image, as a path of this machine without links; undefined if there is none. */
function findEnd(
  image: string,
  link: string,
  root: Pick<RootState, 'layout' | 'resolver'>,
): string | undefined {
  let path = link;
  for (let count = 0; count < MOST_LINKS; count++) {
    const place = locateWithoutLinks(image, path);
    const stats = place === undefined ? undefined : lstatSync(place, { throwIfNoEntry: false });
    if (place === undefined || stats === undefined) {
      const ofRoot = locateOnMachine(root.layout, root.resolver.resolve(path).path);
      return ofRoot !== undefined && existsSync(ofRoot) ? ofRoot : undefined;
    }
    if (stats.isFile() || stats.isDirectory()) return place;
    if (!stats.isSymbolicLink()) return undefined;
    path = posix.resolve(posix.dirname(path), readlinkSync(place));
  }
  return undefined;
}

/** The path on this machine of a path of an image; undefined if a folder on the way is a link. */
function locateWithoutLinks(image: string, path: string): string | undefined {
  const names = path.split('/').slice(1);
  const name = names.pop() ?? '';
  let place = image;
  for (const folder of names) {
    place = `${place}/${folder}`;
    if (lstatSync(place, { throwIfNoEntry: false })?.isDirectory() !== true) return undefined;
  }
  return `${place}/${name}`;
}
