/** The error of a trial that was cancelled, with the reason. */
export class TrialCancelled extends Error {
  override readonly name = 'TrialCancelled';
  readonly why: 'asked' | 'replaced' | 'stopped';
  constructor(why: TrialCancelled['why']) {
    super(
      {
        asked: 'The trial was cancelled.',
        replaced: 'A newer trial replaced this one.',
        stopped: 'The trial was cancelled because Ebuild Audit is ending.',
      }[why],
    );
    this.why = why;
  }
}

interface Job {
  readonly key: string;
  readonly controller: AbortController;
  /** Runs the work and settles the promise of `submit`; never rejects. */
  start(): Promise<void>;
  /** Settles that promise for a job that never started. */
  drop(reason: TrialCancelled): void;
}

/** Runs a few trials at once. The others wait in the order of their submission, and only the newest of one ebuild counts. */
export interface TrialQueue {
  /**
   * Runs `work` when it is its turn. A waiting job with the same key is replaced in its turn. A running one is cancelled, and the new one
   * starts after it has ended.
   *
   * @param key the ebuild
   * @param asked aborted when the caller no longer wants the trial
   * @returns the result of `work`; rejects with {@link TrialCancelled}, or with the error of `work`
   */
  submit<T>(key: string, work: (signal: AbortSignal) => Promise<T>, asked?: AbortSignal): Promise<T>;
  /** Cancels the running and the waiting job of a key. */
  cancel(key: string): void;
  /** The keys of the jobs that run. */
  running(): readonly string[];
  /** Changes the number of jobs that run at once; running jobs are not cancelled. */
  resize(atOnce: number): void;
  /** Cancels all jobs; resolves when none runs any more. */
  stop(): Promise<void>;
}

/** @param atOnce the number of jobs that may run at once */
export function createTrialQueue(atOnce = 1): TrialQueue {
  let places = atOnce;
  const running = new Map<Job, Promise<void>>();
  const waiting: Job[] = [];
  let stopped = false;

  const runningUnder = (key: string) => [...running.keys()].find((job) => job.key === key);

  function startNext(): void {
    while (running.size < places) {
      const index = waiting.findIndex(({ key }) => runningUnder(key) === undefined);
      const [job] = index < 0 ? [] : waiting.splice(index, 1);
      if (job === undefined) return;
      // The job is in the map before it starts, because its work may call the queue at once.
      running.set(job, Promise.resolve());
      const end = job.start().then(() => {
        running.delete(job);
        startNext();
      });
      running.set(job, end);
    }
  }

  function end(job: Job | undefined, why: TrialCancelled['why']): void {
    if (job === undefined) return;
    if (running.has(job)) job.controller.abort(new TrialCancelled(why));
    const index = waiting.indexOf(job);
    if (index < 0) return;
    waiting.splice(index, 1);
    job.drop(new TrialCancelled(why));
  }

  return {
    submit(key, work, asked) {
      if (stopped) return Promise.reject(new TrialCancelled('stopped'));
      if (asked?.aborted) return Promise.reject(new TrialCancelled('asked'));
      return new Promise((resolve, reject) => {
        const controller = new AbortController();
        const onAsked = () => end(job, 'asked');
        const job: Job = {
          key,
          controller,
          async start() {
            try {
              resolve(await work(controller.signal));
            } catch (error) {
              // The work may have wrapped the reason of the abort in another error.
              reject(controller.signal.aborted ? controller.signal.reason : error);
            } finally {
              asked?.removeEventListener('abort', onAsked);
            }
          },
          drop(reason) {
            asked?.removeEventListener('abort', onAsked);
            reject(reason);
          },
        };
        asked?.addEventListener('abort', onAsked);
        const turn = waiting.findIndex((waitingJob) => waitingJob.key === key);
        if (turn < 0) waiting.push(job);
        else {
          const [replaced] = waiting.splice(turn, 1, job);
          replaced?.drop(new TrialCancelled('replaced'));
        }
        end(runningUnder(key), 'replaced');
        startNext();
      });
    },
    cancel(key) {
      end(
        waiting.find((job) => job.key === key),
        'asked',
      );
      end(runningUnder(key), 'asked');
    },
    running: () => [...running.keys()].map(({ key }) => key),
    resize(count) {
      places = count;
      startNext();
    },
    async stop() {
      stopped = true;
      for (const job of [...waiting, ...running.keys()]) end(job, 'stopped');
      await Promise.all(running.values());
    },
  };
}
