import type { TrialListener, TrialProgress } from './trial.ts';

/** Reports the progress of a trial to a listener. */
export interface Progress {
  /** @param packagesSeen in the current run; the listener gets the maximum of all runs */
  show(phase: string, packagesSeen: number): void;
  /** The builds from now on confirm suspects. */
  confirm(): void;
  /** The builds from now on are compared with the base build. */
  compare(): void;
}

/** Milliseconds between two reports of one phase. A build makes thousands of accesses a second, and a person reads a few lines. */
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
