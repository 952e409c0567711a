/** Patches and mailboxes, with real repositories. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect } from 'vitest';
import { openGit } from '../../server/src/review/git-program.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { createRepository, missingGit, type TestRepository } from './git-repository.ts';

const can = requireOrSkip(missingGit);
const FOO = 'dev-test/foo/foo-1.ebuild';
const FOO_2 = 'dev-test/foo/foo-2.ebuild';
const LINES = Array.from({ length: 30 }, (_, at) => `# line ${at} – ü\n`).join('');

let repository: TestRepository;
let outside: string;
let base: string;
/** The patch, in each form, that renames the first version, and then changes it again. */
const forms: Record<string, string> = {};
beforeEach(() => {
  if (missingGit !== undefined) return;
  outside = mkdtempSync(join(tmpdir(), 'ebuild-audit-patch-'));
  // Git separates such paths by colons and quotes them.
  repository = createRepository(join(outside, 'a:b "c"', 'tiny'));
  base = repository.commit({ [FOO]: LINES });
  repository.git('mv', FOO, FOO_2);
  repository.commit({ [FOO_2]: `${LINES}DEPEND="a/a"\n` });
  repository.commit({ [FOO_2]: `${LINES}DEPEND="b/b"\n` });
  const format = (...words: string[]) => `${repository.git('format-patch', '--stdout', ...words, base)}\n`;
  Object.assign(forms, {
    plain: `${repository.git('diff', '-M', base, 'HEAD')}\n`,
    mailbox: format('--cover-letter'),
    attached: format('--attach'),
    'one mail': `${repository.git('format-patch', '--stdout', '--root', '--no-stat', '-1', 'HEAD')}\n`,
  });
  repository.git('reset', '--quiet', '--hard', base);
  // Forget the commits, so that their files are only in the patch.
  repository.git('reflog', 'expire', '--expire=now', '--all');
  repository.git('gc', '--quiet', '--prune=now');
});
afterEach(() => {
  if (outside !== undefined) rmSync(outside, { recursive: true });
});

async function apply(text: string) {
  const file = join(outside, 'the.patch');
  const scratch = mkdtempSync(join(outside, 'scratch-'));
  writeFileSync(file, text);
  // With it, git would write a part of the index into the repository.
  repository.git('config', 'core.splitIndex', 'true');
  const before = listFiles(dirname(repository.top));
  const git = await openGit(repository.top);
  expect(git.findPatch('../../the.patch')).toBe(file);
  try {
    return { ...(await git.applyPatch(file, base, scratch)), scratch };
  } finally {
    expect(listFiles(dirname(repository.top))).toEqual(before);
  }
}

const listFiles = (folder: string) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();

describe('applied without a change of the repository is', () => {
  for (const form of ['plain', 'mailbox', 'attached'])
    can(`a patch: ${form}`, async () => {
      const { git, tree, scratch } = await apply(forms[form] ?? '');
      expect(await git.listChanges(base, tree)).toEqual([{ status: 'renamed', from: FOO, path: FOO_2 }]);
      await git.checkOut(tree, join(scratch, 'head'));
      expect(readFileSync(join(scratch, 'head', FOO_2), 'utf8')).toBe(`${LINES}DEPEND="b/b"\n`);
      expect(existsSync(join(scratch, 'head', FOO))).toBe(false);
      // The base is still found, and the tree is not in the repository.
      await git.checkOut(base, join(scratch, 'base'));
      expect(readFileSync(join(scratch, 'base', FOO), 'utf8')).toBe(LINES);
      const own = await openGit(repository.top);
      await expect(own.checkOut(tree, join(scratch, 'own'))).rejects.toThrow('git read-tree failed');
    });

  can('a mail in another encoding, without the line that begins a mailbox', async () => {
    const [head = '', ...body] = (forms.plain ?? '').split(/^(?=diff )/m);
    const mail = [
      'From: A <a@example.org>',
      'Subject: [PATCH] change',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: base64',
      '',
      Buffer.from(`text\n---\n${head}${body.join('')}`).toString('base64'),
      '',
    ].join('\n');
    const { git, tree } = await apply(mail);
    expect(await git.listChanges(base, tree)).toMatchObject([{ path: FOO_2 }]);
  });
});

describe('refused with a sentence is', () => {
  const refusals: readonly (readonly [string, () => string, string])[] = [
    [
      'a text without a patch',
      () => 'nothing\n',
      'has no patch: name a patch, a mailbox of patches or a range of commits.',
    ],
    ['an empty file', () => '', 'has no patch: name a patch, a mailbox of patches or a range of commits.'],
    [
      'a patch of another state',
      () => forms['one mail'] ?? '',
      'does not apply to HEAD (dev-test/foo/foo-2.ebuild: does not exist in index): check out the commit that it was made for.',
    ],
    [
      'a patch of a file outside',
      () => '--- /dev/null\n+++ b/../../out\n@@ -0,0 +1 @@\n+x\n',
      "does not apply to HEAD (invalid path '../../out'): check out the commit that it was made for.",
    ],
    ['a broken patch', () => 'diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1\n', 'does not apply to HEAD ('],
  ];
  for (const [name, text, sentence] of refusals)
    can(name, async () => {
      await expect(apply(text())).rejects.toThrow(`${join(outside, 'the.patch')} ${sentence}`);
      expect(existsSync(join(outside, 'out'))).toBe(false);
    });
});

can('a name of no file is no patch', async () => {
  const git = await openGit(repository.top);
  for (const name of ['nowhere', '.', 'a\0b', 'main..HEAD'])
    expect(git.findPatch(name), name).toBeUndefined();
});
