import { planSweep } from '../../server/src/sweep/plan.ts';
import { runSweep, type SweepTrial } from '../../server/src/sweep/run-sweep.ts';
import { selectEbuilds } from '../../server/src/sweep/swept-ebuild.ts';
import type { TreeEbuild } from './generated-tree.ts';
import { createVirtualRunner, createVirtualTime } from './virtual-time.ts';

/** A tree whose sweep takes virtual time. */
export interface SimulatedTree {
  /** The trials in the order of the plan, and in that of the paths. */
  readonly planned: readonly SweepTrial[];
  readonly byPath: readonly SweepTrial[];
  /** The time from the first trial to the end of the last, in milliseconds. */
  sweep(trials: readonly SweepTrial[], jobs: number): Promise<number>;
  /** The least time that so many workers need: each trial has one worker. In milliseconds. */
  leastFor(jobs: number): number;
}

export function simulateTree(tree: readonly TreeEbuild[]): SimulatedTree {
  const durations = new Map(tree.map(({ file, duration }) => [`/tree/${file}`, duration]));
  const durationOf = (path: string) => durations.get(path) ?? 0;
  const swept = selectEbuilds(
    [...durations.keys()].map((path) => ({ path, isNamed: false })),
    { live: true, newest: false },
  );
  const planned = planSweep(tree).flatMap(({ at, expected }) => {
    const ebuild = swept[at];
    return ebuild === undefined ? [] : [{ ebuild, expected }];
  });
  return {
    planned,
    byPath: swept.map((ebuild) => ({ ebuild, expected: durationOf(ebuild.path) })),
    async sweep(trials, jobs) {
      const time = createVirtualTime();
      const runner = createVirtualRunner(time, durationOf);
      const sweep = runSweep(
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
      );
      await time.during(sweep);
      return time.now();
    },
    leastFor(jobs) {
      let sum = 0;
      let longest = 0;
      for (const { duration } of tree) {
        sum += duration;
        longest = Math.max(longest, duration);
      }
      return Math.max(sum / jobs, longest);
    },
  };
}
