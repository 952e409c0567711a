import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createProviderFinder } from '../../../../server/src/trial/needs/atoms/other-providers.ts';
import { installed } from '../../../support/installed-package.ts';

const folder = mkdtempSync(join(tmpdir(), 'providers-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

write('main/profiles/repo_name', 'main\n');
write('main/profiles/categories', 'acct-user\napp-editors\ndev-util\ndev-python\n');
write('over/profiles/repo_name', 'over\n');
write('over/metadata/layout.conf', 'masters = main\n');
for (const name of [
  'dev-util/xxd/xxd-1',
  'app-editors/vim/vim-9',
  'acct-user/xxd/xxd-0',
  'dev-python/xxd/xxd-1',
  'dev-util/hexer-std/hexer-std-1',
  'app-editors/hexer-full/hexer-full-1',
  'dev-util/same/same-1',
  'app-editors/same/same-1',
])
  write(`main/${name}.ebuild`, 'EAPI=8\n');

const elsewhere = installed('app-editors/vim-core-9');
const root = {
  layout: { path: join(folder, 'root') },
  resolver: { resolve: (path: string) => ({ path, links: [] }) },
  index: {
    ownerOf: (path: string) => (path === '/usr/local/bin/xxd' ? { package: elsewhere } : undefined),
  },
} as unknown as Parameters<typeof createProviderFinder>[2];

const find = createProviderFinder(join(folder, 'over'), 'app-misc/foo', root);

test.each([
  ['app-editors/vim-9', 'xxd', ['dev-util/xxd', 'app-editors/vim-core']],
  ['dev-util/hexer-std-1', 'hexer', ['app-editors/hexer-full']],
  ['app-editors/vim-9', 'vimdiff', []],
  ['dev-util/same-1', 'same', []],
  ['app-editors/vim-9', '..', []],
])('of %s with %s', (owner, program, others) => {
  expect(find(installed(owner), program)).toEqual(others);
});

test('not the package of the ebuild itself', () => {
  const own = createProviderFinder(join(folder, 'over'), 'dev-util/xxd', root);
  expect(own(installed('app-editors/vim-9'), 'xxd')).toEqual(['app-editors/vim-core']);
});
