/** The parts of an input root besides the root. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UserError } from '../../server/src/errors/user-error.ts';
import { createMachineTree, type MachineTree } from '../../server/src/remote/input-root/machine-tree.ts';
import { addPrograms, helperIn } from '../../server/src/remote/input-root/program-part.ts';
import { addRepositories } from '../../server/src/remote/input-root/repository-part.ts';
import { openFileDigests } from '../../server/src/remote/merkle/file-digests.ts';
import { createInputTree } from '../../server/src/remote/merkle/input-tree.ts';
import { readTree } from './read-tree.ts';

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'parts-')));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('of programs', () => {
  const list = (node: string): readonly string[] => {
    const added: string[] = [];
    const tree = { add: (path: string) => void added.push(path) } as MachineTree;
    addPrograms(tree, { node, bwrap: '/bin/sh', helper: '/helper', product: '/product' });
    return added;
  };

  test('each is added with the libraries and the loader that it needs', () => {
    const added = list(process.execPath);
    expect(added).toContain(process.execPath);
    expect(added.filter((path) => /\/libc\.so\.6$/.test(path))).not.toEqual([]);
    expect(added.filter((path) => /\/ld-linux[^/]*$/.test(path))).not.toEqual([]);
    expect(added.every((path) => path.startsWith('/'))).toBe(true);
    expect(added.filter((path) => path.startsWith('/product'))).toEqual([
      '/product/cli',
      '/product/worker',
      '/product/wasm',
    ]);
  });

  test('one that is no ELF program needs none', () => {
    const script = join(folder, 'script');
    writeFileSync(script, '#!/bin/sh\n', { mode: 0o755 });
    const added = list(script);
    expect(added.slice(0, 2)).toEqual([script, '/bin/sh']);
  });

  test('one that is not there is an error that names it', () => {
    const path = join(folder, 'none');
    expect(() => list(path)).toThrow(UserError);
    expect(() => list(path)).toThrow(`The libraries of ${path} cannot be listed`);
  });

  test('the helper has its place beside the bundle', () => {
    expect(helperIn({ product: '/product' })).toBe(`/product/native/${process.arch}/ebuild-audit-native`);
  });
});

describe('of repositories', () => {
  test('it is what a trial reads, and of all packages that of the ebuild', () => {
    for (const path of [
      'gentoo/eclass/a.eclass',
      'gentoo/profiles/repo_name',
      'gentoo/metadata/layout.conf',
      'gentoo/metadata/md5-cache/a/b-1',
      'gentoo/virtual/libc/libc-1.ebuild',
      'gentoo/a/b/b-1.ebuild',
      'overlay/profiles/repo_name',
      'overlay/a/b/b-1.ebuild',
      'overlay/a/b/b-2.ebuild',
      'overlay/a/b/files/b.patch',
      'overlay/a/b/.b-1.ebuild.swp',
      'overlay/a/other/other-1.ebuild',
      'overlay/.git/config',
    ]) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), path);
    }
    const tree = createInputTree();
    const repository = join(folder, 'overlay');
    addRepositories(
      createMachineTree(tree, openFileDigests(join(folder, 'digests')), true),
      [join(folder, 'gentoo'), join(folder, 'gone')],
      { repository, category: 'a', packageName: 'b', packageAndVersion: 'b-1' },
    );
    expect(readTree(tree.encode(), folder).filter((path) => !path.endsWith('/'))).toEqual([
      'gentoo/eclass/a.eclass',
      'gentoo/metadata/layout.conf',
      'gentoo/profiles/repo_name',
      'gentoo/virtual/libc/libc-1.ebuild',
      'overlay/a/b/b-1.ebuild',
      'overlay/a/b/b-2.ebuild',
      'overlay/a/b/files/b.patch',
      'overlay/profiles/repo_name',
    ]);
  });
});
