import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test as plain } from 'vitest';
import { describeView } from '../../server/src/evaluation/sandbox-view.ts';
import { makeWorkFolder } from '../../server/src/evaluation/work-folder.ts';
import { readRootState } from '../../server/src/host/root-state.ts';
import { machineFiles } from '../../server/src/installed/file-tree.ts';
import { type HiddenPaths, listHiddenPaths, listWhiteouts } from '../../server/src/installed/hidden-paths.ts';
import { readRootLayout } from '../../server/src/installed/root-layout.ts';
import { locateEbuild } from '../../server/src/repository/ebuild-location.ts';
import { type Bench, missing, openBench } from '../sandbox/setup.ts';
import { contentsOf } from '../support/installed-package.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { isRoot, NOBODY, who } from '../support/user.ts';

const can = requireOrSkip(missing);

const GONE = [
  '/bin/gone',
  '/lib/libgone.so',
  '/usr/share/gone/a',
  '/usr/share/gone/deep/b',
  '/usr/share/mixed/owned',
  '/opt/gone/x',
];
const KEPT = ['/bin/kept', '/lib/libkept.so', '/usr/share/mixed/kept', '/usr/share/kept/x', '/opt/kept/x'];
const UNOWNED = ['/usr/share/mixed/local', '/usr/local/bin/mine', '/usr/share/gone-not/x'];

/** The folders at the top of a root: the target of a link, or undefined for a folder. */
const layouts = {
  merged: { bin: 'usr/bin', lib: 'usr/lib', sbin: 'usr/bin', opt: 'srv/opt' },
  split: { bin: undefined, lib: undefined, sbin: undefined, opt: undefined },
  'split with absolute links': { bin: undefined, lib: '/lib64', sbin: undefined, opt: '/srv/opt' },
} as const;

describe.each(who)('a view of a root, as %s', (as) => {
  const machine = mkdtempSync(join(tmpdir(), 'view-roots-'));
  let bench: Bench;
  beforeAll(async () => {
    chmodSync(machine, 0o755);
    if (missing) return;
    bench = await openBench();
    bench.compile(
      'look',
      `#include <stdio.h>
       #include <unistd.h>
       int main(int c, char **v) { for (int i = 1; i < c; i++) if (access(v[i], F_OK) == 0) puts(v[i]); return 0; }`,
      ['-static'],
    );
  });
  afterAll(() => {
    bench?.remove();
    rmSync(machine, { recursive: true });
  });

  for (const [name, top] of Object.entries(layouts)) {
    can(`${name} usr: hidden packages are gone, and unowned files are visible`, async () => {
      const root = join(machine, name);
      for (const folder of ['usr/bin', 'usr/lib', 'lib64', 'srv/opt', 'etc', 'var/db/pkg', 'home/me'])
        mkdirSync(join(root, folder), { recursive: true });
      for (const [link, target] of Object.entries(top)) {
        if (target === undefined) mkdirSync(join(root, link), { recursive: true });
        else symlinkSync(target, join(root, link));
      }
      const onMachine = (path: string) => {
        const [, first = '', ...rest] = path.split('/');
        const link = top[first as keyof typeof top];
        return join(root, link === undefined ? first : link.replace(/^\//, ''), ...rest);
      };
      for (const path of [...GONE, ...KEPT, ...UNOWNED]) {
        mkdirSync(dirname(onMachine(path)), { recursive: true });
        writeFileSync(onMachine(path), '');
      }
      for (const [pf, paths] of [
        ['gone-1', ['/usr/share/gone/', '/usr/share/gone/deep/', '/usr/share/mixed/', '/opt/gone/', ...GONE]],
        ['kept-1', ['/usr/share/mixed/', '/usr/share/kept/', ...KEPT]],
      ] as const) {
        const record = join(root, 'var/db/pkg/app-misc', pf);
        mkdirSync(record, { recursive: true });
        writeFileSync(join(record, 'CONTENTS'), contentsOf(paths));
        writeFileSync(join(record, 'SLOT'), '0\n');
        writeFileSync(join(record, 'EAPI'), '8\n');
      }

      const state = await readRootState(root, join(machine, 'cache'));
      const kept = state.packages.find(({ name: packageName }) => packageName === 'kept');
      const visible = new Map(
        state.packages.map((installed) => [
          installed,
          installed === kept
            ? ({ visibility: 'full', reason: 'declared' } as const)
            : ({ visibility: 'hidden', reason: undefined } as const),
        ]),
      );
      const hidden: HiddenPaths = listHiddenPaths(state.index, visible as never, state.listFolder);
      // One whiteout for the folder that only the hidden package owns.
      expect(
        listWhiteouts(hidden, '/usr')
          .filter((path) => path.startsWith('share/'))
          .sort(),
      ).toEqual(['share/gone', 'share/mixed/owned']);

      const overlay = join(machine, `overlay-${name}`);
      mkdirSync(join(overlay, 'profiles'), { recursive: true });
      mkdirSync(join(overlay, 'app-misc/foo'), { recursive: true });
      writeFileSync(join(overlay, 'profiles/repo_name'), 'mine\n');
      writeFileSync(join(overlay, 'app-misc/foo/foo-1.ebuild'), '');
      const folder = await makeWorkFolder({
        trials: join(machine, 'trials'),
        location: locateEbuild(join(overlay, 'app-misc/foo/foo-1.ebuild')),
        layout: state.layout,
        repositories: [],
        text: '',
      });
      // The folder of a trial belongs to the user who runs it.
      if (as === 'user' && isRoot) execFileSync('chown', ['-R', `${NOBODY}:${NOBODY}`, dirname(folder.path)]);
      const spec = describeView({
        layout: state.layout,
        folder,
        files: { binds: [join(bench.folder, 'fixture')], programs: [] },
        repositories: [],
        hidden,
        command: {
          argv: [join(bench.folder, 'fixture/look'), ...KEPT, ...UNOWNED, ...GONE, '/home'],
          environment: {},
        },
        trace: false,
      });
      const report = await bench.run(as, bench.request({ ...spec, scratch: [], workingDirectory: '/' }));
      await folder.remove();
      expect(report.message).toBeUndefined();
      expect(report.output.trim().split('\n')).toEqual([...KEPT, ...UNOWNED]);
    });
  }
});

plain('a link at the top shows its target too', async () => {
  const root = mkdtempSync(join(tmpdir(), 'view-layout-'));
  try {
    for (const folder of ['srv/opt/a', 'usr', 'empty']) mkdirSync(join(root, folder), { recursive: true });
    symlinkSync('srv/opt', join(root, 'opt'));
    symlinkSync('usr/lib', join(root, 'lib'));
    symlinkSync('/empty', join(root, 'lib32'));
    symlinkSync('/', join(root, 'bin'));
    const { folders, links } = await readRootLayout(machineFiles, root);
    expect(folders).toEqual([
      { target: '/srv/opt', source: join(root, 'srv/opt') },
      { target: '/usr', source: join(root, 'usr') },
    ]);
    expect(links.map(({ path }) => path)).toEqual(['/bin', '/lib', '/lib32', '/opt']);
  } finally {
    rmSync(root, { recursive: true });
  }
});
