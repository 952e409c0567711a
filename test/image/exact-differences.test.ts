import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listExactDifferences } from '../../server/src/image/exact-differences.ts';
import { readImage } from '../../server/src/image/image-summary.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-exact-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

type Content = string | Uint8Array | { readonly link: string } | { readonly mode: number };

function image(name: string, files: Readonly<Record<string, Content>>): string {
  const place = join(folder, name);
  mkdirSync(place);
  for (const [path, content] of Object.entries(files)) {
    const file = join(place, path);
    mkdirSync(dirname(file), { recursive: true });
    if (typeof content === 'string' || content instanceof Uint8Array) writeFileSync(file, content);
    else if ('link' in content) symlinkSync(content.link, file);
    else {
      writeFileSync(file, '');
      chmodSync(file, content.mode);
    }
  }
  return place;
}

function compare(left: Readonly<Record<string, Content>>, right: Readonly<Record<string, Content>>) {
  const [first, second] = [image('first', left), image('second', right)];
  return listExactDifferences(readImage(first), readImage(second), [first, second]);
}

test('the same files give nothing, whatever their times', () => {
  expect(
    compare({ 'usr/bin/a': 'x', 'usr/b': { link: 'a' } }, { 'usr/bin/a': 'x', 'usr/b': { link: 'a' } }),
  ).toEqual([]);
});

test.each<[string, Content, Content, string | undefined, boolean]>([
  ['a line', 'one\ntwo a\n', 'one\ntwo b\n', 'line 2 is "two a" and "two b"', false],
  ['a shorter text', 'one\ntwo\n', 'one\n', 'line 2 is "two" and ""', false],
  [
    'a date',
    'built 2026-11-21\n',
    'built 2027-12-24\n',
    'line 1 is "built 2026-11-21" and "built 2027-12-24"',
    true,
  ],
  ['bytes', Buffer.from([0, 1, 2]), Buffer.from([0, 1, 3]), 'it differs from byte 2 on', false],
  ['a longer file', Buffer.from([0, 1]), Buffer.from([0, 1, 2]), 'it has 2 and 3 bytes', false],
])('the content differs by %s', (_what, left, right, detail, isNoise) => {
  expect(compare({ 'usr/a': left }, { 'usr/a': right })).toEqual([
    { path: '/usr/a', kind: 'bytes', isNoise, detail },
  ]);
});

test('every other kind of difference is named, sorted by path', () => {
  expect(
    compare(
      { 'a/gone': '', 'b/link': { link: '/one' }, 'c/mode': { mode: 0o755 }, 'd/type': '' },
      { 'a/come': '', 'b/link': { link: '/two' }, 'c/mode': { mode: 0o4755 }, 'd/type': { link: 'x' } },
    ),
  ).toEqual([
    { path: '/a/come', kind: 'only-in-second' },
    { path: '/a/gone', kind: 'only-in-first' },
    { path: '/b/link', kind: 'link-target', detail: 'it leads to /one and to /two' },
    { path: '/c/mode', kind: 'mode', detail: '755 and 4755' },
    { path: '/d/type', kind: 'type' },
  ]);
});

test('a long line is cut', () => {
  const [difference] = compare({ a: 'x'.repeat(10_000) }, { a: 'y'.repeat(10_000) });
  expect(difference?.detail?.length).toBeLessThan(300);
});
