import { branchWorkFolder, type WorkFolder } from '../../evaluation/work-folder.ts';
import type { BuildLog } from './build-log.ts';

/** Where one build runs at a time. */
export interface Lane {
  readonly folder: WorkFolder;
  readonly log: BuildLog;
  /** Whether its builds are the ones that the user sees the progress of. */
  readonly isShown: boolean;
}

/** The lanes of one trial. Builds that do not depend on each other run side by side in them. */
export interface Lanes {
  /** Runs a build in a lane that is free, or waits for one. */
  run<Result>(build: (lane: Lane) => Promise<Result>): Promise<Result>;
}

/** More builds of one trial than these are seldom independent of each other. */
const MOST_LANES = 2;

/** The memory that one build process may need (the Gentoo handbook on MAKEOPTS). */
const BYTES_PER_JOB = 2 * 1024 ** 3;

/**
 * How many builds may run side by side.
 *
 * @param jobs the build processes of one build; a user who allows one wants no second build
 * @param memory of this machine, in bytes
 */
export function countLanes(jobs: number, memory: number): number {
  const most = jobs < 2 ? 1 : MOST_LANES;
  return Math.max(1, Math.min(most, Math.floor(memory / (jobs * BYTES_PER_JOB))));
}

/**
 * @param folder, log of the first lane; those of the others are made when they are needed
 * @param count see {@link countLanes}
 */
export function createLanes(folder: WorkFolder, log: BuildLog, count: number): Lanes {
  const free: Lane[] = [{ folder, log, isShown: true }];
  let made = 1;
  const waiting: ((lane: Lane) => void)[] = [];
  const take = async (): Promise<Lane> => {
    const lane = free.shift();
    if (lane !== undefined) return lane;
    if (made < count) {
      made += 1;
      return { folder: branchWorkFolder(folder, made), log: log.branch(), isShown: false };
    }
    return new Promise((resolve) => waiting.push(resolve));
  };
  const giveBack = (lane: Lane) => {
    lane.log.flush();
    const next = waiting.shift();
    if (next !== undefined) next(lane);
    // The lane whose progress is shown is taken first.
    else if (lane.isShown) free.unshift(lane);
    else free.push(lane);
  };
  return {
    async run(build) {
      const lane = await take();
      try {
        return await build(lane);
      } finally {
        giveBack(lane);
      }
    },
  };
}

/**
 * Runs some jobs at the same time and waits for all of them, because a build that goes on must not outlive its trial.
 *
 * @returns the results in the order of the jobs
 * @throws the error of the first of the jobs that has one
 */
export async function runSideBySide<Result>(
  jobs: readonly (() => Promise<Result>)[],
): Promise<readonly Result[]> {
  const ended = await Promise.allSettled(jobs.map((job) => job()));
  return ended.map((end) => {
    if (end.status === 'rejected') throw end.reason;
    return end.value;
  });
}
