/**
 * `npm run bench:sweep`: a model of the sweep of a tree of Gentoo's size. The trials take virtual time, as long as those of the generated tree
 * took the last time; everything else is the code of `ebuild-audit sweep`. Prints how long the sweep takes with 1, 2 and 100 workers, in the
 * order of the plan and in that of the paths, and what planning it costs.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { planSweep } from '../../server/src/sweep/plan.ts';
import { runSweep, type SweepTrial } from '../../server/src/sweep/run-sweep.ts';
import { type SweptEbuild, selectEbuilds } from '../../server/src/sweep/swept-ebuild.ts';
import { formatColumns, formatTarget } from '../table.ts';
import { describeTree, EBUILDS } from './generated-tree.ts';
import { measureSweep } from './measured-sweep.ts';
import { createVirtualRunner, createVirtualTime } from './virtual-time.ts';

const { values } = parseArgs({ options: { ebuilds: { type: 'string', default: String(EBUILDS) } } });
const count = Number(values.ebuilds);
const WORKERS = [1, 2, 100];
const HOUR = 3_600_000;
const MIB = 2 ** 20;

const tree = describeTree(count);
const byPath = new Map(tree.map((ebuild) => [`/tree/${ebuild.file}`, ebuild]));
const swept = selectEbuilds(
  [...byPath.keys()].map((path) => ({ path, isNamed: false })),
  { live: true, newest: false },
);

/** The trials in the order of the plan, or in that of the paths. */
function order(isPlanned: boolean): readonly SweepTrial[] {
  if (!isPlanned) return swept.map((ebuild) => ({ ebuild, expected: durationOf(ebuild) }));
  return planSweep(tree).flatMap(({ at, expected }) => {
    const ebuild = swept[at];
    return ebuild === undefined ? [] : [{ ebuild, expected }];
  });
}

const durationOf = ({ path }: SweptEbuild) => byPath.get(path)?.duration ?? 0;

/** The time from the first trial to the end of the last, in milliseconds. */
async function simulate(trials: readonly SweepTrial[], jobs: number): Promise<number> {
  const time = createVirtualTime();
  const runner = createVirtualRunner(time, (path) => byPath.get(path)?.duration ?? 0);
  await time.during(
    runSweep(
      trials,
      { jobs, fresh: false, quick: true, tests: false },
      {
        runner,
        check: async () => {},
        readFile: async () => '',
        describe: () => ({
          ...{ outcome: 'passed', failure: null, judged: true, findings: [], identities: [] },
          ...{ silenced: 0, log: '', storedAt: null },
        }),
        belongingOf: () => ({ repository: 'generated', maintainers: [], eclasses: [] }),
        write: () => {},
        watch: () => {},
        now: time.now,
        date: () => 0,
      },
    ),
  );
  return time.now();
}

/** The share of neighbours in the order that have the same dependencies. */
function shareAlike(trials: readonly SweepTrial[]): number {
  const keyOf = ({ ebuild }: SweepTrial) => [...(byPath.get(ebuild.path)?.needs ?? [])].sort().join();
  const alike = trials.filter((trial, at) => {
    const before = trials[at - 1];
    return before !== undefined && keyOf(before) === keyOf(trial);
  });
  return alike.length / trials.length;
}

const hours = (milliseconds: number) => (milliseconds / HOUR).toFixed(milliseconds < 100 * HOUR ? 1 : 0);
const durations = tree.map(({ duration }) => duration);
const sum = durations.reduce((whole, duration) => whole + duration, 0);
const longest = durations.reduce((most, duration) => Math.max(most, duration), 0);
const orders = [
  { name: 'the plan', trials: order(true) },
  { name: 'the paths', trials: order(false) },
];
const rows: string[][] = [];
for (const jobs of WORKERS) {
  const least = Math.max(sum / jobs, longest);
  for (const { name, trials } of orders) {
    const makespan = await simulate(trials, jobs);
    const perHour = (count * HOUR) / makespan;
    rows.push([
      String(jobs),
      name,
      hours(makespan),
      hours(least),
      (makespan / least).toFixed(4),
      perHour.toFixed(1),
      `${(100 * shareAlike(trials)).toFixed(0)} %`,
    ]);
  }
}
console.log(
  formatColumns(
    [
      'workers',
      'order of',
      'hours',
      'least possible',
      'ratio',
      'trials an hour',
      'same dependencies as before',
    ],
    rows,
  ),
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
