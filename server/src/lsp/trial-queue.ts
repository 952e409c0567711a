/** Why a trial was ended before it was done. */
export class TrialCancelled extends Error {
  override readonly name = 'TrialCancelled';
  readonly why: 'asked' | 'replaced' | 'stopped';
  constructor(why: TrialCancelled['why']) {
    super(
      {
        asked: 'The trial was cancelled.',
        replaced: 'A newer trial took the place of this one.',
        stopped: 'The language server is shutting down.',
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

/** One trial runs, one waits, and the newest request wins. */
export interface TrialQueue {
  /**
   * Runs `work` as soon as no other is running. A request that waits already is dropped for the new one, and a running one
   * with the same key is cancelled; the new one starts when nothing is left of it.
   *
   * @param asked aborted when whoever asked for the trial takes it back
   * @returns what `work` returns; rejects with {@link TrialCancelled}, or with what `work` rejects with
   */
  submit<T>(key: string, work: (signal: AbortSignal) => Promise<T>, asked?: AbortSignal): Promise<T>;
  /** Cancels what runs or waits under this key. */
  cancel(key: string): void;
  /** Cancels everything; resolves when nothing runs any more. */
  stop(): Promise<void>;
}

export function createTrialQueue(): TrialQueue {
  let running: Job | undefined;
  let pending: Job | undefined;
  let idle: Promise<void> = Promise.resolve();
  let stopped = false;

  function startNext(): void {
    if (running !== undefined || pending === undefined) return;
    const job = pending;
    running = job;
    pending = undefined;
    idle = job.start().then(() => {
      running = undefined;
      startNext();
    });
  }

  function end(job: Job, why: TrialCancelled['why']): void {
    if (job === running) job.controller.abort(new TrialCancelled(why));
    if (job === pending) {
      pending = undefined;
      job.drop(new TrialCancelled(why));
    }
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
        if (pending !== undefined) end(pending, 'replaced');
        pending = job;
        if (running?.key === key) end(running, 'replaced');
        startNext();
      });
    },
    cancel(key) {
      if (pending?.key === key) end(pending, 'asked');
      if (running?.key === key) end(running, 'asked');
    },
    async stop() {
      stopped = true;
      if (pending !== undefined) end(pending, 'stopped');
      if (running !== undefined) end(running, 'stopped');
      await idle;
    },
  };
}
