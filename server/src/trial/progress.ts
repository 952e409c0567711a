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

/** The phases of a build that take time, in their order (PMS 9). */
const STEPS: readonly string[] = ['unpack', 'prepare', 'configure', 'compile', 'test', 'install'];

/** The phase of a progress and its number, e.g. `comparing compile (step 4 of 6)`. */
export function describeStep(phase: string): string {
  const [, before = '', name = '', after = ''] = /^((?:\w+ing )?)(\w+)(.*)$/s.exec(phase) ?? [];
  const step = STEPS.indexOf(name);
  return step < 0 ? phase : `${before}${name} (step ${step + 1} of ${STEPS.length})${after}`;
}

/** The time of a progress, e.g. `12 s of about 45 s`. @param digits after the point */
export function describeElapsed(
  { elapsed, usual }: Pick<TrialProgress, 'elapsed' | 'usual'>,
  digits = 0,
): string {
  const factor = 10 ** digits;
  const seconds = `${(Math.floor((elapsed / 1000) * factor) / factor).toFixed(digits)} s`;
  // After that time the estimate was wrong.
  return usual === undefined || usual < elapsed
    ? seconds
    : `${seconds} of about ${Math.ceil(usual / 1000)} s`;
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
