import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UserError } from '../../../server/src/errors/user-error.ts';
import { compareWith, createFindControl } from '../../../server/src/trial/comparing/image-comparison.ts';
import { createTreeReader } from '../../../server/src/trial/reading/tree-reader.ts';

let folder: string;
let controls: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-comparison-'));
  controls = 0;
});
afterEach(() => rmSync(folder, { recursive: true }));

type BuiltImage = Parameters<typeof compareWith>[0];

/** The image of a build that has installed some files into /usr/share. */
function built(name: string, files: Readonly<Record<string, string>>): BuiltImage {
  const image = join(folder, name);
  mkdirSync(join(image, 'usr/share'), { recursive: true });
  for (const [path, text] of Object.entries(files)) writeFileSync(join(image, 'usr/share', path), text);
  return { image };
}

/** Compares with a base that, built again, installs other numbers. */
async function compare(build: (base: BuiltImage) => BuiltImage) {
  const base = built('base', { help: 'options', number: 'one' });
  const again = async () => {
    controls += 1;
    return built(`again${controls}`, { help: 'options', number: 'two' });
  };
  const compareWithBase = compareWith(base, createFindControl(base, again), createTreeReader(undefined));
  return (await compareWithBase(build(base))).differences;
}

test('a difference that only another view can cause needs no control build', async () => {
  const found = await compare(() => built('other', { help: 'options', number: 'three', plugin: '' }));
  expect(found[0]).toEqual({ aspect: 'file', change: 'added', path: '/usr/share/plugin' });
  expect(controls).toBe(0);
});

test('another content counts only if two builds of the same thing do not differ in it', async () => {
  expect(await compare(() => built('other', { help: 'options', number: 'three' }))).toEqual([]);
  expect(controls).toBe(1);
  const found = await compare(() => built('third', { help: 'more options', number: 'three' }));
  expect(found.map(({ aspect, path }) => [aspect, path])).toEqual([['content', '/usr/share/help']]);
});

test('the same image is not even read', async () => {
  expect(await compare(({ image }) => ({ image }))).toEqual([]);
});

test('an image that somebody has removed is an error, not an empty image', async () => {
  const comparing = compare((base) => {
    rmSync(base.image ?? '', { recursive: true });
    return built('other', {});
  });
  await expect(comparing).rejects.toThrow(UserError);
});
