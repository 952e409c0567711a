import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createLayerFiles } from '../../server/src/installed/layer-files.ts';
import { locateAll, locateOnMachine, type RootLayout } from '../../server/src/installed/root-layout.ts';

const folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-layers-'));
afterAll(() => rmSync(folder, { recursive: true }));

function make(name: string, paths: readonly string[]): string {
  for (const path of paths) {
    const [place = '', target] = path.split(' -> ');
    const file = join(folder, name, place);
    mkdirSync(place.endsWith('/') ? file : dirname(file), { recursive: true });
    if (target !== undefined) symlinkSync(target, file);
    else if (!place.endsWith('/')) writeFileSync(file, name);
  }
  return join(folder, name);
}

const base = make('base', ['usr/lib/base', 'usr/lib/both', 'usr/share/x/base', 'usr/include/', 'etc/']);
const low = make('low', ['usr/lib/low', 'usr/lib/both', 'usr/share/x/low', 'usr/file', 'opt/low/a']);
const high = make('high', ['usr/lib/high', 'usr/share/x -> /etc', 'usr/file/inner']);
const layout: RootLayout = {
  path: base,
  folders: ['usr', 'etc'].map((name) => ({ target: `/${name}`, source: join(base, name) })),
  links: [],
  layers: createLayerFiles([low, high]),
};

describe('a root with layers', () => {
  test.each([
    ['/usr/lib/base', [`${base}/usr/lib/base`]],
    ['/usr/lib/both', [`${low}/usr/lib/both`]],
    ['/usr/lib', [`${high}/usr/lib`, `${low}/usr/lib`, `${base}/usr/lib`]],
    // A link or a file hides the folder below it, and all that is in it.
    ['/usr/share/x', [`${high}/usr/share/x`]],
    ['/usr/file', [`${high}/usr/file`]],
    ['/usr/file/inner', [`${high}/usr/file/inner`]],
    ['/usr/nowhere', [`${base}/usr/nowhere`]],
    ['/srv/x', []],
  ])('has %s in %j', (path, places) => {
    expect(locateAll(layout, path)).toEqual(places);
    expect(locateOnMachine(layout, path)).toBe(places[0]);
  });

  test('takes no folder behind a link of a layer', () => {
    const files = createLayerFiles([low, high]);
    expect(files.foldersAt('/usr/share/x')).toEqual([]);
    expect(files.foldersAt('/usr/lib')).toEqual([`${low}/usr/lib`, `${high}/usr/lib`]);
  });

  test('lists a folder of the layers once', () => {
    const files = createLayerFiles([low]);
    expect(files.at('/usr/lib/low')?.places()).toHaveLength(1);
    writeFileSync(join(low, 'usr/lib/later'), '');
    expect(files.at('/usr/lib/later')).toBeUndefined();
    expect(files.at('/opt/low')?.isFolder).toBe(true);
    expect([...files.namesIn('/usr/lib')]).toContain('low');
  });
});
