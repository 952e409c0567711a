import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  symlinkSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { removeTree } from '../files/remove-tree.ts';
import { findOwner, listAbandoned, nameForOwner } from '../host/process-owner.ts';
import type { Git } from './git.ts';
import type { Range } from './range.ts';

/** Both states of a repository on disk. */
export interface Checkouts {
  /** The top folder of each, with the same layout as that of the user. */
  readonly base: string;
  readonly head: string;
  remove(): Promise<void>;
}

/**
 * Checks out the base of a range, and its head unless that is the user's own working tree. Folders that killed reviews have left are removed.
 *
 * @param home the state folder; the checkouts lie below it until they are removed
 * @throws UserError if git cannot check out, and errors of the file system such as ENOSPC; nothing is left behind then
 */
export async function makeCheckouts(home: string, git: Git, { base, head }: Range): Promise<Checkouts> {
  const owner = findOwner();
  const reviews = join(home, 'reviews');
  mkdirSync(reviews, { recursive: true });
  // It may belong to another user; the next review tries again.
  for (const abandoned of listAbandoned(reviews, owner)) await removeTree(abandoned).catch(() => {});
  // Without links, as the messages of trials have it.
  const folder = realpathSync(mkdtempSync(join(reviews, nameForOwner('review', owner))));
  try {
    // The unprivileged user that builds for root must enter it.
    if (process.geteuid?.() === 0) chmodSync(folder, 0o755);
    const isOwn = head === undefined || (head === (await git.findCommit('HEAD')) && (await git.isClean()));
    const places = {
      base: await checkOut(git, base, join(folder, 'base')),
      head: isOwn ? git.top : await checkOut(git, head, join(folder, 'head')),
    };
    return { ...places, remove: () => removeTree(folder) };
  } catch (error) {
    await removeTree(folder);
    throw error;
  }
}

/** Checks out a commit with the repositories beside it, because its masters may be there. */
async function checkOut(git: Git, commit: string, parent: string): Promise<string> {
  mkdirSync(parent);
  // The folder's name is the repository's if it has no other (PMS 4.4).
  const place = join(parent, basename(git.top) || 'repository');
  await git.checkOut(commit, place);
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
