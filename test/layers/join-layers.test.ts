/** Layers that become one folder, compared with what an overlay of them would show. */
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { countJoined, joinLayers, MOST_LAYERS } from '../../server/src/layers/join-layers.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-join-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Writes a layer. A text that begins with `-> ` is a link; a path that ends in `/` is a folder. */
function layer(number: number, files: Readonly<Record<string, string>>): string {
  const path = join(folder, `layer-${number}`);
  mkdirSync(path);
  for (const [name, content] of Object.entries(files)) {
    const place = join(path, name);
    mkdirSync(name.endsWith('/') ? place : dirname(place), { recursive: true });
    if (name.endsWith('/')) continue;
    if (content.startsWith('-> ')) symlinkSync(content.slice(3), place);
    else writeFileSync(place, content);
  }
  return path;
}

async function joinAll(...layers: readonly string[]): Promise<string> {
  const target = join(folder, 'joined');
  mkdirSync(target);
  await joinLayers(layers, target);
  return target;
}

/** Each path of a folder with its content. */
function contentOf(path: string): Readonly<Record<string, string>> {
  const entries = readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => {
    const stats = lstatSync(join(path, name));
    if (stats.isDirectory()) return [`${name}/`, ''] as const;
    const place = join(path, name);
    return [
      name,
      stats.isSymbolicLink() ? `-> ${readlinkSync(place)}` : readFileSync(place, 'utf8'),
    ] as const;
  });
  return Object.fromEntries(entries);
}

describe('layers that become one folder', () => {
  test('show the entries of all, and of the same name the highest', async () => {
    const joined = await joinAll(
      layer(1, { 'usr/bin/a': 'low', 'usr/bin/b': 'b', 'usr/lib/x': '-> low' }),
      layer(2, { 'usr/bin/a': 'high', 'usr/lib/x': '-> high', 'usr/share/': '' }),
    );
    expect(contentOf(joined)).toEqual({
      'usr/': '',
      'usr/bin/': '',
      'usr/bin/a': 'high',
      'usr/bin/b': 'b',
      'usr/lib/': '',
      'usr/lib/x': '-> high',
      'usr/share/': '',
    });
  });

  test('show what is no folder in place of a folder, and a folder in place of anything else', async () => {
    const joined = await joinAll(
      layer(1, { 'usr/a/inner': '1', 'usr/b': '-> /etc', 'usr/c': 'file' }),
      layer(2, { 'usr/a': '-> nowhere', 'usr/b/inner': '2', 'usr/c/inner': '2' }),
    );
    expect(contentOf(join(joined, 'usr'))).toEqual({
      a: '-> nowhere',
      'b/': '',
      'b/inner': '2',
      'c/': '',
      'c/inner': '2',
    });
    expect(readdirSync('/etc')).not.toContain('inner');
  });

  test('keep their own files unchanged: hard links of files, copies of records', async () => {
    const one = layer(1, { 'usr/bin/a': 'a', 'var/db/pkg/dev-test/a-1/CONTENTS': 'obj\n' });
    chmodSync(join(one, 'usr/bin'), 0o711);
    const record = join(one, 'var/db/pkg/dev-test/a-1/CONTENTS');
    const before = statSync(record);
    const joined = await joinAll(one);
    expect(statSync(join(joined, 'usr/bin/a')).ino).toBe(statSync(join(one, 'usr/bin/a')).ino);
    expect(statSync(join(joined, 'usr/bin')).mode & 0o777).toBe(0o711);
    expect(readFileSync(join(joined, 'var/db/pkg/dev-test/a-1/CONTENTS'), 'utf8')).toBe('obj\n');
    expect(statSync(record).ctimeMs).toBe(before.ctimeMs);
  });

  test('are no more than can be mounted', () => {
    for (const count of [MOST_LAYERS + 1, 600, 5000]) {
      const joined = countJoined(count);
      expect(count - joined + 1).toBe(MOST_LAYERS);
    }
    expect(countJoined(MOST_LAYERS)).toBe(0);
  });
});
