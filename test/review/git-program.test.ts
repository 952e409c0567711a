/** The port with git behind it, with real repositories. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect } from 'vitest';
import { openGit } from '../../server/src/review/git-program.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { createRepository, missingGit, type TestRepository } from './git-repository.ts';

const can = requireOrSkip(missingGit);
/** Names that a shell, an option parser or a reader of lines would take for something else. */
const HOSTILE = [
  'dev-test/a b/a b-1.ebuild',
  'dev-test/new\nline/x.ebuild',
  'dev-test/"quoted"/x.ebuild',
  'dev-test/$(touch ran)/x.ebuild',
  'dev-test/:100644 100644/x.ebuild',
  '--output=x/-y/-z.ebuild',
  'dev-test/ümläut/x.ebuild',
];

let repository: TestRepository;
let outside: string;
beforeEach(() => {
  if (missingGit !== undefined) return;
  repository = createRepository();
  outside = mkdtempSync(join(tmpdir(), 'ebuild-audit-outside-'));
});
afterEach(() => {
  repository?.remove();
  if (outside !== undefined) rmSync(outside, { recursive: true });
});

/** All files below a folder with their content and times, without the objects of git. */
function readAll(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .filter((name) => statSync(join(folder, name)).isFile())
    .map(
      (name) =>
        `${name} ${statSync(join(folder, name)).mtimeMs} ${readFileSync(join(folder, name), 'latin1')}`,
    );
}

describe('the changes', () => {
  can('have hostile names as they are, in commits and in the working tree', async () => {
    const base = repository.commit({});
    const files = Object.fromEntries(HOSTILE.map((name) => [name, `${name}\n`]));
    const head = repository.commit(files);
    const git = await openGit(repository.top);
    const expected = HOSTILE.map((path) => ({ status: 'added', path }));
    const sorted = (changes: readonly { readonly path: string }[]) =>
      [...changes].sort((left, right) => (left.path < right.path ? -1 : 1));
    expect(sorted(await git.listChanges(base, head))).toEqual(sorted(expected));
    repository.git('reset', '--quiet', base);
    expect(sorted(await git.listChanges(base, undefined))).toEqual(sorted(expected));
    expect(existsSync(join(repository.top, 'ran'))).toBe(false);
  });

  can('have renames, what is staged, what is not, and new files that are not ignored', async () => {
    const lines = Array.from({ length: 20 }, (_, at) => `line ${at}\n`).join('');
    const base = repository.commit({
      'a/b/b-1.ebuild': lines,
      'a/b/b-2.ebuild': 'two\n',
      'a/b/gone.ebuild': 'gone\n',
      '.gitignore': '*.orig\n',
    });
    repository.git('mv', 'a/b/b-1.ebuild', 'a/b/b-3.ebuild');
    repository.write({
      'a/b/b-3.ebuild': `${lines}more\n`,
      'a/b/b-2.ebuild': 'changed\n',
      'a/b/gone.ebuild': undefined,
      'a/b/b-4.ebuild': 'new\n',
      'a/b/b-4.ebuild.orig': 'ignored\n',
    });
    const git = await openGit(repository.top);
    expect(await git.listChanges(base, undefined)).toEqual([
      { status: 'changed', path: 'a/b/b-2.ebuild' },
      { status: 'renamed', from: 'a/b/b-1.ebuild', path: 'a/b/b-3.ebuild' },
      { status: 'removed', path: 'a/b/gone.ebuild' },
      { status: 'added', path: 'a/b/b-4.ebuild' },
    ]);
    expect(await git.isClean()).toBe(false);
    repository.git('add', '--all');
    repository.git('commit', '--quiet', '--message=all');
    expect(await git.isClean()).toBe(true);
    repository.git('config', 'status.showUntrackedFiles', 'no');
    repository.write({ 'a/b/new.ebuild': 'new\n' });
    expect(await git.isClean()).toBe(false);
  });
});

describe('the configuration of a repository', () => {
  can('runs no program, and nothing is written into it', async () => {
    const ran = join(outside, 'ran');
    const program = join(outside, 'program');
    writeFileSync(program, `#!/bin/sh\necho "$0 $*" >> ${ran}\ncat\n`, { mode: 0o755 });
    const base = repository.commit({
      'a/b/b-1.ebuild': 'one\n',
      '.gitattributes': '* filter=bad diff=bad\n',
    });
    const head = repository.commit({ 'a/b/b-1.ebuild': 'two\n' });
    const set = (key: string, value: string) => repository.git('config', key, value);
    for (const key of ['smudge', 'clean', 'process']) {
      set(`filter.bad.${key}`, program);
      // A name with "=" cannot be overridden by an argument of the form "key=value".
      set(`filter.b=d.${key}`, program);
    }
    set('filter.bad.required', 'true');
    for (const key of [
      'diff.external',
      'diff.bad.command',
      'diff.bad.textconv',
      'core.fsmonitor',
      'core.pager',
      'core.editor',
    ])
      set(key, program);
    const hooks = join(repository.top, '.git/hooks');
    mkdirSync(hooks, { recursive: true });
    for (const hook of ['post-checkout', 'post-index-change', 'reference-transaction'])
      writeFileSync(join(hooks, hook), readFileSync(program), { mode: 0o755 });
    writeFileSync(join(repository.top, '.gitattributes'), '* filter=b=d diff=bad\n');
    repository.write({ 'a/b/b-1.ebuild': 'three\n' });
    rmSync(ran, { force: true });

    const before = readAll(repository.top);
    const git = await openGit(repository.top);
    await git.findCommit('HEAD');
    await git.findMergeBase(base, head);
    expect(await git.isClean()).toBe(false);
    expect(await git.listChanges(base, head)).toEqual([{ status: 'changed', path: 'a/b/b-1.ebuild' }]);
    expect(await git.listChanges(base, undefined)).toHaveLength(2);
    await git.checkOut(base, join(outside, 'base'));
    expect(readFileSync(join(outside, 'base/a/b/b-1.ebuild'), 'utf8')).toBe('one\n');
    expect(existsSync(ran)).toBe(false);
    expect(readAll(repository.top)).toEqual(before);
    expect(repository.git('worktree', 'list').split('\n')).toHaveLength(1);
  });

  can('and its environment may name another repository, which is not read', async () => {
    const base = repository.commit({ a: 'a' });
    const other = createRepository();
    other.commit({ b: 'b' });
    const names = { GIT_DIR: join(other.top, '.git'), GIT_WORK_TREE: other.top, GIT_INDEX_FILE: '/nowhere' };
    Object.assign(process.env, names);
    try {
      const git = await openGit(repository.top);
      expect([git.top, await git.findCommit('HEAD')]).toEqual([repository.top, base]);
    } finally {
      for (const name of Object.keys(names)) delete process.env[name];
      other.remove();
    }
  });
});

describe('a checkout', () => {
  can('has the files of the commit, with hostile names, and leaves no index', async () => {
    const commit = repository.commit(Object.fromEntries(HOSTILE.map((name) => [name, `${name}\n`])));
    repository.commit(Object.fromEntries(HOSTILE.map((name) => [name, undefined])));
    const git = await openGit(repository.top);
    await git.checkOut(commit, join(outside, 'base'));
    for (const name of HOSTILE) expect(readFileSync(join(outside, 'base', name), 'utf8')).toBe(`${name}\n`);
    expect(readdirSync(outside)).toEqual(['base']);
  });

  can('of a damaged repository is refused with a sentence', async () => {
    const commit = repository.commit({ a: 'a' });
    rmSync(join(repository.top, '.git/objects'), { recursive: true });
    mkdirSync(join(repository.top, '.git/objects'));
    const git = await openGit(repository.top);
    await expect(git.checkOut(commit, join(outside, 'base'))).rejects.toThrow(
      /^git read-tree failed \(.+\): check the repository with "git fsck", and/,
    );
    expect(readdirSync(outside)).toEqual(['base']);
  });
});

describe('a revision', () => {
  can('that is an option or no commit is none', async () => {
    const commit = repository.commit({ a: 'a' });
    const git = await openGit(repository.top);
    expect(await git.findCommit('main')).toBe(commit);
    for (const revision of ['--all', '-h', 'nowhere', 'main:a', '', 'a\0b', '$(true)'])
      expect(await git.findCommit(revision), revision).toBeUndefined();
  });
});

can('a folder without a repository is refused with a sentence', async () => {
  await expect(openGit(outside)).rejects.toThrow(
    `${outside} cannot be reviewed, because git finds no working tree there (not a git repository (or any of the parent directories): .git): run the review in a git clone of the repository of ebuilds.`,
  );
});

can('a cancelled command rejects with the reason', async () => {
  repository.commit({ a: 'a' });
  const controller = new AbortController();
  const git = await openGit(repository.top, controller.signal);
  controller.abort(new Error('The review was cancelled.'));
  await expect(git.isClean()).rejects.toThrow('The review was cancelled.');
});
