import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { findRepository } from '../../server/src/repository/ebuild-location.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ebuild-audit-repository-')));
afterAll(() => rmSync(folder, { recursive: true }));
const repository = join(folder, 'repo');
mkdirSync(join(repository, 'profiles/default/linux'), { recursive: true });
writeFileSync(join(repository, 'profiles/repo_name'), 'repo\n');
symlinkSync(repository, join(folder, 'link'));

test.each([
  ['a profile', 'repo/profiles/default/linux/package.mask', true],
  ['a file of a folder that is not there yet', 'repo/metadata/md5-cache/a/b-1', true],
  ['a file behind a link', 'link/eclass/my.eclass', true],
  ['the repository itself', 'repo', false],
  ['a file beside it', 'other/metadata.xml', false],
])('%s', (_name, path, isInside) => {
  expect(findRepository(join(folder, path))).toBe(isInside ? repository : undefined);
});
