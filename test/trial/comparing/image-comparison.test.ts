import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UserError } from '../../../server/src/errors/user-error.ts';
import type { BuildOutcome } from '../../../server/src/trial/builder/build-plan.ts';
import { compareWith, createFindUnstable } from '../../../server/src/trial/comparing/image-comparison.ts';

let folder: string;
let controls: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-comparison-'));
  controls = 0;
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A build that has installed some files into /usr/share. */
function built(name: string, files: Readonly<Record<string, string>>): BuildOutcome {
  const image = join(folder, name);
  mkdirSync(join(image, 'usr/share'), { recursive: true });
  for (const [path, text] of Object.entries(files)) writeFileSync(join(image, 'usr/share', path), text);
  return { passed: true, image } as BuildOutcome;
}

/** Compares with a base that, built again, installs other numbers. */
function compare(other: (base: BuildOutcome) => BuildOutcome) {
  const base = built('base', { help: 'options', number: 'one' });
  const again = async () => {
    controls += 1;
    return built(`again${controls}`, { help: 'options', number: 'two' });
  };
  const compareWithBase = compareWith(base, createFindUnstable(base, again, undefined), undefined);
  return compareWithBase(other(base));
}

test('what no other build could install differently is believed at once', async () => {
  const found = await compare(() => built('other', { help: 'options', number: 'three', plugin: '' }));
  expect(found[0]).toEqual({ aspect: 'file', change: 'added', path: '/usr/share/plugin' });
  expect(controls).toBe(0);
});

test('other content counts only where two builds of the same thing have the same', async () => {
  expect(await compare(() => built('other', { help: 'options', number: 'three' }))).toEqual([]);
  expect(controls).toBe(1);
  const found = await compare(() => built('third', { help: 'more options', number: 'three' }));
  expect(found.map(({ aspect, path }) => [aspect, path])).toEqual([['content', '/usr/share/help']]);
});

test('the same image is not even read', async () => {
  expect(await compare(({ image }) => ({ passed: true, image }) as BuildOutcome)).toEqual([]);
});

test('an image that somebody has removed differs from nothing', async () => {
  const comparing = compare((base) => {
    rmSync(base.image ?? '', { recursive: true });
    return built('other', {});
  });
  await expect(comparing).rejects.toThrow(UserError);
});
