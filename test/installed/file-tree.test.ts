import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createListedLinks, readLinkOnMachine } from '../../server/src/installed/file-tree.ts';

const folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-file-tree-'));
afterAll(() => {
  chmodSync(join(folder, 'closed'), 0o755);
  rmSync(folder, { recursive: true });
});

test('a link is the same whether its folder is listed or it is asked for alone', () => {
  for (const name of ['plain', 'closed', 'ümlaut']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'plain/file'), '');
  writeFileSync(Buffer.concat([Buffer.from(join(folder, 'plain/not-utf8-')), Buffer.from([0xff])]), '');
  for (const place of ['plain', 'closed', 'ümlaut']) {
    symlinkSync('file', join(folder, place, 'link'));
    symlinkSync('nowhere', join(folder, place, 'dangling'));
    symlinkSync('file', join(folder, place, 'ünicode'));
    symlinkSync('file', Buffer.concat([Buffer.from(join(folder, place, 'bytes-')), Buffer.from([0xfe])]));
  }
  // It can be entered and not listed, but by root.
  chmodSync(join(folder, 'closed'), 0o111);
  const readListed = createListedLinks();
  const names = ['file', 'link', 'dangling', 'absent', 'ünicode', 'bytes-\udcfe', 'link/below', '.', '..'];
  const paths = ['plain', 'closed', 'ümlaut', 'absent', 'plain/file'].flatMap((place) =>
    names.map((name) => `${folder}/${place}/${name}`),
  );
  const links = paths.map((path) => readListed(path));
  expect(links).toEqual(paths.map((path) => readLinkOnMachine(path)));
  expect(links.filter((target) => target !== undefined)).toHaveLength(12);
  // Once more, from what it remembers.
  expect(paths.map((path) => readListed(path))).toEqual(links);
});
