import { constants } from 'node:os';
import { COULD_NOT_RUN } from './exit-status.ts';

/** The time that a command has to clean up after a signal, in milliseconds. */
const PATIENCE = 800;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The part of a process that signals and ends it. */
export interface Interruptible {
  on(signal: NodeJS.Signals, listener: () => void): unknown;
  exit(status: number): void;
}

/**
 * Makes signals cancel a command instead of killing it, so that it can clean up first. If it does not end within a second, or if a second
 * signal comes, it is ended. The helper of a sandbox notices that and ends all processes of the sandbox, and the next trial removes the
 * folder that is left.
 *
 * @param sentence the reason of the cancellation
 * @param complain called with one sentence if the command is ended before it has cleaned up
 * @param next the command that then removes what is left
 */
export function catchSignals(
  sentence: string,
  complain: (sentence: string) => void,
  own: Interruptible = process,
  next: 'trial' | 'review' | 'sweep' = 'trial',
): AbortSignal {
  const interrupted = new AbortController();
  const end = (status: number) => {
    complain(
      `${sentence.replace(/\.$/, '')}: it was ended in the middle, and the next ${next} removes what it has left.`,
    );
    own.exit(status);
  };
  for (const signal of SIGNALS)
    own.on(signal, () => {
      if (interrupted.signal.aborted) end(128 + constants.signals[signal]);
      interrupted.abort(new Error(sentence));
      // It must not keep a command alive that has ended.
      setTimeout(() => end(COULD_NOT_RUN), PATIENCE).unref();
    });
  return interrupted.signal;
}
