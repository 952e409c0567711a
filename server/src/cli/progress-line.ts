import { showLine } from '../errors/visible-text.ts';
import { describeElapsed } from '../trial/progress.ts';
import type { TrialProgress } from '../trial/trial.ts';

/** The destination of progress: standard error, so that standard output has only the report. */
export interface ProgressOutput {
  readonly isTTY: boolean;
  readonly columns: number;
  write(text: string): void;
}

/** The progress of one trial. */
export interface ProgressLine {
  show(progress: TrialProgress): void;
  /** The trial has ended. */
  end(): void;
}

/** The progress of all running trials, on one line. */
export interface ProgressBoard {
  open(title: string): ProgressLine;
  /** Erases the line to make room for the report; the next progress draws it again. */
  clear(): void;
}

/**
 * Shows progress as one line that is redrawn on a terminal; elsewhere as a plain line each time the phase of a trial
 * changes.
 */
export function createProgressBoard(output: ProgressOutput): ProgressBoard {
  const current = new Map<ProgressLine, string>();
  let drawn = false;
  const clear = () => {
    if (drawn) output.write('\r\u001b[2K');
    drawn = false;
  };
  const draw = () => {
    const line = [...current.values()].join(' · ');
    output.write(`\r\u001b[2K${line.slice(0, Math.max(20, output.columns - 1))}`);
    drawn = true;
  };
  return {
    open(title) {
      let last = '';
      const line: ProgressLine = {
        show(progress) {
          const { phase, packagesSeen } = progress;
          const text = showLine(
            `${title}: ${phase}, ${describeElapsed(progress, 1)}, ${packagesSeen} ${packagesSeen === 1 ? 'package' : 'packages'}`,
          );
          current.set(line, text);
          if (output.isTTY) draw();
          else if (phase !== last) output.write(`${text}\n`);
          last = phase;
        },
        end() {
          current.delete(line);
          clear();
        },
      };
      return line;
    },
    clear,
  };
}
