import { setTimeout as wait } from 'node:timers/promises';
import { RemoteProblem } from '../api/remote-problem.ts';

/** In milliseconds; each further wait is twice as long. */
const FIRST_WAIT = 500;
const LONGEST_WAIT = 30_000;
/** Enough for a server that is started again. */
export const MOST_TRIES = 6;

/** Does something again, after a wait, while it fails for a reason that may pass. */
export async function retry<Result>(
  action: () => Promise<Result>,
  signal?: AbortSignal,
  mostTries = MOST_TRIES,
): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof RemoteProblem) || !error.isPassing || tries >= mostTries) throw error;
      await waitBefore(tries, signal);
    }
  }
}

/** Waits before something is tried again. @param tries how often it was tried */
export async function waitBefore(tries: number, signal?: AbortSignal): Promise<void> {
  const longest = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (tries - 1));
  // By chance, so that many clients of a server that comes back do not come all at once.
  const time = longest * (0.5 + Math.random() / 2);
  await wait(time, undefined, signal === undefined ? {} : { signal }).catch((error) => {
    signal?.throwIfAborted();
    throw error;
  });
}
