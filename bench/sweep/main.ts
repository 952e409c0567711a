/**
 * `npm run bench:sweep`: a model of the sweep of a tree of Gentoo's size. The trials take virtual time, as long as those of the generated tree
 * took the last time; everything else is the code of `ebuild-audit sweep`. Prints how long the sweep takes with 1, 2 and 100 workers, in the
 * order of the plan and in that of the paths, and what planning it costs.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { formatColumns, formatTarget } from '../table.ts';
import { describeTree, EBUILDS } from './generated-tree.ts';
import { measureSweep } from './measured-sweep.ts';
import { simulateTree } from './simulated-sweep.ts';

const { values } = parseArgs({ options: { ebuilds: { type: 'string', default: String(EBUILDS) } } });
const count = Number(values.ebuilds);
const WORKERS = [1, 2, 100];
const HOUR = 3_600_000;
const MIB = 2 ** 20;

const hours = (milliseconds: number) => (milliseconds / HOUR).toFixed(milliseconds < 100 * HOUR ? 1 : 0);

const tree = simulateTree(describeTree(count));
const rows: string[][] = [];
for (const jobs of WORKERS) {
  const least = tree.leastFor(jobs);
  for (const [name, trials] of [
    ['the plan', tree.planned],
    ['the paths', tree.byPath],
  ] as const) {
    const took = await tree.sweep(trials, jobs);
    const perHour = ((count * HOUR) / took).toFixed(1);
    rows.push([String(jobs), name, hours(took), hours(least), (took / least).toFixed(4), perHour]);
  }
}
console.log(
  formatColumns(['workers', 'order of', 'hours', 'least possible', 'ratio', 'trials an hour'], rows),
);

const folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-bench-sweep-'));
try {
  const { plan, whole, memory, page, journal } = measureSweep(folder, count);
  console.log();
  console.log(
    formatColumns(
      ['what', 'figure', 'wanted'],
      [
        [
          `finding, reading and planning ${count} ebuilds`,
          `${(plan / 1000).toFixed(1)} s`,
          formatTarget({ text: '≤ 10 s', met: plan <= 10_000 }),
        ],
        ['the whole sweep, with trials that take no time', `${(whole / 1000).toFixed(1)} s`, ''],
        [
          'memory',
          `${(memory / MIB).toFixed(0)} MiB`,
          formatTarget({ text: '≤ 300 MB', met: memory <= 300_000_000 }),
        ],
        ['index.html', `${(page / 1000).toFixed(0)} kB`, ''],
        ['sweep.jsonl', `${(journal / 1e6).toFixed(0)} MB`, ''],
      ],
    ),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
