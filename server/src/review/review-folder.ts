import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
} from 'node:fs';
import { join } from 'node:path';
import { removeTree } from '../files/remove-tree.ts';
import { findOwner, listAbandoned, nameForOwner, type Owner } from '../host/process-owner.ts';
import { nameReview } from '../host/review-place.ts';

/** The folder of one review, which is removed when the review ends. */
export interface ReviewFolder {
  /** Absolute, without links. */
  readonly path: string;
  remove(): Promise<void>;
}

/** Reviews of one clone at the same time. */
const MOST_REVIEWS = 100;

/**
 * Makes the folder of a review, and removes those that killed reviews have left. Reviews of a clone have the same few paths one after another,
 * because indexes are kept by the path of a repository and would pile up otherwise.
 *
 * @param home the state folder
 * @param top the clone
 * @throws an error of the file system
 */
export async function makeReviewFolder(home: string, top: string): Promise<ReviewFolder> {
  const owner = findOwner();
  mkdirSync(join(home, 'reviews'), { recursive: true });
  const reviews = realpathSync(join(home, 'reviews'));
  await removeAll(listAbandoned(reviews, owner));
  const made = mkdtempSync(join(reviews, nameForOwner('new', owner)));
  // The unprivileged user that builds for root must enter it.
  if (process.geteuid?.() === 0) chmodSync(made, 0o755);
  mkdirSync(join(made, uniqueName('owner', owner)));
  for (let number = 1; number <= MOST_REVIEWS; number++) {
    const path = join(reviews, nameReview(top, number));
    if (isLeft(path, owner)) await removeFolder(path, reviews, owner, (old) => isLeft(old, owner));
    if (!rename(made, path)) continue;
    return { path, remove: () => removeFolder(path, reviews, owner) };
  }
  return { path: made, remove: () => removeTree(made) };
}

/** Whether a review has left this folder: its process is gone, or it was removing the folder when it was killed. */
function isLeft(path: string, owner: Owner): boolean {
  if (!existsSync(path)) return false;
  const owners = readdirSync(path).filter((name) => name.startsWith('owner.'));
  return owners.length === 0 || listAbandoned(path, owner).length > 0;
}

/**
 * Removes a folder under another name, so that its path is free at once and never names half a folder.
 *
 * @param mayGo looks at it once more under that name, because another review may have taken the path meanwhile
 */
async function removeFolder(
  path: string,
  reviews: string,
  owner: Owner,
  mayGo: (old: string) => boolean = () => true,
): Promise<void> {
  const old = join(reviews, uniqueName('old', owner));
  if (!rename(path, old)) return;
  if (mayGo(old)) await removeAll([old]);
  else rename(old, path);
}

async function removeAll(paths: readonly string[]): Promise<void> {
  // One may belong to another user; the next review tries again.
  for (const path of paths) await removeTree(path).catch(() => {});
}

const uniqueName = (name: string, owner: Owner) =>
  `${nameForOwner(name, owner)}${randomBytes(3).toString('hex')}`;

/** @returns false if the target is there, or the source is not */
function rename(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'ENOENT') return false;
    throw error;
  }
}
