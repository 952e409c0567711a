/** One entry of a comparison of two trees. Paths are below the top folder of the repository of git. */
export interface FileChange {
  readonly status: 'added' | 'changed' | 'removed' | 'renamed';
  /** The path at the head; at the base for a removed file. */
  readonly path: string;
  /** The path at the base of a renamed file. */
  readonly from?: string;
}

/** The part of git that a review needs. Nothing of it writes into the repository or runs a program that the repository names. */
export interface Git {
  /** The top folder of the working tree, as an absolute path without links. */
  readonly top: string;
  /** The id of the commit that a revision names (gitrevisions(7)); undefined if it names none. */
  findCommit(revision: string): Promise<string | undefined>;
  /** The id of the tree without files, which every repository has. */
  findEmptyTree(): Promise<string>;
  /** The id of the best common ancestor; undefined if there is none. */
  findMergeBase(left: string, right: string): Promise<string | undefined>;
  /** Whether the working tree is the same as HEAD, untracked files included. */
  isClean(): Promise<boolean>;
  /** @param head a commit or a tree; undefined for the working tree with its untracked files */
  listChanges(base: string, head: string | undefined): Promise<FileChange[]>;
  /** Writes the files of a commit or a tree into a new folder. */
  checkOut(commit: string, folder: string): Promise<void>;
  /** The id of the content of each regular file of a commit or a tree, by its path. */
  listContents(commit: string): Promise<ReadonlyMap<string, string>>;
  /** The absolute path of a file that a user has named; undefined if it is not a file. */
  findPatch(name: string): string | undefined;
  /**
   * Applies a patch or a mailbox to a commit.
   *
   * @param scratch an existing folder in which the changed files are kept
   * @returns the id of the tree, which only the other access to the repository knows
   * @throws UserError if it does not apply
   */
  applyPatch(
    file: string,
    base: string,
    scratch: string,
  ): Promise<{ readonly git: Git; readonly tree: string }>;
}

/** Reads what `git ls-tree -r -z` prints (git-ls-tree(1), "Output format"), without links and submodules. */
export function parseTreeList(output: string): ReadonlyMap<string, string> {
  const entries = output.split('\0').flatMap((entry): [string, string][] => {
    const [, id, path] = /^100\d{3} blob ([0-9a-f]+)\t(.+)$/s.exec(entry) ?? [];
    return id === undefined || path === undefined ? [] : [[path, id]];
  });
  return new Map(entries);
}

const STATUS: Readonly<Record<string, FileChange['status']>> = { A: 'added', D: 'removed' };

/**
 * Reads what `git diff --raw -z -M` prints (git-diff(1), "Raw output format"): a word of modes, ids and status, and then one path, or two for
 * a rename. In this format no name is quoted, so a name may contain everything but NUL. A truncated end is ignored.
 */
export function parseRawDiff(output: string): FileChange[] {
  const words = output.split('\0');
  const changes: FileChange[] = [];
  for (let at = 0; at + 1 < words.length; ) {
    const status = /^:\d{6} \d{6} \S+ \S+ ([A-Z])\d*$/.exec(words[at] ?? '')?.[1];
    if (status === undefined) break;
    const path = words[at + 1] ?? '';
    if (status === 'R' || status === 'C') {
      const to = words[at + 2];
      if (to === undefined) break;
      changes.push(
        status === 'R' ? { status: 'renamed', from: path, path: to } : { status: 'added', path: to },
      );
      at += 3;
    } else {
      changes.push({ status: STATUS[status] ?? 'changed', path });
      at += 2;
    }
  }
  return changes;
}
