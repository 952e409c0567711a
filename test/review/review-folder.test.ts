import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findOwner, nameForOwner } from '../../server/src/host/process-owner.ts';
import { makeReviewFolder } from '../../server/src/review/review-folder.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'ebuild-audit-home-'));
});
afterEach(() => rmSync(home, { recursive: true }));
const left = () => readdirSync(join(home, 'reviews'));
/** The name of a folder of a process that has ended: no process has the number 2^22. */
const dead = (name: string) => `${nameForOwner(name, { ...findOwner(), pid: 2 ** 22 })}abcdef`;

test('reviews of a clone have the same path one after another, and others at the same time', async () => {
  const first = await makeReviewFolder(home, '/a');
  const second = await makeReviewFolder(home, '/a');
  const other = await makeReviewFolder(home, '/b');
  expect(new Set([first.path, second.path, other.path]).size).toBe(3);
  await first.remove();
  expect(existsSync(second.path)).toBe(true);
  const third = await makeReviewFolder(home, '/a');
  expect(third.path).toBe(first.path);
  await Promise.all([second, third, other].map((folder) => folder.remove()));
  expect(left()).toEqual([]);
});

test('what killed reviews have left is removed', async () => {
  const { path, remove } = await makeReviewFolder(home, '/a');
  await remove();
  // One was killed while it worked, one while it removed its folder, and two while they moved it.
  mkdirSync(join(path, dead('owner')), { recursive: true });
  mkdirSync(join(path, 'base'));
  const half = path.replace(/1$/, '2');
  mkdirSync(join(half, 'base'), { recursive: true });
  for (const name of ['old', 'new']) mkdirSync(join(home, 'reviews', dead(name)));
  const [first, second] = [await makeReviewFolder(home, '/a'), await makeReviewFolder(home, '/a')];
  expect([first.path, second.path]).toEqual([path, half]);
  expect([readdirSync(path), readdirSync(half)].flat().filter((name) => name === 'base')).toEqual([]);
  await Promise.all([first.remove(), second.remove()]);
  expect(left()).toEqual([]);
});

test('a folder of a running review stays', async () => {
  const { path } = await makeReviewFolder(home, '/a');
  writeFileSync(join(path, 'kept'), '');
  await makeReviewFolder(home, '/a');
  expect(existsSync(join(path, 'kept'))).toBe(true);
});
