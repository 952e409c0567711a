import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readRootState } from '../../server/src/host/root-state.ts';
import { packageId } from '../../server/src/pms/package-id.ts';
import { createMachineTree } from '../../server/src/remote/input-root/machine-tree.ts';
import { addRoot } from '../../server/src/remote/input-root/root-part.ts';
import { openFileDigests } from '../../server/src/remote/merkle/file-digests.ts';
import { createInputTree } from '../../server/src/remote/merkle/input-tree.ts';
import { contentsOf } from '../support/installed-package.ts';
import { readTree } from './read-tree.ts';

let folder: string;
let root: string;
const RECORD = [
  'CONTENTS',
  'IUSE',
  'PDEPEND',
  'RDEPEND',
  'SLOT',
  'USE',
  'repository',
  'environment.bz2',
  'BUILD_TIME',
];

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'root-part-')));
  root = join(folder, 'root');
  put('usr/bin/shown');
  put('usr/bin/hidden');
  put('usr/lib/libshown.so.1');
  put('usr/lib/hidden/file');
  put('usr/lib/both');
  link('libshown.so.1', 'usr/lib/libshown.so');
  link('file', 'usr/lib/hidden/link');
  put('etc/unowned');
  put('var/cache/something');
  put('var/lib/portage/world');
  link('usr/bin', 'bin');
  link('usr/lib', 'lib');
  install('a/shown-1', [
    '/usr/bin/',
    '/usr/bin/shown',
    '/usr/lib/libshown.so.1',
    '/usr/lib/libshown.so -> libshown.so.1',
    '/usr/lib/both',
  ]);
  install('a/hidden-1', [
    '/bin/hidden',
    '/usr/lib/hidden/',
    '/usr/lib/hidden/file',
    '/usr/lib/hidden/link -> file',
    '/usr/lib/both',
  ]);
});
afterEach(() => rmSync(folder, { recursive: true }));

function put(path: string, text: string | Buffer = path): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function link(target: string, path: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  symlinkSync(target, join(root, path));
}

function install(id: string, paths: readonly string[]): void {
  for (const name of RECORD) put(`var/db/pkg/${id}/${name}`, name === 'SLOT' ? '0\n' : '');
  put(`var/db/pkg/${id}/CONTENTS`, contentsOf(paths));
}

async function describeRoot(except: readonly string[] = []) {
  const state = await readRootState(root, join(folder, 'index'));
  await state.saved;
  const tree = createInputTree();
  addRoot(createMachineTree(tree, openFileDigests(join(folder, 'digests')), true), {
    root: state,
    provided: new Set(state.packages.filter((found) => packageId(found) === 'a/shown-1')),
    except: new Set(except),
  });
  return readTree(tree.encode(), root);
}

const ofVdb = (id: string, names: readonly string[]) => [
  `var/db/pkg/${id}/`,
  ...names.map((name) => `var/db/pkg/${id}/${name}`),
];
const FRAME = [
  'bin -> usr/bin',
  'etc/',
  'etc/unowned',
  'lib -> usr/lib',
  'usr/',
  'usr/bin/',
  'usr/bin/shown',
  'usr/lib/',
  'usr/lib/both',
  'usr/lib/hidden/',
  'usr/lib/hidden/link -> file',
  'usr/lib/libshown.so -> libshown.so.1',
  'usr/lib/libshown.so.1',
  'var/',
  'var/db/',
  'var/db/pkg/',
  'var/db/pkg/a/',
  ...ofVdb('a/hidden-1', RECORD.slice(0, 7)),
  ...ofVdb('a/shown-1', RECORD),
  'var/lib/',
  'var/lib/portage/',
  'var/lib/portage/world',
].sort();

describe('of a root travel', () => {
  test('the files of provided packages and of nobody; of others the folders, links, and what names them', async () => {
    expect(await describeRoot()).toEqual(FRAME);
  });

  test('no files that only some users can read, nor what is in a folder that only some can enter', async () => {
    put('etc/shadow');
    chmodSync(join(root, 'etc/shadow'), 0o640);
    put('etc/private/deep/key');
    link('key', 'etc/private/link');
    chmodSync(join(root, 'etc/private'), 0o750);
    put('etc/unlisted/file');
    chmodSync(join(root, 'etc/unlisted'), 0o711);
    const more = ['etc/private/', 'etc/unlisted/', 'etc/unlisted/file'];
    expect(await describeRoot()).toEqual([...FRAME, ...more].sort());
  });

  test('no folders that are not part of it', async () => {
    put('usr/repository/ebuild');
    expect(await describeRoot([join(root, 'usr/repository')])).toEqual(FRAME);
  });

  test('links to folders outside, by which the root has them', async () => {
    const outside = join(folder, 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'unowned'), '');
    symlinkSync(outside, join(root, 'opt'));
    const state = await readRootState(root, join(folder, 'index'));
    await state.saved;
    // As `readRootLayout` describes ROOT/opt → /opt.
    const layout = {
      ...state.layout,
      links: state.layout.links.filter(({ path }) => path !== '/opt'),
      folders: [...state.layout.folders, { target: '/opt', source: outside }],
    };
    const tree = createInputTree();
    addRoot(createMachineTree(tree, openFileDigests(join(folder, 'digests')), true), {
      root: { ...state, layout },
      provided: new Set(),
      except: new Set(),
    });
    expect(readTree(tree.encode(), root)).toContain(`opt -> ${outside}`);
    expect(readTree(tree.encode(), outside)).toEqual(['unowned']);
  });

  test('folders elsewhere to which a link at the top leads, under the same rule', async () => {
    put('srv/opt/unowned');
    put('srv/opt/of-hidden');
    install('a/more-1', ['/opt/of-hidden']);
    link('/srv/opt', 'opt');
    const found = await describeRoot();
    expect(found.filter((path) => path.startsWith('srv') || path.startsWith('opt'))).toEqual([
      'opt -> /srv/opt',
      'srv/',
      'srv/opt/',
      'srv/opt/unowned',
    ]);
  });

  test('whole records of provided packages also if the folder of records is behind a link', async () => {
    mkdirSync(join(root, 'usr/records'), { recursive: true });
    renameSync(join(root, 'var/db/pkg'), join(root, 'usr/records/pkg'));
    symlinkSync('../../usr/records/pkg', join(root, 'var/db/pkg'));
    const found = await describeRoot();
    expect(found).toContain('var/db/pkg -> ../../usr/records/pkg');
    expect(found).toContain('usr/records/pkg/a/shown-1/environment.bz2');
  });
});
