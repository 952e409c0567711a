import { basename } from 'node:path';
import { UserError } from '../errors/user-error.ts';
import type { Git } from './git.ts';

/** The two states of a repository that a review compares. */
export interface Range {
  /** The id of a commit, or of the empty tree. */
  readonly base: string;
  /** The id of a commit or, with a patch, a tree; undefined for the working tree. */
  readonly head: string | undefined;
  /** The absolute path of a patch or a mailbox that makes the head of the base; `head` is undefined then. */
  readonly patch?: string;
  /** The names of both for a sentence. */
  readonly baseName: string;
  readonly headName: string;
}

/** The branches that a change is usually made for, in the order in which they are looked for. */
const DEFAULTS = ['@{upstream}', 'refs/remotes/origin/HEAD', 'refs/heads/main', 'refs/heads/master'];

/**
 * Reads a range as git does: `A..B` are two commits, `A...B` begins at their common ancestor, and an empty side is HEAD. One revision is
 * compared with the working tree. The name of a file is a patch or a mailbox of patches for HEAD. Without a text, the working tree is compared with the common ancestor of HEAD and the upstream or default
 * branch.
 *
 * @throws UserError if a revision does not exist
 */
export async function resolveRange(text: string | undefined, git: Git): Promise<Range> {
  if (text === undefined || text === '') return resolveDefault(git);
  const patch = (await git.findCommit(text)) === undefined ? git.findPatch(text) : undefined;
  if (patch !== undefined) {
    const base = await demandCommit('HEAD', git);
    return { base, head: undefined, patch, baseName: 'HEAD', headName: basename(patch) };
  }
  const [, left = '', dots, right = ''] = /^(.*?)(?:(\.{2,3})(.*))?$/s.exec(text) ?? [];
  const [leftName, rightName] = [left || 'HEAD', right || 'HEAD'];
  const base = await demandCommit(leftName, git);
  if (dots === undefined) return { base, head: undefined, baseName: leftName, headName: 'the working tree' };
  const head = await demandCommit(rightName, git);
  if (dots === '..') return { base, head, baseName: leftName, headName: rightName };
  const ancestor = await git.findMergeBase(base, head);
  if (ancestor === undefined)
    throw new UserError(
      `${leftName} and ${rightName} have no common ancestor: name two commits with two dots, as in A..B.`,
    );
  return { base: ancestor, head, baseName: nameAncestor(ancestor, leftName), headName: rightName };
}

/** The range in which every file of the working tree is new. */
export async function resolveEverything(git: Git): Promise<Range> {
  const base = await git.findEmptyTree();
  return { base, head: undefined, baseName: 'nothing', headName: 'the working tree' };
}

async function resolveDefault(git: Git): Promise<Range> {
  const own = await demandCommit('HEAD', git);
  for (const name of DEFAULTS) {
    const branch = await git.findCommit(name);
    const ancestor = branch === undefined ? undefined : await git.findMergeBase(branch, own);
    if (ancestor !== undefined)
      return {
        base: ancestor,
        head: undefined,
        baseName: ancestor === own ? 'HEAD' : nameAncestor(ancestor, name.replace(/^refs\/\w+\//, '')),
        headName: 'the working tree',
      };
  }
  return { base: own, head: undefined, baseName: 'HEAD', headName: 'the working tree' };
}

const nameAncestor = (commit: string, branch: string) => `${commit.slice(0, 10)} of ${branch}`;

async function demandCommit(revision: string, git: Git): Promise<string> {
  const commit = await git.findCommit(revision);
  if (commit !== undefined) return commit;
  throw new UserError(
    revision === 'HEAD'
      ? 'The repository has no commit to compare with: make the first commit.'
      : `git knows no commit ${revision}: name a range of commits as in main..HEAD, or a branch, a tag or a commit ("git log" lists commits).`,
  );
}
