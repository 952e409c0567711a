import type { TrialRecord } from '../audit/record.ts';
import { isForUser, UserError } from '../errors/user-error.ts';
import { describeFailure } from '../host/failure-sentence.ts';
import type { TrialRequest, TrialRunner } from '../trial/trial.ts';
import { createEstimate, type Pace } from './estimate.ts';
import type { Found, SweepExtent, SweepLine } from './journal.ts';
import type { SweptEbuild } from './swept-ebuild.ts';

export interface SweepOptions extends SweepExtent {
  /** The number of trials that run at the same time. */
  readonly jobs: number;
  /** Whether to build even if the record of an earlier trial answers. */
  readonly fresh: boolean;
}

/** An ebuild that is to be tried. */
export interface SweepTrial {
  readonly ebuild: SweptEbuild;
  /** How long the trial will take, in milliseconds. */
  readonly expected: number;
}

/** What the report says of an ebuild besides the trial. */
export interface Belonging {
  /** The name of the repository. */
  readonly repository: string;
  readonly maintainers: readonly string[];
  readonly eclasses: readonly string[];
}

/** How far a sweep has come. */
export interface SweepProgress extends Pace {
  /** Ebuilds that have ended since the sweep began or went on. */
  readonly done: number;
  readonly total: number;
  readonly running: number;
  /** Ebuilds that wait for another attempt. */
  readonly again: number;
  /** Whether no more trials are started, and those that run are waited for. */
  readonly isStopping: boolean;
}

export interface SweepWorld {
  readonly runner: Pick<TrialRunner, 'run'>;
  readFile(path: string): Promise<string>;
  /** Judges the record of an ebuild and describes what it has found; total. */
  describe(ebuild: SweptEbuild, text: string, record: TrialRecord): Found;
  /** Total. @param text undefined if it cannot be read */
  belongingOf(ebuild: SweptEbuild, text: string | undefined): Belonging;
  /** @throws UserError if no ebuild at all can be tried, for example because the root is gone */
  check(): Promise<void>;
  /** Takes the line of each ebuild as it ends. @throws UserError if it cannot be kept */
  write(line: SweepLine): void;
  watch(progress: SweepProgress): void;
  /** Milliseconds of a clock that never goes back. */
  now(): number;
  /** Milliseconds since the epoch. */
  date(): number;
}

/** How often an ebuild is tried if each attempt fails for a passing reason. */
export const MOST_ATTEMPTS = 4;

/**
 * The number of ebuilds, for each trial that may run at the same time, that may fail for passing reasons in a row. If no trial ends otherwise
 * in between, nothing is passing about the reason: the sweep stops, and no ebuild is blamed.
 */
const MOST_IN_A_ROW = 3;

/** An ebuild in the queue. */
interface Waiting extends SweepTrial {
  readonly attempts: number;
}

/**
 * Runs the trials of a sweep, several at the same time, in the order of the list. What fails for a passing reason, such as a lost worker, is
 * tried again after all others.
 *
 * @param signal cancels the trials; ebuilds that were cancelled get no line, and the signal's reason is thrown
 * @throws UserError if nothing can be tried any more; trials that were running have ended then
 */
export async function runSweep(
  trials: readonly SweepTrial[],
  options: SweepOptions,
  world: SweepWorld,
  signal?: AbortSignal,
): Promise<void> {
  const queue = createQueue(trials);
  const cancellation = shareSignal(signal);
  const began = world.now();
  const estimate = createEstimate(
    options.jobs,
    trials.map(({ expected }) => expected),
  );
  const counts = { done: 0, running: 0 };
  /** The ebuilds that have failed for passing reasons since another trial ended otherwise. */
  const inARow = new Set<SweptEbuild>();
  /** The reason why no more trials are started. */
  let stop: { readonly error: unknown } | undefined;

  const watch = () => {
    const pace = estimate.read(world.now() - began);
    world.watch({
      ...counts,
      ...pace,
      total: trials.length,
      again: queue.again(),
      isStopping: stop !== undefined || signal?.aborted === true,
    });
  };
  const end = (trial: SweepTrial, took: number, line: SweepLine) => {
    world.write(line);
    counts.done++;
    estimate.note(trial.expected, took);
  };
  const attempt = async (waiting: Waiting): Promise<void> => {
    const start = world.now();
    const result = await cancellation.during((own) => tryEbuild(waiting.ebuild, options, world, own));
    const took = world.now() - start;
    if (result.kind === 'found') {
      inARow.clear();
      return end(waiting, took, lineOf(waiting, result.text, { took, ...result }, world));
    }
    const { error, text } = result;
    const reach = isForUser(error) ? error.reach : 'passing';
    if (reach === 'all') throw error;
    const attempts = waiting.attempts + 1;
    if (reach === 'passing') {
      inARow.add(waiting.ebuild);
      if (inARow.size >= MOST_IN_A_ROW * options.jobs) throw explainRow(error, inARow.size);
      if (attempts < MOST_ATTEMPTS) return queue.putBack({ ...waiting, attempts });
    } else {
      inARow.clear();
      // A reason that seems to be the ebuild's may be that of all: then the ebuild gets no line.
      await world.check();
    }
    const problem = describeFailure(error);
    end(
      waiting,
      took,
      lineOf(waiting, text, { took, problem, passing: reach === 'passing', attempts }, world),
    );
  };
  const work = async (): Promise<void> => {
    for (;;) {
      const waiting = stop === undefined && signal?.aborted !== true ? queue.take() : undefined;
      if (waiting === undefined) return;
      counts.running++;
      watch();
      try {
        await attempt(waiting);
      } catch (error) {
        stop ??= { error };
      } finally {
        counts.running--;
        watch();
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.jobs, trials.length) }, work));
  cancellation.close();
  signal?.throwIfAborted();
  if (stop !== undefined) throw stop.error;
}

/** The ebuilds that wait, those that are tried again last. */
function createQueue(trials: readonly SweepTrial[]) {
  let next = 0;
  const again: Waiting[] = [];
  let nextAgain = 0;
  return {
    take(): Waiting | undefined {
      const trial = trials[next];
      if (trial !== undefined) {
        next++;
        return { ...trial, attempts: 0 };
      }
      return again[nextAgain] && again[nextAgain++];
    },
    putBack: (waiting: Waiting) => void again.push(waiting),
    again: () => again.length - nextAgain,
  };
}

/**
 * Gives each piece of work a signal of its own, which is aborted with the shared one: what a trial leaves at its signal goes with the trial, and
 * the shared one has one listener, however many trials run.
 */
function shareSignal(shared: AbortSignal | undefined) {
  const running = new Set<AbortController>();
  const cancel = () => {
    for (const controller of running) controller.abort(shared?.reason);
  };
  shared?.addEventListener('abort', cancel);
  return {
    async during<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
      const controller = new AbortController();
      running.add(controller);
      try {
        return await work(controller.signal);
      } finally {
        running.delete(controller);
      }
    },
    close: () => shared?.removeEventListener('abort', cancel),
  };
}

type Attempt =
  | { readonly kind: 'found'; readonly text: string; readonly found: Found; readonly record: TrialRecord }
  | { readonly kind: 'failed'; readonly text: string | undefined; readonly error: unknown };

/** @throws the signal's reason */
async function tryEbuild(
  ebuild: SweptEbuild,
  { fresh, quick, tests, matrix, flags }: SweepOptions,
  world: SweepWorld,
  signal: AbortSignal,
): Promise<Attempt> {
  let text: string | undefined;
  try {
    text = await world.readFile(ebuild.path);
    const request: TrialRequest = {
      file: ebuild.path,
      text,
      fresh,
      quick,
      ...(tests && { tests }),
      ...(matrix !== undefined && { matrix }),
      ...(flags !== undefined && { flags }),
    };
    const record = await world.runner.run(request, { progress() {}, record() {} }, signal);
    return { kind: 'found', text, record, found: world.describe(ebuild, text, record) };
  } catch (error) {
    signal.throwIfAborted();
    return { kind: 'failed', text, error };
  }
}

type Ended =
  | { readonly took: number; readonly found: Found; readonly record: TrialRecord }
  | {
      readonly took: number;
      readonly problem: string;
      readonly passing: boolean;
      readonly attempts: number;
    };

function lineOf(
  { ebuild }: SweepTrial,
  text: string | undefined,
  ended: Ended,
  world: Pick<SweepWorld, 'belongingOf' | 'date'>,
): SweepLine {
  const { file } = ebuild;
  const name = file.slice(file.lastIndexOf('/') + 1, -'.ebuild'.length);
  const { repository, maintainers, eclasses } = world.belongingOf(ebuild, text);
  const common = {
    file,
    repository,
    package: `${file.slice(0, file.indexOf('/'))}/${name}`,
    time: new Date(world.date()).toISOString(),
    maintainers,
    eclasses,
  };
  if ('problem' in ended) {
    const { took, problem, passing, attempts } = ended;
    return { ...common, duration: Math.round(took), problem, passing, attempts };
  }
  const duration = Math.round(ended.record.time?.took ?? ended.took);
  return { ...common, duration, ...ended.found };
}

function explainRow(error: unknown, count: number): UserError {
  return new UserError(
    `${count} ebuilds in a row could not be tried, the last because: ${describeFailure(error).replace(/\.$/, '')}; mend that and go on with --resume.`,
    { cause: error, reach: 'all' },
  );
}
