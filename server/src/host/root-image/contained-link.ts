import { posix } from 'node:path';

/** Gives the target of the link at an absolute path inside a root, or undefined if there is none. */
export type ReadLink = (path: string) => string | undefined;

/** A number that is counted down while links are followed, so that hostile links cannot take hours. */
export interface Steps {
  left: number;
}

/** More than the kernel follows (path_resolution(7): 40), so a link that leads further leads nowhere for the kernel. */
const MOST_LINKS = 64;

/** Where a link leads: to a path without links inside the root; out of the root; or nowhere, because it goes in a circle. */
type End = { readonly path: string } | 'outside' | 'nowhere';

/**
 * Makes a target for a link of a root that leads to the same place whether the root is `/` or a folder of this machine: a link that is followed
 * on this machine must not leave the root.
 *
 * @param place absolute path of the link inside the root; its folders are no links
 * @param readLink the links of the root, each with the target that {@link asRelative} gave it
 * @returns undefined if the link leads nowhere
 */
export function containLink(
  place: string,
  target: string,
  readLink: ReadLink,
  steps: Steps,
): string | undefined {
  const relative = asRelative(place, target);
  const onMachine = follow(place, relative, readLink, steps, 'machine');
  if (onMachine === 'nowhere') return undefined;
  if (onMachine !== 'outside') return relative;
  const inRoot = follow(place, relative, readLink, steps, 'root');
  return typeof inRoot === 'string' ? undefined : asRelative(place, inRoot.path);
}

/** The target of a link as one that begins at its own folder. */
export function asRelative(place: string, target: string): string {
  if (!target.startsWith('/')) return target;
  const up = '../'.repeat(place.split('/').length - 2);
  return `${up}${target.replace(/^\/+/, '')}` || '.';
}

/**
 * Follows a link as the kernel does.
 *
 * @param as whether the root is a folder of this machine, above which there is more, or `/`
 */
function follow(
  place: string,
  target: string,
  readLink: ReadLink,
  steps: Steps,
  as: 'machine' | 'root',
): End {
  const at = posix.dirname(place).split('/').filter(Boolean);
  // The last name comes first out of the list.
  const names = target.split('/').reverse();
  let links = 0;
  for (let name = names.pop(); name !== undefined; name = names.pop()) {
    steps.left -= 1;
    if (steps.left < 0) return 'nowhere';
    if (name === '' || name === '.') continue;
    if (name === '..') {
      if (at.pop() === undefined && as === 'machine') return 'outside';
      continue;
    }
    const next = readLink(`/${[...at, name].join('/')}`);
    if (next === undefined) {
      at.push(name);
      continue;
    }
    links += 1;
    if (links > MOST_LINKS) return 'nowhere';
    if (next.startsWith('/')) {
      if (as === 'machine') return 'outside';
      at.length = 0;
    }
    names.push(...next.split('/').reverse());
  }
  return { path: `/${at.join('/')}` };
}
