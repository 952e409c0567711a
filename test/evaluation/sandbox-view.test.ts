import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { describeView } from '../../server/src/evaluation/sandbox-view.ts';
import { makeWorkFolder } from '../../server/src/evaluation/work-folder.ts';
import { machineFiles } from '../../server/src/installed/file-tree.ts';
import { readRootLayout } from '../../server/src/installed/root-layout.ts';
import { locateEbuild } from '../../server/src/repository/ebuild-location.ts';

const machine = mkdtempSync(join(tmpdir(), 'view-'));
afterAll(() => rmSync(machine, { recursive: true }));
const root = join(machine, 'root');
for (const folder of [
  'etc',
  'home/me',
  'root',
  'usr/lib',
  'var/db/pkg',
  'var/db/repos',
  'var/lib/portage',
  'var/lib/secrets',
]) {
  mkdirSync(join(root, folder), { recursive: true });
}
symlinkSync('usr/lib', join(root, 'lib'));
// A repository outside of the root, which repos.conf names through a link.
const overlay = join(machine, 'overlay');
for (const folder of ['profiles', 'app-misc/foo']) mkdirSync(join(overlay, folder), { recursive: true });
writeFileSync(join(overlay, 'profiles/repo_name'), 'mine\n');
for (const version of ['1', '2']) writeFileSync(join(overlay, `app-misc/foo/foo-${version}.ebuild`), 'saved');
symlinkSync(overlay, join(root, 'var/db/repos/mine'));

test('the policy of a view: one writable folder, no homes, repositories one by one', async () => {
  const layout = await readRootLayout(machineFiles, root);
  const folder = await makeWorkFolder({
    trials: join(machine, 'trials'),
    location: locateEbuild(join(overlay, 'app-misc/foo/foo-1.ebuild')),
    layout,
    repositories: ['/var/db/repos/mine'],
    text: 'unsaved',
  });
  const distfiles = [{ name: 'foo-1.tar.gz', source: '/distfiles/foo-1.tar.gz' }];
  const spec = describeView({
    layout,
    folder: { ...folder, distfiles },
    files: { binds: ['/var/tmp/home/pm', '/usr/share/pm'], programs: [] },
    repositories: ['/var/db/repos/mine', folder.paths.repository],
    hidden: {
      files: new Map([
        ['/usr/lib', new Set(['x.so'])],
        ['/etc', new Set(['x.conf'])],
      ]),
      folders: new Set(['/var/db/pkg/cat/x-1']),
    },
    command: { argv: ['build'], environment: { FEATURES: '-x' } },
    trace: true,
  });
  expect(spec.overlays).toEqual([
    { source: join(root, 'etc'), target: '/etc', hidden: ['x.conf'] },
    { source: join(root, 'usr'), target: '/usr', hidden: ['lib/x.so'] },
    { source: join(root, 'var/db/pkg'), target: '/var/db/pkg', hidden: ['cat/x-1'] },
    { source: join(root, 'var/lib/portage'), target: '/var/lib/portage', hidden: [] },
  ]);
  expect(spec.binds).toEqual([
    { source: '/var/tmp/home/pm', target: '/var/tmp/home/pm', writable: false },
    { source: join(root, 'var/db/repos/mine'), target: '/var/db/repos/mine', writable: false },
    { source: folder.package, target: '/var/db/repos/mine/app-misc/foo', writable: false },
    { source: folder.work, target: '/var/ebuild-audit-work', writable: true },
    { source: '/distfiles/foo-1.tar.gz', target: '/var/cache/distfiles/foo-1.tar.gz', writable: false },
  ]);
  // No bind covers an earlier one. Scratch folders come before all binds.
  for (const [index, { target }] of spec.binds.entries()) {
    const later = spec.binds.slice(index + 1);
    expect(later.filter((bind) => target.startsWith(`${bind.target}/`))).toEqual([]);
  }
  expect(spec.links).toEqual([{ path: '/lib', target: 'usr/lib' }]);
  expect([spec.command, spec.environment.FEATURES, spec.trace]).toEqual([['build'], '-x', true]);

  // The copy has only the unsaved text, and the author's files are unchanged.
  expect(await machineFiles.list(folder.package)).toEqual(['foo-1.ebuild']);
  expect(await machineFiles.read(join(folder.package, 'foo-1.ebuild'))).toBe('unsaved');
  expect(await machineFiles.read(join(overlay, 'app-misc/foo/foo-1.ebuild'))).toBe('saved');
  await folder.remove();
  expect(await machineFiles.list(join(machine, 'trials'))).toEqual([]);
});
