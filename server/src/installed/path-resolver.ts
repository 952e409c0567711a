import { posix } from 'node:path';
import { createGenerationCache } from './generation-cache.ts';
import { locateOnMachine, type RootLayout } from './root-layout.ts';

/** A path after the kernel's own walk (path_resolution(7)), as seen from inside the root. */
export interface ResolvedPath {
  /** The path without `.`, `..` and symbolic links. */
  readonly path: string;
  /** The links that were followed on the way, each with its parent folders resolved. */
  readonly links: readonly string[];
}

/** Resolves paths of the sandbox; answers are cached, because a build names the same paths again and again. */
export interface PathResolver {
  resolve(path: string): ResolvedPath;
  /** Resolves the parent folders only, which is how CONTENTS names a path on a merged-usr system. */
  resolveParents(path: string): string;
}

/** Enough for the folders of a large root; a build that makes up names costs no more memory than that. */
const MOST_ANSWERS = 50_000;

/** Linux gives up after 40 links (path_resolution(7)). */
const MAXIMUM_LINKS = 40;

/**
 * @param readLink the target of the link at a path of this machine, or undefined when it is not a link
 */
export function createPathResolver(
  layout: RootLayout,
  readLink: (path: string) => string | undefined,
): PathResolver {
  const topLinks = new Map(layout.links.map(({ path, target }) => [path, target]));
  const cache = createGenerationCache<ResolvedPath>(MOST_ANSWERS);

  const linkAt = (path: string): string | undefined => {
    const top = topLinks.get(path);
    if (top !== undefined) return top;
    const place = locateOnMachine(layout, path);
    // The folder at the top is itself a link on the machine when it leads out of the root; inside it is a plain folder.
    if (place === undefined || layout.folders.some(({ target }) => target === path)) return undefined;
    return readLink(place);
  };

  const walk = (path: string, depth: number): ResolvedPath => {
    const known = cache.get(path);
    if (known !== undefined) return known;
    const slash = path.lastIndexOf('/');
    const name = path.slice(slash + 1);
    let answer: ResolvedPath;
    if (name === '') answer = { path: '/', links: [] };
    else {
      const parent = slash <= 0 ? '/' : path.slice(0, slash);
      const folder = walk(parent, depth);
      if (name === '.') answer = folder;
      else if (name === '..') answer = { path: posix.dirname(folder.path), links: folder.links };
      else {
        // A part of a string takes no memory of its own, which matters for folders a thousand deep.
        const here =
          folder.path === parent ? path : folder.path === '/' ? `/${name}` : `${folder.path}/${name}`;
        const target = depth < MAXIMUM_LINKS ? linkAt(here) : undefined;
        if (target === undefined) answer = { path: here, links: folder.links };
        else {
          const next = walk(
            target.startsWith('/') ? trimPath(target) : trimPath(`${folder.path}/${target}`),
            depth + 1,
          );
          answer = { path: next.path, links: [...folder.links, here, ...next.links] };
        }
      }
    }
    cache.set(path, answer);
    return answer;
  };

  const resolve = (path: string): ResolvedPath => walk(trimPath(path), 0);
  return {
    resolve,
    resolveParents(path) {
      const trimmed = trimPath(path);
      const parent = resolve(posix.dirname(trimmed)).path;
      return parent === '/' ? trimmed : `${parent}/${posix.basename(trimmed)}`;
    },
  };
}

/** Removes doubled and trailing slashes only: `..` must be left for the walk, because it follows links first. */
function trimPath(path: string): string {
  const single = path.includes('//') ? path.replace(/\/{2,}/g, '/') : path;
  return single.length > 1 && single.endsWith('/') ? single.slice(0, -1) : single;
}
