import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { mountImage } from '../../server/src/image/mounted-image.ts';
import { readLinkOnMachine } from '../../server/src/installed/file-tree.ts';
import type { HiddenPaths } from '../../server/src/installed/hidden-paths.ts';
import { createPathResolver } from '../../server/src/installed/path-resolver.ts';

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
    shown: Object.fromEntries(mounted.binds.map(({ source, target }) => [target, name(source)]).sort()),
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
  expect(locate('/lib/libviewer.so.1')).toBe('image:/lib/libviewer.so.1');
  expect(locate('/usr/share/viewer/icons/a.png')).toBe('image:/usr/share/viewer/icons/a.png');
  expect(locate('/usr/share/viewer/absent')).toBeUndefined();
  expect(locate('/usr/bin/sh')).toBeUndefined();
});

test('the target of a link is bound, but never outside of the image and the root', () => {
  const secret = tree(['/secret/key']);
  const image = tree(['/usr/lib/libviewer.so.1.2', '/usr/bin/real'], {
    '/usr/lib/libviewer.so.1': 'libviewer.so.1.2',
    '/usr/lib/libviewer.so': 'libviewer.so.1',
    '/usr/bin/shell': '../bin/sh',
    '/usr/bin/nothing': 'absent',
    '/usr/bin/loop': 'loop',
    '/usr/bin/passwd': '/etc/passwd',
    '/usr/bin/key': join(secret, 'secret/key'),
    '/usr/lib/out': secret,
    '/usr/bin/through': '../lib/out/secret/key',
  });
  expect(mount(image, ROOT).shown).toEqual({
    '/usr/bin/passwd': 'root:/etc/passwd',
    '/usr/bin/real': 'image:/usr/bin/real',
    '/usr/bin/shell': 'root:/usr/bin/sh',
    '/usr/lib/libviewer.so': 'image:/usr/lib/libviewer.so.1.2',
    '/usr/lib/libviewer.so.1': 'image:/usr/lib/libviewer.so.1.2',
    '/usr/lib/libviewer.so.1.2': 'image:/usr/lib/libviewer.so.1.2',
  });
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
