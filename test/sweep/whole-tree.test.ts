/** A sweep of a tree of Gentoo's size, with trials that take no time. `npm run bench:sweep` prints the figures. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { EBUILDS } from '../../bench/sweep/generated-tree.ts';
import { measureSweep } from '../../bench/sweep/measured-sweep.ts';

const folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-sweep-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('30,000 ebuilds are planned in 10 s, with 300 MB of memory, and the page stays small', () => {
  const { trials, plan, memory, page } = measureSweep(folder, EBUILDS);
  expect(trials).toBe(EBUILDS);
  expect(plan).toBeLessThan(10_000);
  expect(memory).toBeLessThan(300_000_000);
  expect(page).toBeLessThan(500_000);
}, 60_000);
