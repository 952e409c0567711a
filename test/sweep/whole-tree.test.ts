/** A sweep of a tree of Gentoo's size. `npm run bench:sweep` prints the figures. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { describeTree, EBUILDS } from '../../bench/sweep/generated-tree.ts';
import { measureSweep } from '../../bench/sweep/measured-sweep.ts';
import { simulateTree } from '../../bench/sweep/simulated-sweep.ts';

const folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-sweep-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('30,000 ebuilds', () => {
  test('are planned in 10 s, with 300 MB of memory, and the page stays small', () => {
    const { trials, plan, memory, page } = measureSweep(folder, EBUILDS);
    expect(trials).toBe(EBUILDS);
    expect(plan).toBeLessThan(10_000);
    expect(memory).toBeLessThan(300_000_000);
    expect(page).toBeLessThan(500_000);
  }, 60_000);

  test.each([1, 2, 100])(
    'keep %i workers busy to the end, with the durations that trials took',
    async (jobs) => {
      const tree = simulateTree(describeTree(EBUILDS));
      const [took, least] = [await tree.sweep(tree.planned, jobs), tree.leastFor(jobs)];
      expect(took / least).toBeGreaterThanOrEqual(1 - 1e-9);
      expect(took / least).toBeLessThan(1.01);
    },
    60_000,
  );
});
