/** The thread that reads what builds have left. Its bundle is `dist/worker/reading-worker.mjs`. */
import { parentPort } from 'node:worker_threads';
import { createReadingTasks, type ReadingTasks } from './reading-tasks.ts';

/** A call of a task. */
export interface ReadingCall {
  readonly id: number;
  readonly task: keyof ReadingTasks;
  readonly input: unknown;
}

/** The result of a call, or the message of its error. */
export type ReadingAnswer =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string };

const tasks = createReadingTasks();
parentPort?.on('message', ({ id, task, input }: ReadingCall) => {
  const answer = (): ReadingAnswer => {
    try {
      return { id, result: (tasks[task] as (given: unknown) => unknown)(input) };
    } catch (error) {
      return { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
  };
  parentPort?.postMessage(answer());
});
