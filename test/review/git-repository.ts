/** Small repositories of git for tests. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findInPath } from '../support/requirement.ts';

export const missingGit: string | undefined = findInPath('git')
  ? undefined
  : 'there is no git (apt install git)';

/** The files of a commit by path; undefined removes one. */
type Files = Readonly<Record<string, string | undefined>>;

export interface TestRepository {
  readonly top: string;
  git(...words: string[]): string;
  /** Writes or removes files in the working tree. */
  write(files: Files): void;
  /** Writes files and commits everything. @returns the id of the commit */
  commit(files: Files): string;
  remove(): void;
}

export const PROFILE: Files = {
  'profiles/repo_name': 'tiny\n',
  'profiles/categories': 'dev-test\n',
  'metadata/layout.conf': 'masters = gentoo\nthin-manifests = true\ncache-formats =\n',
};

/** Makes a repository with an empty branch `main`. @param top absent: a new folder of the system's temporary one */
export function createRepository(
  top = join(mkdtempSync(join(tmpdir(), 'ebuild-audit-git-')), 'tiny'),
): TestRepository {
  mkdirSync(top, { recursive: true });
  const environment = {
    PATH: process.env.PATH ?? '',
    HOME: top,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'A',
    GIT_AUTHOR_EMAIL: 'a@example.org',
    GIT_COMMITTER_NAME: 'A',
    GIT_COMMITTER_EMAIL: 'a@example.org',
  };
  const git = (...words: string[]) =>
    execFileSync('git', words, { cwd: top, env: environment, encoding: 'utf8' }).trim();
  const write = (files: Files) => {
    for (const [path, content] of Object.entries(files)) {
      const file = join(top, path);
      if (content === undefined) rmSync(file);
      else {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, content);
      }
    }
  };
  git('init', '--quiet', '--initial-branch=main');
  return {
    top,
    git,
    write,
    commit(files) {
      write(files);
      git('add', '--all');
      git('commit', '--quiet', '--allow-empty', '--message=change');
      return git('rev-parse', 'HEAD');
    },
    remove: () => rmSync(dirname(top), { recursive: true, force: true }),
  };
}
