/** Why a trial was ended before it was done. */
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
  /** Runs the work and settles the promise that `submit` gave out; never rejects. */
  start(): Promise<void>;
  /** Settles that promise for a job that never started. */
  drop(reason: TrialCancelled): void;
}

/** A few trials run, the others wait in the order in which they came, and of one ebuild only the newest counts. */
export interface TrialQueue {
  /**
   * Runs `work` when it is its turn. One with the same key that waits already is dropped, and the new one takes its turn; one that runs is
   * cancelled, and the new one does not start before nothing is left of it.
   *
   * @param key the ebuild
   * @param asked aborted when whoever asked for the trial takes it back
   * @returns what `work` returns; rejects with {@link TrialCancelled}, or with what `work` rejects with
   */
  submit<T>(key: string, work: (signal: AbortSignal) => Promise<T>, asked?: AbortSignal): Promise<T>;
  /** Cancels what runs or waits under this key. */
  cancel(key: string): void;
  /** Lets this many run at once from now on; those that run already are not cancelled. */
  resize(atOnce: number): void;
  /** Cancels everything; resolves when nothing runs any more. */
  stop(): Promise<void>;
}

/** @param atOnce how many may run at the same time */
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
      // Noted first: the work may ask the queue for something before it first waits.
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
              // Whatever form the abort took on its way through the work, the asker hears why.
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
        const turn = waiting.findIndex((other) => other.key === key);
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
