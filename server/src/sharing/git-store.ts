import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type ObjectStore, StoreProblem } from './object-store.ts';

/** `git:FOLDER#BRANCH` */
export const GIT_PLACE = /^git:(.+)#([\w][\w./-]*)$/;

/** Settings of a repository that would make these commands of git run programs or ask the network. */
const HARMLESS = ['core.hooksPath=/dev/null', 'core.fsmonitor=false', 'core.splitIndex=false'];
/** A commit names neither the user nor the machine. */
const NOBODY = { NAME: 'Ebuild Audit', EMAIL: 'records@ebuild-audit.invalid' };

/** In bytes, beyond the object that is read. */
const OTHER_OUTPUT = 64 * 1024;

/** The number of times that a commit is made anew, because another process was faster. */
const MOST_TRIES = 5;

interface Output {
  readonly status: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/**
 * Opens a branch of a clone as a store: `ac/KEY` and `cas/SHA256` are files of it. The working tree and the index are not touched, and
 * nothing is fetched or pushed.
 */
export function openBranch(place: string): ObjectStore {
  const [, folder = '', branch = ''] = GIT_PLACE.exec(place) ?? [];
  const ref = `refs/heads/${branch}`;
  const run = (words: readonly string[], given: Given = {}) => runGit(resolve(folder), words, given);
  const demand = async (words: readonly string[], given: Given = {}): Promise<string> => {
    const { status, stdout, stderr } = await run(words, given);
    if (status !== 0)
      throw new StoreProblem(`git ${words[0]} failed (${stderr.split('\n')[0]?.replace(/\.$/, '')})`, true);
    return stdout.toString('utf8').trim();
  };
  return {
    shown: place,
    async get(kind, key, limit, signal) {
      const output = await run(['cat-file', '--batch'], {
        input: `${ref}:${kind}/${key}\n`,
        limit: limit + OTHER_OUTPUT,
        signal,
      });
      if (output.status !== 0)
        throw new StoreProblem(
          `git cannot read it (${output.stderr.split('\n')[0]?.replace(/\.$/, '')})`,
          true,
        );
      const end = output.stdout.indexOf('\n');
      const [, type, size] = output.stdout.toString('latin1', 0, end).split(' ');
      if (type !== 'blob') return undefined;
      if (Number(size) > limit) throw new StoreProblem(`it has more than ${limit} bytes`);
      return output.stdout.subarray(end + 1, end + 1 + Number(size));
    },
    async put(kind, key, bytes, signal) {
      const blob = await demand(['hash-object', '-w', '--no-filters', '--stdin'], { input: bytes, signal });
      const scratch = mkdtempSync(join(tmpdir(), 'ebuild-audit-index-'));
      const environment = { GIT_INDEX_FILE: join(scratch, 'index') };
      try {
        for (let tries = 0; tries < MOST_TRIES; tries++) {
          const parent = await run(['rev-parse', '--verify', '--quiet', `${ref}^{commit}`], { signal });
          const before = parent.status === 0 ? parent.stdout.toString('utf8').trim() : undefined;
          if (before !== undefined) await demand(['read-tree', before], { environment, signal });
          const entry = `100644,${blob},${kind}/${key}`;
          await demand(['update-index', '--add', '--cacheinfo', entry], { environment, signal });
          const tree = await demand(['write-tree'], { environment, signal });
          const parents = before === undefined ? [] : ['-p', before];
          const words = ['commit-tree', ...parents, '-m', `Record ${key.slice(0, 12)}`, tree];
          const commit = await demand(words, { signal });
          const moved = await run(['update-ref', ref, commit, before ?? ''], { signal });
          if (moved.status === 0) return;
        }
        throw new StoreProblem(`the branch ${branch} cannot be moved`, true);
      } finally {
        rmSync(scratch, { recursive: true, force: true });
      }
    },
  };
}

interface Given {
  readonly input?: string | Uint8Array;
  readonly environment?: Readonly<Record<string, string>>;
  /** For the output, in bytes. */
  readonly limit?: number;
  readonly signal?: AbortSignal | undefined;
}

function runGit(
  folder: string,
  words: readonly string[],
  { input = '', environment = {}, limit = OTHER_OUTPUT, signal }: Given,
): Promise<Output> {
  const settings = HARMLESS.flatMap((setting) => ['-c', setting]);
  const child = spawn('git', [...settings, '-C', folder, ...words], {
    env: {
      PATH: process.env.PATH ?? '',
      HOME: process.env.HOME ?? '',
      LC_ALL: 'C.UTF-8',
      GIT_NO_LAZY_FETCH: '1',
      GIT_TERMINAL_PROMPT: '0',
      ...Object.fromEntries(
        Object.entries(NOBODY).flatMap(([name, value]) => [
          [`GIT_AUTHOR_${name}`, value],
          [`GIT_COMMITTER_${name}`, value],
        ]),
      ),
      ...environment,
    },
    ...(signal !== undefined && { signal }),
  });
  const parts: Buffer[] = [];
  let length = 0;
  let stderr = '';
  child.stdout.on('data', (part: Buffer) => {
    length += part.length;
    if (length > limit) child.kill();
    else parts.push(part);
  });
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    if (stderr.length < OTHER_OUTPUT) stderr += part;
  });
  // git may end before it has read everything.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return new Promise((done, fail) => {
    child.on('error', (error) => {
      if (signal?.aborted === true) fail(signal.reason);
      else fail(new StoreProblem(`git cannot be run (${(error as NodeJS.ErrnoException).code})`, true));
    });
    child.on('close', (status) => {
      if (length > limit) fail(new StoreProblem(`it has more than ${limit} bytes`));
      else done({ status, stdout: Buffer.concat(parts), stderr });
    });
  });
}
