import { existsSync, mkdirSync, readdirSync, symlinkSync, utimesSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Git } from './git.ts';
import type { Range } from './range.ts';

/** Both states of a repository on disk. */
export interface Checkouts {
  /** The top folder of each, with the same layout as that of the user. */
  readonly base: string;
  readonly head: string;
}

/**
 * Checks out the base of a range, and its head unless that is the user's own working tree.
 *
 * @param folder the folder of the review
 * @throws UserError if git cannot check out, and errors of the file system such as ENOSPC
 */
export async function makeCheckouts(folder: string, git: Git, { base, head }: Range): Promise<Checkouts> {
  const isOwn = head === undefined || (head === (await git.findCommit('HEAD')) && (await git.isClean()));
  return {
    base: await checkOut(git, base, join(folder, 'base')),
    head: isOwn ? git.top : await checkOut(git, head, join(folder, 'head')),
  };
}

/** The files of a repository of ebuilds of which a trial's inputs have the time and not the content; see `readConfiguration`. */
const CONFIGURATION = /(?:^|\/)(?:metadata\/layout\.conf$|profiles\/)/;

/**
 * A time that a file has whenever it is checked out with the same content, and hardly with another one, so that the records of an earlier
 * review of the commit answer. In seconds since the epoch, between 1970 and 2004.
 *
 * @param id of the content
 */
function timeFor(id: string): number {
  return Number.parseInt(id.slice(0, 12), 16) % 2 ** 30;
}

/** Checks out a commit with the repositories beside it, because its masters may be there. */
async function checkOut(git: Git, commit: string, parent: string): Promise<string> {
  mkdirSync(parent);
  // The folder's name is the repository's if it has no other (PMS 4.4).
  const place = join(parent, basename(git.top) || 'repository');
  await git.checkOut(commit, place);
  for (const [path, id] of await git.listContents(commit)) {
    const file = join(place, path);
    // A name that is not UTF-8 is no file of a repository of ebuilds (PMS 2.1).
    if (CONFIGURATION.test(path) && existsSync(file)) utimesSync(file, timeFor(id), timeFor(id));
  }
  for (const neighbour of listNeighbours(git.top)) symlinkSync(neighbour, join(parent, basename(neighbour)));
  return place;
}

function listNeighbours(top: string): string[] {
  try {
    return readdirSync(dirname(top))
      .map((name) => join(dirname(top), name))
      .filter((path) => path !== top && existsSync(join(path, 'profiles/repo_name')));
  } catch {
    // A folder that may be entered and not listed.
    return [];
  }
}
