import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readEnabledFlags } from '../../server/src/check/enabled-flags.ts';
import type { Evaluate } from '../../server/src/evaluation/kept-evaluation.ts';

const folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-flags-'));
afterAll(() => rmSync(folder, { recursive: true }));
const root = join(folder, 'root');
const file = join(folder, 'overlay/dev-test/tool/tool-1.ebuild');

function put(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}
put('overlay/profiles/repo_name', 'overlay\n');
put('overlay/dev-test/tool/tool-1.ebuild', 'EAPI=8\nIUSE="+gui doc ssl"\n');
put('root/etc/portage/make.conf', 'USE="doc -gui"\n');
put('root/etc/portage/repos.conf', '[gentoo]\nlocation = /repo\n');
put('root/repo/profiles/repo_name', 'gentoo\n');
put('root/repo/profiles/only/make.defaults', 'ARCH="amd64"\nUSE="ssl"\n');
symlinkSync('../../repo/profiles/only', join(root, 'etc/portage/make.profile'));

const flags = (evaluate: Evaluate | undefined) =>
  readEnabledFlags(root, evaluate, { file, text: 'EAPI=8\n', iuse: ['+gui', 'doc', 'ssl'] });

test('the flags are the package manager’s where it answers', async () => {
  const evaluate = (async () => ({ use: ['gui'] })) as unknown as Evaluate;
  expect(await flags(evaluate)).toEqual({
    enabled: new Set(['gui']),
    source: 'package manager',
    approximation: undefined,
  });
});

test.each([
  ['there is none', undefined],
  ['it cannot', () => Promise.reject(new Error('no sandbox'))],
])('the flags are the files’ where %s, which is said', async (_name, evaluate) => {
  const { enabled, source, approximation } = await flags(evaluate);
  expect(source).toBe('files');
  expect(approximation).toMatch(/^\S.*\.$/);
  expect(['gui', 'doc', 'ssl'].filter((flag) => enabled.has(flag))).toEqual(['doc', 'ssl']);
});
