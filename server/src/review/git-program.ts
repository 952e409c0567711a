import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { UserError } from '../errors/user-error.ts';
import { decodePath, isPlainText } from '../files/path-bytes.ts';
import { type Git, parseRawDiff, parseTreeList } from './git.ts';
import { applyPatch, type RunGit } from './patch.ts';

/** Limit for the output of one command, in bytes. The raw difference of two trees of Gentoo's size has less than 50 MB. */
const LONGEST_OUTPUT = 2 ** 28;

/** Settings of a repository or a user that would make git run programs or ask the network, each with a value that does not. */
const HARMLESS: readonly (readonly [key: string, value: string])[] = [
  ['core.hooksPath', '/dev/null'],
  ['core.fsmonitor', 'false'],
  ['diff.external', ''],
  // The shared part of such an index lies in the repository.
  ['core.splitIndex', 'false'],
  // A sparse checkout would lack files.
  ['core.sparseCheckout', 'false'],
  ['diff.relative', 'false'],
];

const PLAIN_DIFF = ['--raw', '-z', '-M', '--no-abbrev', '--no-ext-diff', '--no-textconv', '--no-color'];

/**
 * Opens the repository of git that contains a folder. Its configuration is the user's or, in an unpacked archive, anybody's; so hooks, filters,
 * file-system monitors, external differences and lazy downloads are switched off.
 *
 * @param signal ends running commands; its reason is thrown
 * @throws UserError with a sentence if there is no git or no repository
 */
export async function openGit(folder: string, signal?: AbortSignal): Promise<Git> {
  const ask = (settings: typeof HARMLESS) => createCommand(folder, settings, signal);
  const shown = await ask(HARMLESS)(['rev-parse', '--show-toplevel']);
  const top = shown.stdout.replace(/\n$/, '');
  if (shown.status !== 0 || top === '') throw refuseFolder(folder, firstLine(shown.stderr));
  const filters = await ask(HARMLESS)(['config', '-z', '--name-only', '--get-regexp', '^filter\\.']);
  const settings = [...HARMLESS, ...withoutFilters(filters.stdout.split('\0'))];
  return createGit(top, folder, createCommand(top, settings, signal));
}

function createGit(top: string, folder: string, git: RunGit): Git {
  const demand = async (words: readonly string[], more: Environment = {}): Promise<string> => {
    const { status, stdout, stderr } = await git(words, more);
    if (status === 0) return stdout;
    throw new UserError(
      `git ${words[0]} failed (${firstLine(stderr)}): check the repository with "git fsck", and a shallow or partial clone with "git fetch --unshallow".`,
    );
  };
  return {
    top,
    async findCommit(revision) {
      // It would be an option, and no revision begins like that.
      if (revision.startsWith('-') || revision.includes('\0')) return undefined;
      const { status, stdout } = await git(['rev-parse', '--verify', '--quiet', `${revision}^{commit}`]);
      return status === 0 ? stdout.trim() : undefined;
    },
    // It depends on the hash that the repository uses. Nothing is written without -w.
    findEmptyTree: async () => (await demand(['hash-object', '-t', 'tree', '--stdin'])).trim(),
    async findMergeBase(left, right) {
      const { status, stdout } = await git(['merge-base', left, right]);
      return status === 0 ? stdout.trim() : undefined;
    },
    isClean: async () =>
      (await demand([
        'status',
        '--porcelain',
        '-z',
        '--untracked-files=normal',
        '--ignore-submodules=all',
      ])) === '',
    async listChanges(base, head) {
      const words = ['diff', ...PLAIN_DIFF, '--ignore-submodules=all', base, ...(head ? [head] : []), '--'];
      const changes = parseRawDiff(await demand(words));
      if (head !== undefined) return changes;
      const untracked = await demand(['ls-files', '-z', '--others', '--exclude-standard']);
      return [
        ...changes,
        ...untracked
          .split('\0')
          .filter((path) => path !== '')
          .map((path) => ({ status: 'added' as const, path })),
      ];
    },
    async checkOut(commit, into) {
      // With an index of its own, nothing is written into the repository, not even the list of its work trees.
      const index = { GIT_INDEX_FILE: `${into}.index` };
      mkdirSync(into, { recursive: true });
      try {
        await demand(['read-tree', commit], index);
        await demand(['checkout-index', '--all', '--quiet', `--prefix=${into}/`], index);
      } finally {
        rmSync(index.GIT_INDEX_FILE, { force: true });
      }
    },
    listContents: async (commit) =>
      parseTreeList(await demand(['ls-tree', '-r', '-z', '--full-tree', commit])),
    findPatch(name) {
      const path = resolve(folder, name);
      return isPlainText(name) && statSync(path, { throwIfNoEntry: false })?.isFile() === true
        ? path
        : undefined;
    },
    async applyPatch(file, base, scratch) {
      const { tree, environment } = await applyPatch(file, base, scratch, git);
      const run: RunGit = (words, more, input) => git(words, { ...environment, ...more }, input);
      return { git: createGit(top, folder, run), tree };
    },
  };
}

function refuseFolder(folder: string, reason: string): UserError {
  return new UserError(
    reason.includes('dubious ownership')
      ? `${folder} belongs to another user, so git does not read it: run the review as its owner, or trust it with "git config --global --add safe.directory FOLDER".`
      : `${folder} cannot be reviewed, because git finds no working tree there (${reason}): run the review in a git clone of the repository of ebuilds.`,
  );
}

type Environment = Readonly<Record<string, string>>;

/** Settings that empty every filter driver (gitattributes(5)) among the names of settings. */
function withoutFilters(names: readonly string[]): (readonly [string, string])[] {
  const drivers = new Set(names.flatMap((name) => /^(filter\..*)\.[^.]+$/s.exec(name)?.[1] ?? []));
  return [...drivers].flatMap((driver): (readonly [string, string])[] => [
    [`${driver}.clean`, ''],
    [`${driver}.smudge`, ''],
    [`${driver}.process`, ''],
    [`${driver}.required`, 'false'],
  ]);
}

/** Variables with which a user configures git. The others lead to another repository or run programs, and a hook sets some of them. */
const KEPT = /^GIT_CONFIG_(?:COUNT|KEY_\d+|VALUE_\d+|GLOBAL|SYSTEM|NOSYSTEM)$/;

function environmentFor(settings: readonly (readonly [string, string])[]): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_') || KEPT.test(name));
  const environment: NodeJS.ProcessEnv = Object.fromEntries(own);
  // After those of the user, because the last one counts. As variables, a name may contain "=".
  const first = Number(environment.GIT_CONFIG_COUNT ?? '0') || 0;
  for (const [at, [key, value]] of settings.entries()) {
    environment[`GIT_CONFIG_KEY_${first + at}`] = key;
    environment[`GIT_CONFIG_VALUE_${first + at}`] = value;
  }
  return {
    ...environment,
    GIT_CONFIG_COUNT: String(first + settings.length),
    // The index of the user is not even refreshed.
    GIT_OPTIONAL_LOCKS: '0',
    GIT_NO_LAZY_FETCH: '1',
    GIT_ALLOW_PROTOCOL: 'none',
    GIT_TERMINAL_PROMPT: '0',
    LC_ALL: 'C',
  };
}

function createCommand(
  folder: string,
  settings: readonly (readonly [string, string])[],
  signal: AbortSignal | undefined,
): RunGit {
  return (words, more = {}, input = '') =>
    new Promise((resolve, reject) => {
      const child = execFile(
        'git',
        ['--no-pager', ...words],
        {
          cwd: folder,
          env: { ...environmentFor(settings), ...more },
          encoding: 'buffer',
          maxBuffer: LONGEST_OUTPUT,
          ...(signal === undefined ? {} : { signal }),
        },
        (error, stdout, stderr) => {
          if (signal?.aborted === true) return reject(signal.reason);
          const code = (error as { code?: unknown } | null)?.code ?? 0;
          if (code === 'ENOENT')
            return reject(
              new UserError('git is missing, and a review reads the changes from it: install dev-vcs/git.'),
            );
          const status = typeof code === 'number' ? code : 1;
          resolve({ status, stdout: decodePath(stdout), stderr: decodePath(stderr) });
        },
      );
      // It need not read its input.
      child.stdin?.on('error', () => {});
      child.stdin?.end(input);
    });
}

function firstLine(text: string): string {
  return (
    text
      .split('\n')
      .find((line) => line !== '')
      ?.replace(/^fatal: /, '') ?? 'without a message'
  );
}
