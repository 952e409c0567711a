import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { createReadingTasks, type ReadingTasks } from './reading-tasks.ts';
import type { ReadingAnswer, ReadingCall } from './reading-worker.ts';

/** Reports that a task took more time or memory than it may. */
export class GivenUp extends Error {}

export type TaskName = keyof ReadingTasks;
export type TaskInput<Name extends TaskName> = Parameters<ReadingTasks[Name]>[0];
export type TaskResult<Name extends TaskName> = ReturnType<ReadingTasks[Name]>;

/** The thread that runs tasks one after another, so that this one can answer an editor meanwhile. */
export interface ReadingThread {
  /**
   * @param milliseconds after this time the thread is ended; the next task starts another one
   * @throws GivenUp if the time or the memory is used up, and the signal's reason
   */
  run<Name extends TaskName>(
    name: Name,
    input: TaskInput<Name>,
    milliseconds: number,
  ): Promise<TaskResult<Name>>;
  /** Ends the thread, whatever it does. */
  close(): void;
}

/** The worker beside the bundles `dist/server/main.mjs` and `dist/cli/ebuild-audit.mjs`. */
const WORKER = new URL('../worker/reading-worker.mjs', import.meta.url);

/** In MiB: enough for the descriptions of three images with half a million files each. */
const MOST_MEMORY = 2048;

/** @param signal ends the running task, whose call rejects with the reason */
export function createReadingThread(signal: AbortSignal | undefined): ReadingThread {
  // The sources are run by tests and benchmarks, and Node 20 cannot read them in a thread.
  if (!existsSync(fileURLToPath(WORKER))) return runHere(signal);
  let worker: Worker | undefined;
  let last = 0;
  const running = new Map<number, (error: Error) => void>();

  const end = (error: Error): void => {
    void worker?.terminate();
    worker = undefined;
    for (const reject of running.values()) reject(error);
    running.clear();
  };
  const start = (): Worker => {
    const started = new Worker(WORKER, { resourceLimits: { maxOldGenerationSizeMb: MOST_MEMORY } });
    // A thread that waits for its next task must not keep the process alive.
    started.unref();
    started.on('error', (error: NodeJS.ErrnoException) => {
      if (worker === started)
        end(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? new GivenUp(error.message) : error);
    });
    return started;
  };
  const abort = () => end(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });

  return {
    run(task, input, milliseconds) {
      signal?.throwIfAborted();
      worker ??= start();
      const used = worker;
      last += 1;
      const id = last;
      return new Promise((resolve, reject) => {
        const finish = () => {
          clearTimeout(timer);
          used.off('message', take);
          running.delete(id);
        };
        const take = (answer: ReadingAnswer) => {
          if (answer.id !== id) return;
          finish();
          if ('error' in answer) reject(new Error(answer.error));
          else resolve(answer.result as TaskResult<typeof task>);
        };
        const timer = setTimeout(() => end(new GivenUp(`${task} took too long`)), milliseconds);
        running.set(id, (error) => {
          finish();
          reject(error);
        });
        used.on('message', take);
        used.postMessage({ id, task, input } satisfies ReadingCall);
      });
    },
    close() {
      signal?.removeEventListener('abort', abort);
      end(new Error('the thread was closed'));
    },
  };
}

/** Runs the tasks in this thread, without limits of time and memory. */
function runHere(signal: AbortSignal | undefined): ReadingThread {
  const tasks = createReadingTasks();
  return {
    async run(name, input) {
      signal?.throwIfAborted();
      return (tasks[name] as (given: typeof input) => TaskResult<typeof name>)(input);
    },
    close: () => {},
  };
}
