import { describe, expect, test } from 'vitest';
import type { Git } from '../../server/src/review/git.ts';
import { resolveRange } from '../../server/src/review/range.ts';

/** A repository in which each of these names is a commit; two commits have the ancestor that `ancestors` says. */
function fakeGit(
  commits: Readonly<Record<string, string>>,
  ancestors: Readonly<Record<string, string>> = {},
): Git {
  const refuse = () => Promise.reject(new Error('not asked for a range'));
  return {
    top: '/repo',
    findCommit: async (revision) => commits[revision],
    findEmptyTree: refuse,
    findMergeBase: async (left, right) => ancestors[`${left} ${right}`],
    isClean: refuse,
    listChanges: refuse,
    checkOut: refuse,
    listContents: refuse,
    findPatch: (name) => (name.endsWith('.patch') ? `/repo/${name}` : undefined),
    applyPatch: refuse,
  };
}

const named = { HEAD: 'h1', main: 'm1', 'refs/heads/main': 'm1', 'v1..0': 'x' };

test.each([
  ['main..', { base: 'm1', head: 'h1', baseName: 'main', headName: 'HEAD' }],
  ['..main', { base: 'h1', head: 'm1', baseName: 'HEAD', headName: 'main' }],
  ['main..HEAD', { base: 'm1', head: 'h1', baseName: 'main', headName: 'HEAD' }],
  ['main...HEAD', { base: 'anc', head: 'h1', baseName: 'anc of main', headName: 'HEAD' }],
  [
    '../a.patch',
    { base: 'h1', head: undefined, patch: '/repo/../a.patch', baseName: 'HEAD', headName: 'a.patch' },
  ],
  ['main', { base: 'm1', head: undefined, baseName: 'main', headName: 'the working tree' }],
])('%s', async (text, expected) => {
  expect(await resolveRange(text, fakeGit(named, { 'm1 h1': 'anc' }))).toEqual(expected);
});

describe('without a range', () => {
  const resolve = async (commits: Readonly<Record<string, string>>, ancestors = {}) => {
    const { base, head, baseName } = await resolveRange(
      undefined,
      fakeGit({ HEAD: 'h1', ...commits }, ancestors),
    );
    return [base, head, baseName];
  };

  test('the working tree is compared with where the branch left its upstream', async () => {
    const commits = { '@{upstream}': 'u1', 'refs/heads/main': 'm1' };
    expect(await resolve(commits, { 'u1 h1': 'anc', 'm1 h1': 'other' })).toEqual([
      'anc',
      undefined,
      'anc of @{upstream}',
    ]);
  });

  test('or the default branch', async () => {
    expect(await resolve({ 'refs/remotes/origin/HEAD': 'o1' }, { 'o1 h1': 'anc' })).toEqual([
      'anc',
      undefined,
      'anc of origin/HEAD',
    ]);
    expect(await resolve({ 'refs/heads/master': 'm1' }, { 'm1 h1': 'anc' })).toEqual([
      'anc',
      undefined,
      'anc of master',
    ]);
  });

  test('and with HEAD on that branch, or if there is none', async () => {
    expect(await resolve({ 'refs/heads/main': 'h1' }, { 'h1 h1': 'h1' })).toEqual(['h1', undefined, 'HEAD']);
    expect(await resolve({})).toEqual(['h1', undefined, 'HEAD']);
    expect(await resolve({ 'refs/heads/main': 'm1' })).toEqual(['h1', undefined, 'HEAD']);
  });
});

test.each([
  [
    'nowhere',
    'git knows no commit nowhere: name a range of commits as in main..HEAD, or a branch, a tag or a commit ("git log" lists commits).',
  ],
  [
    'main..nowhere',
    'git knows no commit nowhere: name a range of commits as in main..HEAD, or a branch, a tag or a commit ("git log" lists commits).',
  ],
  ['main...HEAD', 'main and HEAD have no common ancestor: name two commits with two dots, as in A..B.'],
])('%s is refused', async (text, sentence) => {
  await expect(resolveRange(text, fakeGit(named))).rejects.toThrow(sentence);
});

test('a repository without a commit is refused', async () => {
  await expect(resolveRange(undefined, fakeGit({}))).rejects.toThrow(
    'The repository has no commit to compare with: make the first commit.',
  );
});
