import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { mountImage, showImage } from '../../server/src/image/mounted-image.ts';
import { readLinkOnMachine } from '../../server/src/installed/file-tree.ts';
import type { HiddenPaths } from '../../server/src/installed/hidden-paths.ts';
import { createPathResolver } from '../../server/src/installed/path-resolver.ts';
import type { SandboxSpec } from '../../server/src/sandbox/sandbox.ts';

const folder = mkdtempSync(join(tmpdir(), 'mounted-'));
afterAll(() => rmSync(folder, { recursive: true }));

let trees = 0;
/** Makes a folder with empty files and with links (path → target). */
function tree(files: readonly string[], links: Readonly<Record<string, string>> = {}): string {
  const place = join(folder, `tree-${trees++}`);
  const make = (path: string) => {
    mkdirSync(dirname(place + path), { recursive: true });
    return place + path;
  };
  for (const path of files) writeFileSync(make(path), '');
  for (const [path, target] of Object.entries(links)) symlinkSync(target, make(path));
  return place;
}

const NOTHING_HIDDEN: HiddenPaths = { files: new Map(), folders: new Set() };

/** Mounts an image. Paths of the image begin with `image:` and those of the root with `root:`. */
function mount(image: string, root: string, hidden = NOTHING_HIDDEN) {
  const layout = {
    path: root,
    folders: ['/usr', '/etc', '/var'].map((target) => ({ target, source: root + target })),
    links: [{ path: '/lib', target: 'usr/lib' }],
  };
  const mounted = mountImage(
    image,
    { layout, resolver: createPathResolver(layout, readLinkOnMachine) },
    hidden,
  );
  const name = (path: string | undefined) => path?.replace(image, 'image:').replace(root, 'root:');
  return {
    mounted,
    hidden: mounted.hidden,
    shown: Object.fromEntries(mounted.binds.map(({ source, target }) => [target, name(source)]).sort()),
    linked: Object.fromEntries(mounted.links.map(({ path, target }) => [path, target])),
    resolve: (path: string) => mounted.resolver.resolve(path).path,
    locate: (path: string) => name(mounted.locate(path)),
  };
}

const ROOT = tree(['/usr/bin/sh', '/usr/lib/libc.so.6', '/etc/passwd', '/usr/share/old/data']);

test('a new folder is bound as a whole, and in a folder of other packages each file', () => {
  const image = tree([
    '/usr/bin/viewer',
    '/lib/libviewer.so.1',
    '/usr/share/viewer/icons/a.png',
    '/usr/share/doc/viewer/README',
    '/usr/include/viewer.h',
    '/var/lib/viewer/state',
    '/var/log/viewer/log',
    '/opt/viewer/run',
  ]);
  const { shown, locate } = mount(image, ROOT);
  expect(shown).toEqual({
    '/opt': 'image:/opt',
    '/usr/bin/viewer': 'image:/usr/bin/viewer',
    '/usr/lib/libviewer.so.1': 'image:/lib/libviewer.so.1',
    '/usr/share/viewer': 'image:/usr/share/viewer',
    '/var/lib/viewer': 'image:/var/lib/viewer',
  });
  expect(locate('/usr/lib/libviewer.so.1')).toBe('image:/lib/libviewer.so.1');
  expect(locate('/usr/share/viewer/icons/a.png')).toBe('image:/usr/share/viewer/icons/a.png');
  expect(locate('/usr/share/viewer/absent')).toBeUndefined();
  expect(locate('/usr/bin/sh')).toBeUndefined();
});

test('a link is made as a link, wherever it leads, and nothing is bound in its place', () => {
  const links = {
    '/usr/lib/libviewer.so.1': 'libviewer.so.1.2',
    '/usr/bin/shell': '../bin/sh',
    '/usr/bin/nothing': 'absent',
    '/usr/bin/loop': 'loop',
    '/usr/bin/passwd': '/etc/passwd',
    '/usr/bin/out': tree(['/secret/key']),
    '/usr/bin/process': '/proc/self/root/usr/bin/sh',
    '/usr/bin/folder': '/usr/share',
  };
  const image = tree(['/usr/lib/libviewer.so.1.2', '/usr/bin/real'], {
    ...links,
    '/lib/from-top': '../usr/bin/sh',
    '/usr/lib/libviewer.a': 'x.a',
    // The root has a folder there, which a merge leaves alone.
    '/usr/share/old': '/etc',
    '/opt/viewer/inner': '/usr/bin/sh',
  });
  const { shown, linked, locate, resolve } = mount(image, ROOT);
  expect(shown).toEqual({
    '/opt': 'image:/opt',
    '/usr/bin/real': 'image:/usr/bin/real',
    '/usr/lib/libviewer.so.1.2': 'image:/usr/lib/libviewer.so.1.2',
  });
  expect(linked).toEqual({ ...links, '/usr/lib/from-top': '../usr/bin/sh' });
  expect(resolve('/usr/lib/libviewer.so.1')).toBe('/usr/lib/libviewer.so.1.2');
  expect(resolve('/opt/viewer/inner')).toBe('/usr/bin/sh');
  expect(resolve('/usr/bin/folder/old/data')).toBe('/usr/share/old/data');
  expect(locate('/usr/lib/libviewer.so.1.2')).toBe('image:/usr/lib/libviewer.so.1.2');
  expect(locate('/opt/viewer/inner')).toBeUndefined();
  expect(locate('/usr/bin/shell')).toBeUndefined();
});

test('what the image brings is not hidden any more, and the rest is', () => {
  const image = tree(['/usr/bin/sh'], { '/usr/lib/libc.so.6': 'libc-2.so' });
  const hidden: HiddenPaths = {
    files: new Map([
      ['/usr/bin', new Set(['sh', 'ls'])],
      ['/usr/lib', new Set(['libc.so.6'])],
    ]),
    folders: new Set(),
  };
  expect(mount(image, ROOT, hidden).hidden.files).toEqual(
    new Map([
      ['/usr/bin', new Set(['ls'])],
      ['/usr/lib', new Set()],
    ]),
  );
  expect(hidden.files.get('/usr/bin')?.size).toBe(2);
});

test('each link goes to the innermost folder of the sandbox that holds it', () => {
  const image = tree([], {
    '/usr/bin/a': 'b',
    '/usr/lib/x/c': 'd',
    '/var/lib/e': 'f',
  });
  const root = tree(['/usr/bin/sh', '/usr/lib/x/y', '/var/lib/z']);
  const overlay = (target: string) => ({ source: target, target, hidden: [] });
  const spec = showImage(
    { overlays: [overlay('/usr'), overlay('/usr/lib/x')], links: [], binds: [] } as unknown as SandboxSpec,
    mount(image, root).mounted,
  );
  expect(spec.overlays.map(({ links }) => links)).toEqual([
    [{ path: '/usr/bin/a', target: 'b' }],
    [{ path: '/usr/lib/x/c', target: 'd' }],
  ]);
  expect(spec.links).toEqual([{ path: '/var/lib/e', target: 'f' }]);
});

test('a folder that the view hides counts as absent', () => {
  const image = tree(['/usr/share/old/new']);
  const hidden: HiddenPaths = { files: new Map(), folders: new Set(['/usr/share/old']) };
  expect(mount(image, ROOT, hidden).shown).toEqual({ '/usr/share/old': 'image:/usr/share/old' });
  expect(mount(image, ROOT).shown).toEqual({ '/usr/share/old/new': 'image:/usr/share/old/new' });
});

test('an image with too many files is refused', () => {
  const image = tree(Array.from({ length: 2501 }, (_, index) => `/usr/bin/program-${index}`));
  expect(() => mount(image, ROOT)).toThrow(
    /2501 files .* more than the 2500 that can be shown: merge it and run the command there\.$/,
  );
});
