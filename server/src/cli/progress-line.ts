import type { TrialProgress } from '../trial/trial.ts';

/** Where progress is shown: standard error, so that standard output holds the report alone. */
export interface ProgressOutput {
  readonly isTTY: boolean;
  readonly columns: number;
  write(text: string): void;
}

export interface ProgressLine {
  show(progress: TrialProgress): void;
  clear(): void;
}

/** One line that is written over on a terminal; elsewhere a plain line each time the phase changes. */
export function createProgressLine(title: string, output: ProgressOutput): ProgressLine {
  let last = '';
  let drawn = false;
  return {
    show({ phase, elapsed, packagesSeen }) {
      const seconds = (elapsed / 1000).toFixed(1);
      const line = `${title}: ${phase}, ${seconds} s, ${packagesSeen} ${packagesSeen === 1 ? 'package' : 'packages'} seen`;
      if (output.isTTY) {
        output.write(`\r\u001b[2K${line.slice(0, Math.max(20, output.columns - 1))}`);
        drawn = true;
      } else if (phase !== last) output.write(`${line}\n`);
      last = phase;
    },
    clear() {
      if (drawn) output.write('\r\u001b[2K');
      drawn = false;
    },
  };
}
