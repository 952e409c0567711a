import type { TrialListener, TrialProgress } from './trial.ts';

/** Tells a listener how far a trial is. */
export interface Progress {
  /** @param packagesSeen in the run that is going on; the listener is told the most of all runs */
  show(phase: string, packagesSeen: number): void;
  /** From now on what is built is built to confirm a suspicion. */
  confirm(): void;
  /** From now on what is built is compared with the build that passed. */
  compare(): void;
}

/** A build makes thousands of accesses a second; a person reads a few lines. In milliseconds. */
const PAUSE = 200;

/** @param now milliseconds of a clock that never goes back */
export function createProgress(now: () => number, listener: Pick<TrialListener, 'progress'>): Progress {
  const began = now();
  let purpose: 'confirming ' | 'comparing ' | '' = '';
  let last: TrialProgress | undefined;
  let mostSeen = 0;
  return {
    confirm: () => {
      purpose = 'confirming ';
    },
    compare: () => {
      purpose = 'comparing ';
    },
    show(phase, packagesSeen) {
      const elapsed = now() - began;
      mostSeen = Math.max(mostSeen, packagesSeen);
      const shown = `${purpose}${phase}`;
      if (last !== undefined && last.phase === shown && elapsed - last.elapsed < PAUSE) return;
      last = { phase: shown, elapsed, packagesSeen: mostSeen };
      listener.progress(last);
    },
  };
}
