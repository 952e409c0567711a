import { posix } from 'node:path';
import { createGenerationCache } from './generation-cache.ts';
import { locateOnMachine, type RootLayout } from './root-layout.ts';

/** A path as the kernel resolves it (path_resolution(7)), seen from inside the root. */
export interface ResolvedPath {
  /** The path without `.`, `..` and symbolic links. */
  readonly path: string;
  /** The links that were followed on the way, each with its parent folders resolved. */
  readonly links: readonly string[];
}

/** Resolves paths of the sandbox. Results are cached, because a build accesses the same paths again and again. */
export interface PathResolver {
  resolve(path: string): ResolvedPath;
  /** Resolves only the parent folders, as CONTENTS does on a merged-usr system. */
  resolveParents(path: string): string;
}

/** The number of cached results: enough for the folders of a large root, and a limit for a build that invents names. */
const MOST_ANSWERS = 50_000;

/** The number of links after which Linux gives up (path_resolution(7)). */
const MAXIMUM_LINKS = 40;

/**
 * @param readLink gives the target of the link at a path of this machine, or undefined if it is not a link
 * @param shownOver gives what a view shows at a path of the sandbox in place of the root, and the target if it is a link; undefined if it
 *   shows the root there
 */
export function createPathResolver(
  layout: RootLayout,
  readLink: (path: string) => string | undefined,
  shownOver: (path: string) => { readonly link: string | undefined } | undefined = () => undefined,
): PathResolver {
  const topLinks = new Map(layout.links.map(({ path, target }) => [path, target]));
  const cache = createGenerationCache<ResolvedPath>(MOST_ANSWERS);

  const linkAt = (path: string): string | undefined => {
    const over = shownOver(path);
    if (over !== undefined) return over.link;
    const top = topLinks.get(path);
    if (top !== undefined) return top;
    const machinePath = locateOnMachine(layout, path);
    // A top folder that leads out of the root is a link on the machine, but a plain folder in the sandbox.
    if (machinePath === undefined || layout.folders.some(({ target }) => target === path)) return undefined;
    return readLink(machinePath);
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
        // `path` is a slice, which takes no memory of its own. This matters for folders that are a thousand deep.
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

/** Removes doubled and trailing slashes. It keeps `..`, because links before it must be followed first. */
function trimPath(path: string): string {
  const single = path.includes('//') ? path.replace(/\/{2,}/g, '/') : path;
  return single.length > 1 && single.endsWith('/') ? single.slice(0, -1) : single;
}
